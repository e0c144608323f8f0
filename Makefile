# Every task of this repository. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

EXAMPLE ?= haproxy
PREFIX ?= /usr/local

# Builds leave folders in TMPDIR; this gives each command a short-lived one.
swift := scripts/in-temporary-folder swift
release := $(swift) build -c release --static-swift-stdlib -Xlinker -s --product
ours := Sources Tests Package.swift
results := .build/results

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install the Debian packages that this machine lacks
	@scripts/setup

.PHONY: build
build: setup ## the release binary: .build/release/bluegreen
	$(release) bluegreen

.PHONY: debug-build
debug-build: setup
	$(swift) build --build-tests --explicit-target-dependency-import-check error

# What waits for real sockets and processes runs apart from what computes.
.PHONY: test
test: debug-build ## the unit tests: seconds, after a first build of minutes
	@mkdir -p $(results) && rm -f $(results)/unit*
	$(swift) test --skip-build --skip '^(EndToEnd|LiveWorldTests|RoutersTests)\.' --xunit-output $(results)/unit.xml
	$(swift) test --skip-build --filter '^(LiveWorldTests|RoutersTests)\.' --xunit-output $(results)/unit-live.xml

# They run the binary that is shipped; BLUEGREEN_BIN=/path/to/bluegreen names another one.
ifndef BLUEGREEN_BIN
e2e: build
e2e: export BLUEGREEN_BIN := $(CURDIR)/.build/release/bluegreen
endif
.PHONY: e2e
e2e: debug-build ## the end-to-end tests: a real proxy with traffic running, minutes
	@mkdir -p $(results) && rm -f $(results)/e2e*
	$(swift) test --skip-build --filter '^EndToEnd\.' --xunit-output $(results)/e2e.xml

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

.PHONY: demo
demo: setup build ## a good and a bad release on a real proxy: about half a minute
	@$(release) example-backend && $(release) load-client
	@examples/$(EXAMPLE)/demo

.PHONY: bench
bench: setup build ## how fast the program is, beside a C program and kubectl
	@$(release) example-backend
	@Benchmarks/run

.PHONY: docs
docs: debug-build ## write the generated pages: docs/reference and docs/schema.json
	@scripts/write-reference .build/debug/bluegreen docs

.PHONY: install
install: build ## copy the binary to PREFIX/bin (PREFIX=/usr/local)
	install -D -m 755 .build/release/bluegreen $(DESTDIR)$(PREFIX)/bin/bluegreen

.PHONY: clean
clean: ## remove everything that was built
	rm -rf .build
