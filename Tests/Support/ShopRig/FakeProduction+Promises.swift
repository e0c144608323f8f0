import TestWorld

extension FakeProduction {
    /// The value in the file that each HAProxy reads at its start.
    package var persisted: [String] {
        guard !hasRegister else { return persistedInRegister.map { [$0] } ?? [] }
        var names: [String] = []
        change { names = $0.fleet.keys.sorted().map(Self.name) }
        return (names.isEmpty ? [Self.mapFile] : names.map(Self.mapFile)).compactMap(persisted)
    }

    func persisted(in file: String) -> String? {
        let text = files[file].map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").last { $0.hasPrefix("shop ") }
            .map { String($0.dropFirst(5)) }
    }

    /// Whatever a router is told was announced before, so that a power cut does not lose it. Only a way
    /// back goes on without a record: where the disk has failed, or somebody who stands still in the critical
    /// section cannot be ended.
    func requireAnnouncement(_ value: String) {
        guard let token = Self.token(value), token > 0 else { return }
        let runs = files.flushedPaths.reversed().filter { $0.hasSuffix(".jsonl") }
        // It is most likely the last line of the last run.
        let isAnnounced = runs.contains { path in
            (files.flushed(path) ?? []).split(separator: UInt8(ascii: "\n")).reversed()
                .contains { line in
                    line.contains(text: "Intended") && line.contains(text: "\"token\":\(token)}")
                }
        }
        guard !isAnnounced, !mayGoUnannounced(value, token) else { return }
        change { $0.outrages.append("\(value) was written before it was on disk") }
    }

    /// A way back claims idle; after a forward write it is not the first round of its run.
    private func mayGoUnannounced(_ value: String, _ token: Int) -> Bool {
        var (isLenient, isKeptOut) = (false, false)
        change { state in
            isLenient = state.isLenient
            isKeptOut = state.standing != nil
        }
        guard value.contains(":-:"), files.hasFailed || isKeptOut else { return false }
        return isLenient || token % 64 > 1
    }
}

extension Array<UInt8> {
    func contains(text: String) -> Bool { self[...].contains(text: text) }
}

extension ArraySlice<UInt8> {
    /// Much faster than the search of the standard library, which most of the time would go into.
    func contains(text: String) -> Bool {
        let text = Array(text.utf8)
        return withUnsafeBytes { whole in
            var rest = whole[...]
            while rest.count >= text.count, let first = rest.firstIndex(of: text[0]) {
                rest = rest[first...]
                if rest.starts(with: text) { return true }
                rest = rest.dropFirst()
            }
            return false
        }
    }
}
