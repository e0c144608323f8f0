import Contracts
import PipelineModel

/// The datum as the value of one key of a HAProxy map, switched by `set map`.
///
/// HAProxy compares no tokens here: a stale writer is only noticed by the look before the write.
struct HAProxyMap: HAProxyKeeper {
    let runtime: HAProxyRuntime
    /// As HAProxy knows the map.
    let map: String
    let key: String
    let backends: [String]
    /// `nil` where the map file is on another machine.
    let file: PersistedLine?
    let files: Files

    let fencing = Fencing.synchronous
    var isDurable: Bool { file != nil }
    let sharesTraffic = true
    var startFile: PersistedLine? { file }

    func look() async throws(Failure) -> HAProxySight {
        let bytes = try await runtime.ask("get map \(map) \(key)", "show stat -1 6 -1")
        guard let answer = HAProxyAnswer(bytes[...]),
            let lookup = HAProxyLookup(answer.first, key: key)
        else { throw runtime.garbled(bytes) }
        let text = try value(of: lookup)
        guard let statistics = HAProxyStatistics(answer.rest, of: backends) else {
            throw runtime.garbled(answer.rest)
        }
        return HAProxySight(
            kept: text.map(kept) ?? .absent, text: text,
            sharesNothing: text.flatMap(Color.init) == nil ? nil : sharesNothing,
            statistics: statistics)
    }

    func durable(besides kept: KeptDatum) -> Observation.Durable {
        guard let file else {
            return .unknown("The map file is where HAProxy is, not on this machine.")
        }
        return file.durable(besides: kept, reading: self.kept)
    }

    /// HAProxy says which file made it read the map. Of another machine that would be another file.
    func isShareRead() async -> Bool {
        // Losing the error is right: what cannot be asked or read was not found.
        guard file != nil, let answer = try? await runtime.ask("show map") else { return false }
        return String(decoding: answer, as: UTF8.self).split(separator: "\n")
            .filter { $0.contains("(\(map)) ") }.flatMap(Self.configurations).contains { path in
                guard path.hasPrefix("/"), let bytes = try? files.read(path, 1 << 20) else {
                    return false
                }
                let text = String(decoding: bytes, as: UTF8.self)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                return HAProxyConfiguration(lines.map(String.init)).sections.contains(where: reads)
            }
    }

    /// `0 (/etc/haproxy/bluegreen.map) pattern loaded … used by map at file '/etc/haproxy/a.cfg' line 10.`
    private static func configurations(_ line: Substring) -> [String] {
        line.ranges(of: " at file '").map { start in
            String(line[start.upperBound...].prefix { $0 != "'" })
        }
    }

    private func reads(_ section: HAProxyConfiguration.Section) -> Bool {
        let words = section.lines.flatMap(\.raw)
        return ["(\(map)", "field(3,"].allSatisfy { part in words.contains { $0.contains(part) } }
    }

    func put(_ datum: Datum, over sight: HAProxySight) async -> WriteResult {
        guard let former = sight.text else { return .notApplied(keyMissing) }
        let value: String
        do throws(Failure) {
            value = try text(of: datum, over: former)
        } catch {
            return .notApplied(error)
        }
        let answer: [UInt8]
        do throws(StreamFailure) {
            answer = try await runtime.send(
                ["set map \(map) \(key) \(value)", "get map \(map) \(key)"],
                within: HAProxyRuntime.writeLimit)
        } catch {
            let failure = runtime.unreachable(error)
            return error.mayHaveActed ? .unknown(failure) : .notApplied(failure)
        }
        guard let refusal = refusal(in: answer, wanted: value) else {
            return await persist(value, token: datum.token)
        }
        return refusal
    }

    /// Where a line of the map file has the value: HAProxy takes the first word as the key and the rest
    /// without blanks around it as the value.
    static func locate(_ key: String) -> @Sendable (ArraySlice<UInt8>) -> Range<Int>? {
        { line in
            let words = line.drop(while: isBlank)
            let name = words.prefix { !isBlank($0) }
            let rest = words.dropFirst(name.count)
            guard name.elementsEqual(key.utf8), !rest.isEmpty else { return nil }
            let start = rest.firstIndex { !isBlank($0) } ?? rest.endIndex
            let end = rest.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
            return start..<end
        }
    }

    func kept(_ text: String) -> KeptDatum { KeptDatum(written: text, mayShare: true) }

    func text(of datum: Datum, over former: String) throws(Failure) -> String {
        guard let value = datum.written(like: former) else { throw sharesNothing }
        return value
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

    private func value(of lookup: HAProxyLookup) throws(Failure) -> String? {
        switch lookup {
        case .value(let text): return text
        case .keyMissing: return nil
        case .refused(let words):
            throw Failure(
                .routerTargetMissing, "HAProxy does not give the map \(map).", evidence: [words],
                hint: "Name the map exactly as in HAProxy's configuration, and use an admin socket."
            )
        }
    }

    /// `nil` where HAProxy took the value and gives it back.
    private func refusal(in bytes: [UInt8], wanted: String) -> WriteResult? {
        let isAccepted = bytes.first == UInt8(ascii: "\n")
        let readBack: HAProxyLookup?
        let words: ArraySlice<UInt8>
        if isAccepted {
            words = []
            readBack = HAProxyAnswer(bytes.dropFirst()).flatMap { .init($0.first, key: key) }
        } else {
            let answer = HAProxyAnswer(bytes[...])
            words = answer?.first ?? []
            readBack = answer.flatMap { HAProxyAnswer($0.rest) }
                .flatMap { .init($0.first, key: key) }
        }
        guard let readBack else { return .unknown(runtime.garbled(bytes)) }
        switch (isAccepted, readBack) {
        case (true, .value(wanted)):
            return nil
        case (true, _), (false, .value(wanted)):
            return .unknown(runtime.garbled(bytes))
        case (false, _):
            return .notApplied(refused(words))
        }
    }

    private func persist(_ value: String, token: Token) async -> WriteResult {
        guard let file else {
            return .appliedNotDurable(
                Failure(
                    .routerNotDurable, "The map file is where HAProxy is, not on this machine.",
                    hint: "Write '\(key) \(value)' into \(map) there; a reload forgets it else."))
        }
        return await file.persist(value, token: token, reading: kept)
    }

    private var keyMissing: Failure {
        Failure(
            .routerTargetMissing, "The map \(map) has no key '\(key)'.",
            hint: "Add the line '\(key) blue:green:0:0' to the map file and reload HAProxy once.")
    }

    private var sharesNothing: Failure {
        Failure(
            .routerRefused, "The key '\(key)' in \(map) holds a plain colour: it has no share.",
            hint:
                "Give it the value 'blue:green:0:0' and the rules for it: docs/routers/haproxy.md.")
    }

    private func refused(_ words: ArraySlice<UInt8>) -> Failure {
        Failure(
            .routerRefused, "HAProxy refused to change '\(key)' in \(map).",
            evidence: [Evidence.line(words)],
            hint: "Check that \(runtime.endpoint) is a socket of level admin.")
    }
}
