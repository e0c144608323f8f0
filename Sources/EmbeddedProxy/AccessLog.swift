package import NIOCore
import PipelineModel

/// Where the lines about single requests go: whole JSON lines, several at a time.
package struct AccessLog: Sendable {
    let write: @Sendable (ByteBuffer) -> Void

    /// `write` is called from event loops, one call at a time per loop, and should not block.
    package init(write: @escaping @Sendable (ByteBuffer) -> Void) {
        self.write = write
    }
}

/// One request and what became of it.
struct AccessEntry {
    var peer: String
    /// Method, target and version, up to the end of the line.
    var request: ByteBuffer
    var status: Int
    var bytes: Int
    var microseconds: Int
    var color: Color?

    /// One JSON object and a line feed.
    func write(at time: String, to out: inout ByteBuffer) {
        out.writeString("{\"time\":\"\(time)\",\"peer\":\"\(peer)\",\"request\":\"")
        for byte in request.readableBytesView.prefix(while: { $0 != Octet.carriageReturn }) {
            writeEscaped(byte, to: &out)
        }
        out.writeString("\",\"status\":\(status),\"bytes\":\(bytes),\"us\":\(microseconds)")
        if let color { out.writeString(",\"color\":\"\(color)\"") }
        out.writeString("}\n")
    }

    /// The bytes of a request are anybody's: none of them may end the string or the line.
    private func writeEscaped(_ byte: UInt8, to out: inout ByteBuffer) {
        guard byte < 0x20 || byte > 0x7E || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
        else {
            out.writeInteger(byte)
            return
        }
        out.writeString("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
    }
}
