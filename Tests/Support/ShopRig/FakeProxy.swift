package import Commands
package import Contracts
import PipelineModel
import TestWorld

/// `bluegreen proxy`, as far as its own verb sees it.
extension FakeProduction {
    package enum ProxyFate: Sendable {
        case serves
        case dies
        case hangs
    }

    package static let proxySocket = StreamRequest.Endpoint.unix(
        path: ".bluegreen/proxy-8080/admin.sock")

    /// In the foreground it serves until it is asked to stop.
    package var proxyHost: ProxyHost {
        ProxyHost(program: "bluegreen") { plan, untilStopped, print throws(Failure) in
            print(
                #"{"request":"GET / HTTP/1.1","to":"\#(plan.upstreams[.blue].map { "\($0)" } ?? "")"}"#
                    + "\n")
            await untilStopped()
        }
    }

    package func askProxy(_ request: StreamRequest) throws(StreamFailure) -> [UInt8] {
        var pid: Int32?
        change { state in pid = state.proxy.flatMap { state.living.contains($0) ? $0 : nil } }
        guard let pid else { throw StreamFailure(mayHaveActed: false, "connection refused") }
        let answer = #"{"bootID":"boot-1","listen":"127.0.0.1:8080","pid":\#(pid),"startTime":7}"#
        return Array((answer + "\n").utf8)
    }

    package func startProxy(
        _ pid: Int32, _ request: BackgroundRequest, _ state: inout State
    ) -> ProcessIdentity {
        state.childEnvironment = request.environment
        files[request.log] = (files[request.log] ?? []) + Array(state.proxyWords.utf8)
        switch state.proxyFate {
        case .serves:
            state.living.insert(pid)
            state.proxy = pid
        case .dies: break
        case .hangs: state.living.insert(pid)
        }
        return ProcessIdentity(pid: pid, startTime: 7, bootID: "boot-1")
    }
}
