import Contracts
import PipelineModel

/// An address at which a proxy says itself which colour it serves now.
struct ReadBack: ColorWitness {
    let page: AdminPage

    /// `proxy` is for people, `manual` its page in docs/routers.
    init(proxy: String, manual: String, address: WebAddress, streams: Streams) {
        page = AdminPage(
            proxy: proxy, manual: manual, setting: "readBack", address: address, streams: streams)
    }

    /// `200` and a bare colour.
    func color() async throws(Failure) -> Color {
        let answer = try await page.ask()
        let body = String(decoding: answer.body, as: UTF8.self)
        guard answer.status == 200,
            let color = Color.allCases.first(where: { body == $0.rawValue || body == "\($0)\n" })
        else { throw page.garbled("is not a colour", answer.body) }
        return color
    }
}

extension ReadBack: CustomStringConvertible {
    var description: String { page.description }
}
