import Contracts
import PipelineModel
import Synchronization

@testable import Routers

/// An embedded proxy as far as its admin socket shows it: the answers are those of a real one.
final class FakeEmbeddedProxy: Sendable {
    struct State: Sendable {
        var live = "blue"
        var claim = "free"
        var token = "0.0"
        var durable = #""same""#
        var split = ""
        var isGreenThere = true
    }

    private let state = Mutex(State())

    func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    var live: Color? { state.withLock { Color(rawValue: $0.live) } }

    var streams: Streams {
        Streams { (request) throws(StreamFailure) in
            let line = String(decoding: request.bytes, as: UTF8.self)
            return Array(self.state.withLock { Self.answer(line, &$0) }.utf8)
        }
    }

    private static func answer(_ line: String, _ state: inout State) -> String {
        let words = line.dropLast().split(separator: " ").map(String.init)
        switch words[0] {
        case "observe":
            let green = #","green":{"inFlight":0,"servers":1,"up":1}"#
            return #"{"claimed":\#(state.claim == "claimed"),"durable":\#(state.durable),"#
                + #""live":"\#(state.live)","paused":false,"pools":{"blue":"#
                + #"{"inFlight":2,"servers":1,"up":0}\#(state.isGreenThere ? green : "")}"#
                + #"\#(state.split),"token":"\#(state.token)"}"# + "\n"
        case "stats":
            return #"{"blue":{"2xx":5,"3xx":0,"4xx":1,"5xx":2,"abandoned":1,"#
                + #""averageMicroseconds":1500,"inFlight":3,"p50Microseconds":1087,"#
                + #""p95Microseconds":4095,"p99Microseconds":4095,"requests":10,"tunnels":1,"#
                + #""unanswered":1},"green":{"2xx":0,"3xx":0,"4xx":0,"5xx":0,"abandoned":0,"#
                + #""inFlight":0,"requests":0,"tunnels":0,"unanswered":0},"held":0}"# + "\n"
        case "write": return write(Array(words.dropFirst()), &state)
        default: return "error unknown command; known: ping, observe, write\n"
        }
    }

    private static func write(_ words: [String], _ state: inout State) -> String {
        guard state.isGreenThere || words[0] == "blue" else { return "missing green\n" }
        let (held, new) = (Token(state.token), Token(words[2]))
        guard let held, let new else { return "error a token is EPOCH.ROUND, such as 41.2\n" }
        guard new >= held else { return "stale \(held)\n" }
        guard new > held || (words[0], words[1]) == (state.live, state.claim) else {
            return "stale \(held)\n"
        }
        (state.live, state.claim, state.token) = (words[0], words[1], words[2])
        state.split = words.count > 3 ? #","split":{"percent":\#(words[3].dropLast())}"# : ""
        return "applied\n"
    }
}
