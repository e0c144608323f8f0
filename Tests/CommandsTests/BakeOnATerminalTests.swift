import Commands
import Console
import Contracts
import PipelineModel
import ShopRig
import TestWorld
import Testing

/// What a person sees of a bake who sits before it.
@Suite struct BakeOnATerminalTests {
    /// Every picture of the live lines, without colours; green answers more slowly from the middle of
    /// the bake on.
    private func pictures() -> [[String]] {
        let shop = Shop.running()
        let recording = TerminalRecording(isTerminal: true, columns: 120)
        let app = App(
            world: shop.world, version: "0.1.0", proxy: shop.production.proxyHost,
            terminal: { _, _ in recording.terminal })
        let time = shop.simulation.time
        let status = shop.simulation.run {
            async let status = app.run(["deploy", "2.9"])
            await time.sleep(.seconds(10))
            shop.production.change { $0.environments[.green]?.takes = .milliseconds(40) }
            return await status
        }
        #expect(status == 0, "\(recording.transcript)")
        return recording.error.replacing(/\e\[[0-9;]*m/, with: "")
            .split(separator: /\r\e\[\d+A\e\[J/)
            .map { $0.split(separator: "\n").map(String.init) }
    }

    @Test func `each metric has one live line, drawn over with its last values as bars`() {
        let pictures = pictures()
        let bakes = pictures.map { $0.filter { $0.contains(" bake: ") } }
        #expect(bakes.contains { $0.count == 2 })
        for bake in bakes {
            for metric in ["errors < 1%", "p95 < 300ms"] {
                #expect(bake.count { $0.contains(" bake: \(metric)") } <= 1, "\(bake)")
            }
        }
        let last = bakes.last { $0.count == 2 }
        #expect(last?[0].contains("  0% ▁▁▁") == true, "\(bakes)")
        #expect(last?[1].contains("▁█") == true, "\(bakes)")
        #expect(last?[1].contains("40ms") == true, "\(bakes)")
    }

    @Test func `what is left of a bake is its verdict`() {
        let last = pictures().last ?? []
        #expect(!last.contains { $0.contains(" bake: ") }, "\(last)")
    }
}
