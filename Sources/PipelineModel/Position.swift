/// A place in a pipeline file: what an editor needs to jump there.
package struct Position: Hashable, Sendable {
    /// The file as the user named it, or what stands for it (`--router-settings`).
    package let file: String
    /// 1-based.
    package let line: Int
    /// 1-based, counted in Unicode scalars.
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}

extension Position: Comparable {
    package static func < (left: Position, right: Position) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}

extension Position: CustomStringConvertible {
    package var description: String { "\(file):\(line):\(column)" }
}
