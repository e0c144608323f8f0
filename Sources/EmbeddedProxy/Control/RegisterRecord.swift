import Contracts
import PipelineModel

/// What the register holds and what is on disk: one value, replaced whole.
struct RegisterRecord: Hashable, Sendable {
    var datum: Datum
    var split: Split?

    init(datum: Datum, split: Split? = nil) {
        self.datum = datum
        self.split = split
    }

    /// With the share that stands in the datum as a split, where it is kept.
    init(_ datum: Datum) {
        var plain = datum
        plain.idlePercent = nil
        self.init(datum: plain, split: datum.idlePercent.map { Split(idlePercent: $0) })
    }

    /// Before anybody has written: blue, with the lowest token.
    static let first = RegisterRecord(datum: Datum(live: .blue, token: Token(number: 0)))
}

extension RegisterRecord {
    private static let format = 1

    /// One line of JSON that ends with its own checksum.
    func bytes() -> [UInt8] {
        var members: [String: JSON] = [
            "format": .integer(Self.format), "live": .text(datum.live.rawValue),
            "claimed": .boolean(datum.isIdleClaimed), "token": .integer(datum.token.number),
        ]
        if let split { members["split"] = split.json }
        let open = "\(JSON.object(members))".dropLast()
        return SealedObject.seal(Array(open.utf8)) + [UInt8(ascii: "\n")]
    }

    /// `nil` where this is not exactly what `bytes()` writes.
    init?(_ bytes: [UInt8]) {
        guard bytes.last == UInt8(ascii: "\n"),
            let open = SealedObject.open(bytes.dropLast()),
            // A document that is no JSON is as damaged as one whose checksum is wrong.
            case .object(let members)? = try? JSON(parsing: open + [UInt8(ascii: "}")]),
            members["format"] == .integer(Self.format),
            case .text(let name)? = members["live"], let live = Color(rawValue: name),
            case .boolean(let isIdleClaimed)? = members["claimed"],
            case .integer(let number)? = members["token"], number >= 0
        else { return nil }
        datum = Datum(live: live, isIdleClaimed: isIdleClaimed, token: Token(number: number))
        guard let written = members["split"] else { return }
        guard let split = Split(written) else { return nil }
        self.split = split
    }
}

extension Split {
    var json: JSON {
        var members: [String: JSON] = ["percent": .integer(idlePercent)]
        if let match {
            members["place"] = .text(match.place.rawValue)
            members["name"] = .text(match.name)
            members["value"] = .text(match.value)
        }
        return .object(members)
    }

    init?(_ json: JSON) {
        guard case .object(let members) = json, case .integer(let percent)? = members["percent"]
        else { return nil }
        self.init(idlePercent: percent)
        guard members.count > 1 else { return }
        guard let place = members["place"]?.text.flatMap(HeaderMatch.Place.init),
            let name = members["name"]?.text, let value = members["value"]?.text
        else { return nil }
        match = HeaderMatch(place, name: name, value: value)
    }
}
