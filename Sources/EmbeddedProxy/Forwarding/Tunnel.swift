import NIOCore
import PipelineModel

/// Two connections joined byte for byte after a 101; lives until both sides are done.
final class Tunnel {
    let color: Color
    private let client: ClientHandler
    private let upstream: UpstreamHandler
    private let meter: ColorMeter?
    private let idleLimit: TimeAmount
    private(set) var deadline: NIODeadline
    private var clientHasEnded = false
    private var upstreamHasEnded = false
    private var isOver = false

    init(
        _ client: ClientHandler, _ upstream: UpstreamHandler, color: Color, meter: ColorMeter?,
        idleLimit: TimeAmount
    ) {
        self.client = client
        self.upstream = upstream
        self.color = color
        self.meter = meter
        self.idleLimit = idleLimit
        deadline = .after(idleLimit)
    }

    var wantsClientBytes: Bool { !clientHasEnded && upstream.isWritable }
    var wantsUpstreamBytes: Bool { !upstreamHasEnded && client.isWritable }
    var bufferedBytes: Int { upstream.bufferedBytes }

    func clientSent(_ bytes: ByteBuffer) {
        deadline = .after(idleLimit)
        upstream.write(bytes)
        upstream.flush()
    }

    func upstreamSent(_ bytes: ByteBuffer) {
        deadline = .after(idleLimit)
        client.write(bytes)
        client.flush()
    }

    func clientIsWritable() { if wantsUpstreamBytes { upstream.read() } }
    func upstreamIsWritable() { if wantsClientBytes { client.read() } }

    func clientEnded() {
        clientHasEnded = true
        upstream.endOutput()
    }

    func upstreamEnded() {
        upstreamHasEnded = true
        // Where both have ended, the upstream's connection closes once it has taken everything, and
        // the client's after it. Until then the client is here to be missed.
        if !clientHasEnded { client.endOutput() }
    }

    func clientIsGone() {
        guard !isOver else { return }
        finish()
        upstream.close()
    }

    func upstreamIsGone() {
        guard !isOver else { return }
        finish()
        client.closeAfterFlush()
    }

    /// Cuts both connections.
    func close() {
        guard !isOver else { return }
        finish()
        upstream.close()
        client.abort()
    }

    private func finish() {
        isOver = true
        meter?.closeTunnel()
    }
}
