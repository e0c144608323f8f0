import Contracts
import PipelineModel
import ShopRig
import TestWorld
import Testing

/// The judge of the histories: what it says of journals that nobody may write.
@Suite struct JournalAuditTests {
    private let shop = Shop.running()

    private static let end = RunEvent.ended(
        Outcome(.stoppedAsAsked, production: .untouched(.blue)))

    private func verdict(judgesAge: Bool = true) -> String? {
        var audit = JournalAudit(judgesAge: judgesAge)
        return audit.wrong(in: shop)
    }

    private func switchLater(by minutes: Int) {
        _ = shop.begin(Trouble.plan(), Trouble.ready + [Self.end], isAlive: false)
        shop.wait(.seconds(minutes * 60))
        let intent = Trouble.intent(.green, Token(epoch: 4, round: 1))
        _ = shop.begin(Trouble.plan(.switching), [.switchIntended(intent)], isAlive: false)
    }

    @Test func `checks from half an hour ago still count`() {
        switchLater(by: 30)
        #expect(verdict() == nil)
    }

    @Test func `a switch on checks that are too old is wrong`() throws {
        switchLater(by: 32)
        #expect(verdict(judgesAge: false) == nil)
        #expect(try #require(verdict()).contains("its checks were"))
    }

    @Test func `a switch without checks is wrong`() throws {
        let intent = Trouble.intent(.green, Token(epoch: 3, round: 1))
        _ = shop.begin(Trouble.plan(.switching), [.switchIntended(intent)], isAlive: false)
        #expect(try #require(verdict()).contains("without checks"))
    }

    @Test func `a run that took the place of another one says so`() throws {
        let dead = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: false)
        _ = shop.begin(Trouble.plan(), isAlive: false, supersedes: dead)
        #expect(verdict() == nil)
        _ = shop.begin(Trouble.plan(), isAlive: false, supersedes: dead)
        #expect(try #require(verdict()).contains("does not say so"))
    }

    @Test func `a claim beside an open move is wrong`() throws {
        let dead = shop.begin(Trouble.plan(), Trouble.switching, isAlive: false)
        _ = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: false, supersedes: dead)
        #expect(try #require(verdict()).contains("while a move of traffic was open"))
    }

    @Test func `a move of traffic that begins after the way back is wrong`() throws {
        let back = Trouble.intent(.blue, Token(epoch: 3, round: 3))
        let again = Trouble.intent(.green, Token(epoch: 3, round: 4))
        _ = shop.begin(
            Trouble.plan(), Trouble.switching + [.undoIntended(back), .switchIntended(again)],
            isAlive: false)
        #expect(try #require(verdict()).contains("after it had begun to go back"))
    }

    @Test func `a write that no durable line announced is wrong`() {
        shop.production.change { $0.isLenient = true }
        #expect(outrages(of: "blue:-:0:999") == ["blue:-:0:999 was written before it was on disk"])
    }

    private func outrages(of value: String) -> [String] {
        let request = StreamRequest(
            .unix(path: FakeProduction.socket),
            bytes: Array("set map \(FakeProduction.mapFile) shop \(value)\n".utf8),
            timeout: .seconds(1), answerLimit: 1 << 16)
        let production = shop.production
        _ = shop.simulation.run { try? await production.exchange(request) }
        var found: [String] = []
        production.change { found = $0.outrages }
        return found
    }

    /// Nothing of the one that stands still happens in the meantime, and time goes on for it.
    @Test func `a command that another process overtakes stands still`() {
        let shop = shop
        let began = shop.simulation.now
        shop.beginProcess()
        shop.production.change { state in
            state.standstill = (1, { #expect(shop.typeAside(["status"]).status == 0) })
        }
        #expect(shop.type("deploy", "3.0").status == 0)
        #expect(shop.simulation.now > began)
    }

    @Test func `a deploy that stands still is ended by a rollback, and writes nothing any more`() {
        let shop = shop
        shop.beginProcess()
        shop.files.prepare(
            .standstill { #expect(shop.typeAside(["rollback"]).status == 0) }, at: 60)
        shop.type("deploy", "3.0")
        #expect(shop.files.isDead)
        #expect(!shop.production.ended.isEmpty)
        shop.files.restart()
        shop.endProcess()
        #expect(shop.type("status").status == 0)
    }
}
