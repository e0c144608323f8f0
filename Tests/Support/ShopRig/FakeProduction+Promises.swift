import TestWorld

extension FakeProduction {
    /// The value in the map file.
    package var persisted: String? {
        let text = files[Self.mapFile].map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").last { $0.hasPrefix("shop ") }
            .map { String($0.dropFirst(5)) }
    }

    /// What leaves a way back is on disk before it is told. A way back itself, which claims idle, may be
    /// taken without a record.
    package func requireAnnouncement(_ command: Substring) {
        guard command.hasPrefix("set map "), let value = command.split(separator: " ").last,
            !value.contains(":-:"), let token = Self.token(String(value)), token > 0
        else { return }
        let afterPowerCut = files.copy()
        afterPowerCut.cutPower()
        // It is most likely the last line of the last run.
        let isAnnounced = afterPowerCut.paths.reversed().contains { path in
            guard path.hasSuffix(".jsonl"), let bytes = afterPowerCut[path] else { return false }
            return bytes.split(separator: UInt8(ascii: "\n")).reversed().contains { line in
                let line = String(decoding: line, as: UTF8.self)
                return line.contains("Intended") && line.contains("\"token\":\(token)}")
            }
        }
        guard !isAnnounced else { return }
        change { $0.outrages.append("\(value) was written before it was on disk") }
    }
}
