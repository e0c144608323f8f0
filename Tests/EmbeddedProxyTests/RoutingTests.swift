import Contracts
import EmbeddedProxy
import PipelineModel
import Testing

struct RoutingTests {
    @Test func `a replaced route is what the next request reads`() {
        let routing = Routing(Route(datum: Datum(live: .blue, token: Token(epoch: 1, round: 1))))

        routing.replace(with: Route(datum: Datum(live: .green, token: Token(epoch: 2, round: 1))))

        #expect(routing.current.datum.live == .green)
    }
}
