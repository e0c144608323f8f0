/// A place in a JSON document: `$`, then any of `.name`, `['name']` and `[0]`.
///
/// There are no wildcards, filters or searches, so reading takes time in proportion to the path.
package struct JSONPath: Hashable, Sendable {
    package enum Step: Hashable, Sendable {
        case member(String)
        case element(Int)
    }

    package struct Mistake: Error, Hashable {
        /// Lower case, no full stop: `expected '.' or '[' at character 2`.
        package let reason: String
    }

    package static let lengthLimit = 256

    package let steps: [Step]
    private let written: String

    package init(_ text: String) throws(Mistake) {
        guard text.unicodeScalars.prefix(Self.lengthLimit + 1).count <= Self.lengthLimit else {
            throw Mistake(reason: "it is longer than \(Self.lengthLimit) characters")
        }
        var reader = JSONPathReader(Array(text.unicodeScalars))
        steps = try reader.steps()
        written = text
    }

    /// Reads the text of `node`; a mistake is reported and gives `nil`.
    package init?(_ node: Node, report: Report) {
        guard let text = node.text else { return nil }
        self.init(text, at: node.position, report: report)
    }

    package init?(_ text: String, at position: Position, report: Report) {
        do throws(Mistake) {
            try self.init(text)
        } catch {
            report.error(
                at: position, "'\(text.prefix(40))' is no JSON path: \(error.reason)",
                hint: "write it like $.name, $['name'] or $.list[0]")
            return nil
        }
    }
}

extension JSONPath: CustomStringConvertible {
    package var description: String { written }
}

/// Reads the steps of a path from left to right, never going back.
private struct JSONPathReader {
    private let scalars: [Unicode.Scalar]
    private var index = 0

    init(_ scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    mutating func steps() throws(JSONPath.Mistake) -> [JSONPath.Step] {
        guard next == "$" else { throw mistake("it must begin with '$'") }
        index += 1
        var steps: [JSONPath.Step] = []
        while let scalar = next {
            index += 1
            switch scalar {
            case ".": steps.append(.member(try name()))
            case "[": steps.append(try bracket())
            default: throw mistake("expected '.' or '[' at character \(index)")
            }
        }
        return steps
    }

    private var next: Unicode.Scalar? {
        index < scalars.count ? scalars[index] : nil
    }

    private mutating func name() throws(JSONPath.Mistake) -> String {
        let name = take { Self.isInName($0) }
        guard !name.isEmpty else {
            throw mistake("expected a name at character \(index + 1)")
        }
        return name
    }

    private mutating func bracket() throws(JSONPath.Mistake) -> JSONPath.Step {
        let step = next == "'" ? JSONPath.Step.member(try quoted()) : .element(try number())
        guard next == "]" else { throw mistake("expected ']' at character \(index + 1)") }
        index += 1
        return step
    }

    private mutating func quoted() throws(JSONPath.Mistake) -> String {
        index += 1
        let name = take { $0 != "'" && $0 != "\\" && $0.value >= 0x20 }
        guard next == "'" else {
            throw mistake("expected \"'\" at character \(index + 1); there are no escapes")
        }
        index += 1
        return name
    }

    private mutating func number() throws(JSONPath.Mistake) -> Int {
        let start = index + 1
        let digits = take { ("0"..."9").contains($0) }
        guard let number = Int(digits), digits == "0" || !digits.hasPrefix("0") else {
            throw mistake("expected a number or a quoted name at character \(start)")
        }
        return number
    }

    private mutating func take(while isWanted: (Unicode.Scalar) -> Bool) -> String {
        var taken = String.UnicodeScalarView()
        while let scalar = next, isWanted(scalar) {
            taken.append(scalar)
            index += 1
        }
        return String(taken)
    }

    private func mistake(_ reason: String) -> JSONPath.Mistake {
        JSONPath.Mistake(reason: reason)
    }

    private static func isInName(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == "-" || scalar.properties.isAlphabetic
            || ("0"..."9").contains(scalar)
    }
}
