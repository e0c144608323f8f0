import Contracts
import PipelineModel
import Testing

@testable import Commands

@Suite struct StatusWordsTests {
    @Test func `where a router was asked is told by the names of its settings`() {
        let settings = #"{"key":"shop","register":{"variable":"v","socket":"/s"},"read":["a","b"]}"#
        let recipe = Recipe(router: RouterID("lb-1"), kind: "haproxy", settings: settings)
        #expect(
            StatusWords.place(recipe)
                == "lb-1 with key: shop, read: …, register.socket: /s, register.variable: v")
    }
}
