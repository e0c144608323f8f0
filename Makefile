# Every task of this repository. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

EXAMPLE ?= quickstart
PREFIX ?= /usr/local

# Builds leave folders in TMPDIR; this gives each command a short-lived one.
swift := scripts/in-temporary-folder swift
# The frontend's option makes code reach generic types by a call instead of a name that is looked up
# at the first use: every look-up reads ten thousand records, together a third of `status`. Nobody
# loads code into this program: its symbols need no names, which the runtime would search at the start.
release := $(swift) build -c release --static-swift-stdlib -Xlinker -s -Xlinker --no-export-dynamic \
	-Xswiftc -Xfrontend -Xswiftc -disable-concrete-type-metadata-mangled-name-accessors --product
ours := Sources Tests Package.swift
results := .build/results

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {name[++n] = $$1; text[n] = $$2; if (length($$1) > w) w = length($$1)} \
		END {for (i = 1; i <= n; i++) printf "  make %-" w "s  %s\n", name[i], text[i]}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install what this machine lacks, from Debian and PyPI
	@scripts/setup

.PHONY: build
build: setup ## the release binary: .build/release/bluegreen
	$(release) bluegreen

.PHONY: backend
backend: setup ## the small web shop of the tutorial: .build/release/example-backend
	$(release) example-backend

.PHONY: debug-build
debug-build: setup
	$(swift) build --build-tests --explicit-target-dependency-import-check error

# What waits for real sockets and processes runs apart from what computes, and the proxy one test
# after the other: its time limits are real, and so are the two cores it shares with its clients.
.PHONY: test
test: debug-build ## the unit tests: seconds, after a first build of minutes
	@mkdir -p $(results) && rm -f $(results)/unit*
	$(swift) test --skip-build --skip '^(EmbeddedProxyTests|EndToEnd|LiveWorldTests|RoutersTests)\.' --xunit-output $(results)/unit.xml
	$(swift) test --skip-build --filter '^(LiveWorldTests|RoutersTests)\.' --xunit-output $(results)/unit-live.xml
	$(swift) test --skip-build --no-parallel --filter '^EmbeddedProxyTests\.' --xunit-output $(results)/unit-proxy.xml

# They run the binary that is shipped; BLUEGREEN_BIN=/path/to/bluegreen names another one.
ifndef BLUEGREEN_BIN
e2e-busy e2e-waiting e2e-newer: build backend
e2e-busy e2e-waiting e2e-newer: export BLUEGREEN_BIN := $(CURDIR)/.build/release/bluegreen
endif
.PHONY: e2e
e2e: e2e-busy e2e-waiting ## the end-to-end tests: a real proxy with traffic running, minutes

.PHONY: e2e-busy
e2e-busy: debug-build
	@mkdir -p $(results) && rm -f $(results)/e2e.xml
	$(swift) test --skip-build --filter '^EndToEnd\.' --skip '(FaultSuite|SoakTests|BakeTests|DemoTests)' --xunit-output $(results)/e2e.xml

# One after the other, waiting for clocks most of the time.
.PHONY: e2e-waiting
e2e-waiting: debug-build
	@mkdir -p $(results) && rm -f $(results)/e2e-faults.xml
	$(swift) test --skip-build --filter '^EndToEnd\.(FaultSuite|.*(SoakTests|BakeTests|DemoTests))' --no-parallel --xunit-output $(results)/e2e-faults.xml

# What can differ between two versions of a proxy, and not what is the same with every one.
newer_unit := ^RoutersTests\.(RouterContract|HAProxySnippetTests|HAProxyDocumentationTests|Real(HAProxy|Nginx|SlotProxy)Tests)
newer_e2e := ^EndToEnd\.(HAProxyRigTests|RealHAProxy/(Switch|Durability)Tests|RealSlots/(ProxySwitch|SlotFile|SlotSync|Nginx|NginxReload|Caddy|CaddyAPI)Tests)
newer_besides := ^EndToEnd\.RealHAProxy/.*(one.request.in.five|while.HAProxy.hangs|as.large.as.asked)
newer_not := killed.at.any.moment|by.a.reload.(is|loses)|proxy.that.hangs

