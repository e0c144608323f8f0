import FoundationEssentials

/// A JSON value.
package indirect enum JSON: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// Apart from other numbers, so that a long identifier keeps its last digits.
    case integer(Int)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    package enum Unreadable: Error, Hashable {
        case tooLarge
        case tooDeep
        case malformed
    }

    package static let sizeLimit = 256 << 10
    package static let depthLimit = 32

    /// Reads one document of at most `sizeLimit` bytes and `depthLimit` levels.
    package init(parsing bytes: some Collection<UInt8>) throws(Unreadable) {
        guard bytes.count <= Self.sizeLimit else { throw .tooLarge }
        guard Self.depth(of: bytes) <= Self.depthLimit else { throw .tooDeep }
        do {
            self = try JSONDecoder().decode(JSON.self, from: Data(bytes))
        } catch {
            throw .malformed
        }
    }

    /// The body of an answer as JSON; `request` says whose, for the failure.
    package static func document(_ body: [UInt8], of request: String) throws(Failure) -> JSON {
        do throws(Unreadable) {
            return try JSON(parsing: body)
        } catch {
            throw Failure(.checkFailed, "\(request); \(error.sentence)")
        }
    }

    /// How deep lists and objects are nested, counted without trusting the text.
    private static func depth(of bytes: some Collection<UInt8>) -> Int {
        var (depth, deepest, isInText, isEscaped) = (0, 0, false, false)
        for byte in bytes {
            if isEscaped {
                isEscaped = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"): isEscaped = isInText
            case UInt8(ascii: "\""): isInText.toggle()
            case UInt8(ascii: "["), UInt8(ascii: "{"): if !isInText { depth += 1 }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): if !isInText { depth -= 1 }
            default: break
            }
            deepest = max(deepest, depth)
        }
        return deepest
    }
}

extension JSON.Unreadable {
    package var sentence: String {
        switch self {
        case .tooLarge: "the body is larger than 256 KiB and was not read as JSON"
        case .tooDeep: "the body is nested deeper than \(JSON.depthLimit) levels"
        case .malformed: "the body is no JSON"
        }
    }
}

extension JSON: Decodable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
            return
        }
        // Losing each error is right: it only says that the value is of another kind.
        if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode([String: JSON].self) {
            self = .object(value)
        } else {
            self = .list(try container.decode([JSON].self))
        }
    }
}

extension JSON {
    /// A scalar as text without quotes: what a capture gives to the next request.
    package var text: String? {
        switch self {
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): value
        case .null, .list, .object: nil
        }
    }

    /// Whether both are the same value; 1 and 1.0 are.
    package func isSame(as other: JSON) -> Bool {
        if case .integer(let value) = self, case .number(let second) = other {
            return Double(value) == second
        }
        if case .number = self, case .integer = other { return other.isSame(as: self) }
        return self == other
    }
}

/// As compact JSON, the keys of objects in order.
extension JSON: CustomStringConvertible {
    package var description: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): Self.quoted(value)
        case .list(let items): "[\(items.map(\.description).joined(separator: ","))]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }
                .map { "\(Self.quoted($0.key)):\($0.value)" }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
