/// A value of a pipeline file together with the place it was read from.
///
/// Values are untyped here (`no` and `012` are text): a `Shape` decides what they mean.
package struct Node: Sendable {
    package indirect enum Content: Sendable {
        /// `isQuoted` tells `"8"` from `8`: only a plain scalar may be a number, a Boolean or null.
        case scalar(String, isQuoted: Bool)
        case list([Node])
        case mapping([Entry])
    }

    package struct Entry: Sendable {
        package let key: String
        package let keyPosition: Position
        package var value: Node

        package init(key: String, keyPosition: Position, value: Node) {
            self.key = key
            self.keyPosition = keyPosition
            self.value = value
        }
    }

    package var content: Content
    package let position: Position

    package init(_ content: Content, at position: Position) {
        self.content = content
        self.position = position
    }

    /// The value of `key` where this is a mapping that has it.
    package subscript(key: String) -> Node? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// The text where this is a scalar.
    package var text: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }
}
