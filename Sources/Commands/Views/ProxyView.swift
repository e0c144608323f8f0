import Console
import Contracts
import Routers

/// Says where the embedded proxy is.
struct ProxyView {
    private let place: ProxyPlace
    private let session: Session

    init(_ place: ProxyPlace, _ session: Session) {
        self.place = place
        self.session = session
    }

    enum State: String, Encodable {
        case started
        case running
        case stopped
        case absent
    }

    private struct Document: Encodable {
        var schemaVersion = 1
        var type = "proxy"
        var state: State
        var listen: String?
        var pid: Int32?
        var admin: String
        var log: String
    }

    func show(_ state: State, _ proxy: EmbeddedAdmin.Greeting? = nil) -> ExitStatus {
        let out = session.terminal.output
        guard !session.isJSON else {
            let document = Document(
                state: state, listen: proxy?.listen, pid: proxy?.process.pid, admin: place.admin,
                log: place.log)
            out.print(json: JSONOut.line(document))
            return .done
        }
        let pid = proxy.map { "pid \($0.process.pid)" } ?? ""
        let listen = proxy?.listen ?? ""
        switch state {
        case .started: out.print("\("proxy:", .good) listening on \(listen) (\(pid))")
        case .running: out.print("proxy: runs already on \(listen) (\(pid))")
        case .stopped: out.print("proxy: \(pid) has stopped")
        case .absent: out.print("proxy: none answers at \(place.admin)")
        }
        if state == .started || state == .running, !session.output.quiet {
            out.print("  log:   \(place.log)\n  admin: \(place.admin)")
        }
        return .done
    }
}