.PHONY: e2e-newer
e2e-newer: export SWITCHES ?= 50
e2e-newer: debug-build ## the tests that hang on a proxy's version again, against newer ones
	@mkdir -p $(results) && rm -f $(results)/newer*
	scripts/with-newer-routers $(swift) test --skip-build --filter '$(newer_unit)' --xunit-output $(results)/newer-unit.xml
	scripts/with-newer-routers $(swift) test --skip-build --filter '$(newer_e2e)' --filter '$(newer_besides)' --skip '$(newer_not)' --xunit-output $(results)/newer.xml

.PHONY: faults
faults: export FAULTS ?= all
faults: export BLUEGREEN_BIN ?= $(CURDIR)/.build/release/bluegreen
faults: debug-build build ## kill, errors, damage and rivals, every case on the real binary: hours
	@scripts/run-faults

.PHONY: histories
histories: histories-build ## 10,000 random histories of mishaps, the whole program on a simulated disk: minutes
	@.build/release/histories $(HISTORIES)

.PHONY: histories-build
histories-build: setup
	$(release) histories

.PHONY: check
check: debug-build ## format, forbidden words, links, and the generated pages
	swift format lint --strict -r $(ours)
	@scripts/check-sources Sources Tests
	@scripts/check-docs
	@scripts/check-reference .build/debug/bluegreen

.PHONY: model
model: setup ## every state of the model of the run engine: docs/model, minutes
	@docs/model/check

.PHONY: model-sample
model-sample: setup
	@docs/model/check --ci

.PHONY: fmt
fmt: ## format the sources
	swift format -i -r $(ours)

.PHONY: fuzz
fuzz: debug-build ## a million malformed requests through the embedded proxy
	FUZZ_INPUTS=$${FUZZ_INPUTS:-1000000} $(swift) test --skip-build --filter ProxyFuzzTests

.PHONY: demo
demo: build backend ## a good and a bad release, a minute; EXAMPLE=haproxy on a real HAProxy
	@$(release) load-client
	@examples/$(EXAMPLE)/demo

.PHONY: bench
bench: build backend ## how fast the program is, beside a C program and kubectl, and with up to 1,000 routers
	@Benchmarks/run
	@Benchmarks/fleet

.PHONY: bench-record
bench-record: build ## what status and history cost with 10 runs and with 100,000
	@Benchmarks/record

.PHONY: bench-proxy
bench-proxy: build backend ## what a request costs through the embedded proxy, beside nginx, HAProxy and Caddy
	@scripts/setup nginx caddy wrk
	@$(release) load-client
	@Benchmarks/proxy

.PHONY: docs
docs: debug-build ## write the generated pages: docs/reference and docs/schema.json
	@scripts/write-reference .build/debug/bluegreen docs

.PHONY: conformance
conformance: debug-build ## write docs/proxy-conformance.md: the same bytes through nginx and HAProxy
	UPDATE_CONFORMANCE=1 $(swift) test --skip-build --filter 'EndToEnd\.ConformanceComparisonTests'

.PHONY: routers
routers: export BLUEGREEN_BIN ?= $(CURDIR)/.build/release/bluegreen
routers: debug-build build ## write docs/routers/measured.md: 250 switches under load through each router
	@mkdir -p $(results)
	$(swift) test --skip-build --no-parallel --filter '^EndToEnd\..*(switches.under.load|a.switch.by.the.API.cuts)' >$(results)/routers.log
	@printf 'machine: %s, %s cores, %s\n' "$$(date -I)" "$$(nproc)" \
		"$$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" >>$(results)/routers.log
	@awk -f scripts/write-measured $(results)/routers.log >docs/routers/measured.md

.PHONY: install
install: build ## copy the binary to PREFIX/bin (PREFIX=/usr/local)
	install -D -m 755 .build/release/bluegreen $(DESTDIR)$(PREFIX)/bin/bluegreen

.PHONY: clean
clean: ## remove everything that was built
	rm -rf .build
