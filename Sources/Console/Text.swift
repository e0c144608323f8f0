/// Words for a person, in which what came from outside cannot pass for what we wrote.
///
/// In `"production is on \(color, .blue)"` the literal is ours and may hold line breaks; every
/// interpolated value stays on its line whatever it contains. A `TerminalStream` hides secrets,
/// makes control characters visible and applies styles when the text is printed, never earlier.
package struct Text: Sendable, Equatable {
    struct Span: Sendable, Equatable {
        var content: String
        var style: Style?
        /// Line breaks in `content` are shown as `\n`.
        var staysOnItsLine: Bool
    }

    var spans: [Span]

    init(spans: [Span]) {
        self.spans = spans
    }

    /// One line that came from outside; line breaks in it are shown as `\n`.
    package init(_ line: String, _ style: Style? = nil) {
        self.init(spans: [Span(content: line, style: style, staysOnItsLine: true)])
    }

    /// Several lines that came from outside, such as the output of a tool.
    package init(lines: String, _ style: Style? = nil) {
        self.init(spans: [Span(content: lines, style: style, staysOnItsLine: false)])
    }

    package var isEmpty: Bool { spans.allSatisfy(\.content.isEmpty) }

    package static func + (left: Text, right: Text) -> Text {
        Text(spans: left.spans + right.spans)
    }

    package static func += (left: inout Text, right: Text) {
        left.spans += right.spans
    }

    func rendered(inColor: Bool) -> String {
        spans.map { span in
            guard inColor, let style = span.style else { return span.content }
            return style.applied(to: span.content)
        }.joined()
    }
}

extension Text: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) {
        self.init(spans: [Span(content: value, style: nil, staysOnItsLine: false)])
    }

    package init(stringInterpolation: Interpolation) {
        self.init(spans: stringInterpolation.spans)
    }

    package struct Interpolation: StringInterpolationProtocol {
        var spans: [Span] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            spans.reserveCapacity(interpolationCount * 2 + 1)
        }

        package mutating func appendLiteral(_ literal: String) {
            guard !literal.isEmpty else { return }
            spans.append(Span(content: literal, style: nil, staysOnItsLine: false))
        }

        package mutating func appendInterpolation(
            _ value: some CustomStringConvertible, _ style: Style? = nil
        ) {
            spans.append(Span(content: value.description, style: style, staysOnItsLine: true))
        }

        package mutating func appendInterpolation(_ text: Text) {
            spans += text.spans
        }
    }
}

extension Sequence<Text> {
    package func joined(separator: Text = "\n") -> Text {
        var joined = Text(spans: [])
        for (index, text) in enumerated() {
            if index > 0 { joined += separator }
            joined += text
        }
        return joined
    }
}
