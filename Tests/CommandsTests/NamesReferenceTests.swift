import Console
import Contracts
import PipelineModel
import RunEngine
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// The page of names says what a step really gets.
@Suite struct NamesReferenceTests {
    @Test func `every variable that a step gets is on the page`() {
        let shop = Shop.running()
        shop.type("deploy", "2.9")
        let given = shop.production.childEnvironment.keys
        #expect(given.contains("BLUEGREEN_IDLE_VERSION"))
        #expect(given.contains("BLUEGREEN_RUN"))
        for name in given where name.hasPrefix("BLUEGREEN_") {
            #expect(NamesReference.page.contains("`\(name)`"), "\(name)")
        }
    }

    @Test(arguments: TemplateName.fixed + TemplateName.families.map { $0 + ".NAME" })
    func `every name of the pipeline is on the page`(name: String) {
        #expect(NamesReference.page.contains("| `${\(name)}` |"))
    }

    @Test(arguments: Terminal.meaningfulVariables)
    func `every variable that the terminal goes by is on the page`(name: String) {
        #expect(NamesReference.read.contains { $0.name.contains(name) })
    }

    @Test(arguments: ["live.version", "idle.version", "release.version"])
    func `a shell command is told to use only variables that there are`(name: String) {
        let shop = Shop.running()
        shop.type("deploy", "2.9")
        #expect(
            shop.production.childEnvironment[TemplateName.environmentVariable(for: name)] != nil)
    }
}
