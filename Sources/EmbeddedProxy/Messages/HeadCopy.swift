import NIOCore

/// Copies the lines of a head that are passed on; neighbours are copied together.
struct HeadCopy {
    private let bytes: Bytes
    private let fields: [Field]
    private let end: Int

    /// `length` is that of the whole head, with the empty line.
    init(_ bytes: Bytes, _ fields: [Field], length: Int) {
        self.bytes = bytes
        self.fields = fields
        end = length - 2
    }

    func copyLines(to out: inout ByteBuffer, where keeps: (Field) -> Bool) {
        var runStart = -1
        for field in fields {
            if keeps(field) {
                if runStart < 0 { runStart = Int(field.start) }
            } else if runStart >= 0 {
                out.writeBytes(bytes[runStart..<Int(field.start)])
                runStart = -1
            }
        }
        if runStart >= 0 { out.writeBytes(bytes[runStart..<end]) }
    }

    /// All values of one kind, as one list; where there is none, nothing is written.
    func copyList(_ kind: FieldKind, to out: inout ByteBuffer) {
        for field in fields
        where field.kind == kind && !field.isDisguised && !field.value.isEmpty {
            out.writeBytes(bytes[field.value])
            out.writeStaticString(", ")
        }
    }
}
