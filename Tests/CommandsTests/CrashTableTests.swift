import Contracts
import PipelineModel
import ShopRig
import TestWorld
import Testing

@testable import StateStores

/// The crash table of `docs/state.md`, cell by cell: runs are played to their end, and each journal is cut
/// after each of its lines, with one, two and three routers.
@Suite struct CrashTableTests {
    /// What a command ends with, and which colour all routers show then; `nil`: nothing was written.
    fileprivate typealias Cell = (status: Int32, live: Color?)

    fileprivate struct Row {
        let status: Int32
        let says: String
        let resume: Cell
        let abort: Cell
        let rollback: Cell
        let deploy: Cell
        let switching: Cell

        var cells: [(words: [String], cell: Cell)] {
            [
                (["status"], (status, nil)), (["resume"], resume), (["abort"], abort),
                (["rollback"], rollback), (["deploy", "3.0"], deploy), (["switch"], switching),
            ]
        }

        init(
            _ status: Int32, _ says: String, resume: Cell, abort: Cell = (32, nil),
            rollback: Cell, deploy: Cell, switching: Cell
        ) {
            (self.status, self.says, self.resume) = (status, says, resume)
            (self.abort, self.rollback) = (abort, rollback)
            (self.deploy, self.switching) = (deploy, switching)
        }

        /// Traffic was moving: only `resume` and `rollback` go on from here.
        static func open(_ says: String, resume: Color) -> Row {
            Row(
                20, says, resume: (0, resume), rollback: (0, .blue), deploy: (33, nil),
                switching: (33, nil))
        }
    }

    /// Blue is live with 2.8, green has 2.7, and the run that died deploys 2.9 to green or retires it.
    fileprivate enum Place: String {
        case begun, claimed, sealed, shared, announced, announcedOverShare, written, split
        case goingBack, switched, passed, failed, back, retireBegun, retiring, retired

        fileprivate var row: Row {
            switch self {
            case .begun:
                Row(
                    0, "RUN ORPHANED", resume: (0, .green), abort: (0, nil),
                    rollback: (0, .green), deploy: (0, .green), switching: (0, .green))
            case .claimed:
                Row(
                    0, "RUN ORPHANED", resume: (0, .green), abort: (0, nil),
                    rollback: (21, nil), deploy: (0, .green), switching: (32, nil))
            case .sealed:
                Row(
                    0, "RUN ORPHANED", resume: (0, .green), abort: (0, nil),
                    rollback: (21, nil), deploy: (0, .green), switching: (0, .green))
            case .shared: .open("A canary of green", resume: .blue)
            case .announced, .written: .open("A switch to green was begun", resume: .green)
            case .announcedOverShare, .split:
                .open("A switch to green was begun", resume: .blue)
            case .goingBack: .open("A switch to blue was begun", resume: .blue)
            case .switched:
                Row(
                    22, "BAKE ORPHANED", resume: (0, .green), rollback: (0, .blue),
                    deploy: (32, nil), switching: (32, nil))
            case .passed:
                Row(
                    0, "RUN ORPHANED", resume: (0, .green), rollback: (0, .blue),
                    deploy: (0, .blue), switching: (0, .blue))
            case .failed:
                Row(
                    22, "The bake failed", resume: (11, .blue), rollback: (0, .blue),
                    deploy: (0, .blue), switching: (0, .blue))
            case .back:
                Row(
                    0, "RUN ORPHANED", resume: (0, .blue), rollback: (21, nil),
                    deploy: (0, .green), switching: (0, .green))
            case .retireBegun:
                Row(
                    0, "RUN ORPHANED", resume: (0, .blue), abort: (0, nil),
                    rollback: (0, .green), deploy: (0, .green), switching: (0, .green))
            case .retiring:
                Row(
                    0, "RUN ORPHANED", resume: (0, .blue), rollback: (21, nil),
                    deploy: (0, .green), switching: (0, .green))
            case .retired:
                Row(
                    0, "RUN ORPHANED", resume: (0, .blue), rollback: (21, nil),
                    deploy: (0, .green), switching: (32, nil))
            }
        }
    }

    // MARK: - The runs

    enum Play: String, CaseIterable, Sendable {
        case good, bad, unproven, canary, retirement

        /// What comes before is as in `good`.
        fileprivate var first: String {
            switch self {
            case .good, .retirement: "began"
            case .bad: "bakeJudged"
            case .unproven: "notProved"
            case .canary: "canaryIntended"
            }
        }

        fileprivate func type(in shop: Shop) -> Shop.Screen {
            switch self {
            case .good, .canary: return shop.type("deploy", "2.9")
            case .bad: return shop.deployBad("2.9")
            case .unproven:
                shop.production.change {
                    $0.onSwitch[.green] = { $0.environments[.green]?.oddAnswers = 1_000_000 }
                }
                return shop.type("deploy", "2.9")
            case .retirement: return shop.type("retire", "--now", "--reason", "memory", "-y")
            }
        }

        fileprivate var status: Int32 {
            switch self {
            case .good, .canary, .retirement: 0
            case .bad, .unproven: 11
            }
        }
    }

    @Test(arguments: Play.allCases, [1, 2, 3])
    func `each command does behind each line what the crash table says`(
        play: Play, routers: Int
    ) throws {
        let before = Self.running(routers, canary: play == .canary)
        let shop = Self.copy(of: before, routers)
        let screen = play.type(in: shop)
        #expect(screen.status == play.status, "\(screen)")
        let death = try Death(of: shop, before, routers)
        var places = try death.places
        let first = try #require(
            places.firstIndex { $0.kind == play.first }, "no \(play.first) in the journal")
        places.removeFirst(first)
        // With one router, after every line; with more, once for what the routers show.
        var seen: Set<[String]> = []
        for place in places
        where routers == 1 || seen.insert([place.place.rawValue] + place.values).inserted {
            for (words, cell) in place.place.row.cells {
                death.judge(words, cell, at: place)
            }
        }
    }

    private static func names(_ routers: Int) -> [String] {
        routers == 1 ? [] : (1...routers).map { "lb-\($0)" }
    }

    private static func running(_ routers: Int, canary: Bool) -> Shop {
        let names = names(routers)
        let pipeline = routers == 1 ? Shop.pipeline : Shop.fleetPipeline(names)
        let shop: Shop
        if routers == 1 {
            shop = Shop.running()
        } else {
            shop = Shop(pipeline: pipeline)
            for name in names { shop.production.addFleet(name) }
            for version in ["2.7", "2.8"] {
                #expect(shop.type("deploy", version).status == 0)
                shop.wait(.seconds(600))
            }
        }
        shop.write("bluegreen.yaml", pipeline + (canary ? Shop.canary : ""))
        return shop
    }

    /// The same disk and moment; its routers show the same.
    private static func copy(of shop: Shop, _ routers: Int) -> Shop {
        let copy = Shop(copying: shop)
        show(values(in: shop, routers), in: copy, routers)
        return copy
    }

    private static func values(in shop: Shop, _ routers: Int) -> [String] {
        routers == 1
            ? [shop.production.value ?? ""]
            : names(routers).map { shop.production.value(of: $0) ?? "" }
    }

    private static func show(_ values: [String], in shop: Shop, _ routers: Int) {
        shop.production.setValue(values.first)
        for (name, value) in zip(names(routers), values) {
            shop.production.addFleet(name)
            shop.production.change(name) { $0.value = value }
            shop.production.persist(value, in: FakeProduction.mapFile(name))
        }
    }

    // MARK: - Their deaths

    fileprivate struct Moment {
        /// The last line, and how many there are.
        let kind: String
        let lines: Int
        let place: Place
        let values: [String]
    }

    fileprivate struct Death {
        private let shop: Shop
        private let before: Shop
        private let routers: Int
        private let journal: String
        private let lines: [ArraySlice<UInt8>]

        init(of shop: Shop, _ before: Shop, _ routers: Int) throws {
            (self.shop, self.before, self.routers) = (shop, before, routers)
            let added = shop.files.paths.filter { path in
                path.hasSuffix(".jsonl") && before.files[path] == nil
            }
            journal = try #require(added.first)
            lines = try #require(shop.files[journal]).split(separator: UInt8(ascii: "\n"))
            #expect(added.count == 1 && lines.count > 5)
        }

        /// Behind each line but the last one, which is the end, as often as the routers may differ there.
        var places: [Moment] {
            get throws {
                var moments: [Moment] = []
                var place = Place.begun
                var current = CrashTableTests.values(in: before, routers)
                var announced = current
                for (index, bytes) in lines.enumerated() {
                    let line = try #require(JournalLine(bytes))
                    let event = try #require(line.entry).event
                    if case .ended = event { break }
                    if let datum = event.announces {
                        announced = current.map { _ in Self.text(datum) }
                    }
                    if case .written = event { current = announced }
                    place = try #require(
                        Self.place(after: event, place), "no row for \(line.kind)")
                    var shown = [(place, current)]
                    if event.announces != nil {
                        shown = [(place, current), (place.onceWritten, announced)]
                        if routers > 1 {
                            let half = [announced[0]] + current.dropFirst()
                            shown.append((place.onceHalfWritten, half))
                        }
                    }
                    moments += shown.map {
                        Moment(kind: line.kind, lines: index + 1, place: $0, values: $1)
                    }
                }
                return moments
            }
        }

        /// HAProxy's value, as docs/routers/haproxy.md spells it.
        private static func text(_ datum: Datum) -> String {
            let idle = datum.isIdleClaimed ? "-" : datum.live.other.rawValue
            return "\(datum.live):\(idle):\(datum.idlePercent ?? 0):\(datum.token.number)"
        }

        /// The row of the table; a line of which it does not speak leaves the row as it was.
        private static func place(after event: RunEvent, _ place: Place) -> Place? {
            switch event {
            case .began(let beginning):
                beginning.plan.verb == .retire ? .retireBegun : .begun
            case .claimIntended: .claimed
            case .sealed: .sealed
            case .canaryIntended: .shared
            case .switchIntended: place == .shared ? .announcedOverShare : .announced
            case .undoIntended, .rollbackIntended: .goingBack
            case .switched: .switched
            case .bakeJudged(let verdict): verdict.judgement == .passed ? .passed : .failed
            case .undone, .rolledBack: .back
            case .retireIntended: .retiring
            case .retired: .retired
            case .written: place.onceWritten
            case .preflightPassed, .confirmed, .proved, .notProved, .claimed, .stepBegan,
                .stepSpawned, .stepEnded, .checksPassed, .canaryJudged, .bakeBegan,
                .wayBackProbed:
                place
            // No run that is played here says them.
            case .adopted, .adoptIntended, .stopRequested, .failed, .levelIntended,
                .contradicted, .unreadable, .tunnelsClosed, .levelled, .surveyed, .unsettled,
                .tested, .ended:
                nil
            }
        }

        /// Types `words` where the run died at that moment, and holds what comes of it against the table.
        func judge(_ words: [String], _ cell: Cell, at moment: Moment) {
            let shop = left(at: moment)
            let what =
                "\(words.joined(separator: " ")) behind \(moment.kind) (line \(moment.lines),"
                + " \(moment.place)), routers: \(moment.values)"
            let screen = shop.type(words)
            #expect(screen.status == cell.status, "\(what): \(screen)")
            let shown = CrashTableTests.values(in: shop, routers)
            if let live = cell.live {
                #expect(shown.allSatisfy { $0.hasPrefix("\(live):") }, "\(what): \(shown)")
                let after = shop.type("status")
                #expect(after.status == 0, "\(what), then: \(after)")
            } else {
                #expect(shown == moment.values, "\(what): \(shown)")
            }
            if words == ["status"] {
                #expect(screen.output.contains(moment.place.row.says), "\(what): \(screen)")
            }
            shop.production.change { #expect($0.outrages.isEmpty, "\(what): \($0.outrages)") }
        }

        /// The disk from before the run, with its journal up to that line; `state.json` is a cache, and gone.
        private func left(at moment: Moment) -> Shop {
            let shop = Shop(copying: self.shop)
            for path in shop.files.paths where path.hasPrefix(".bluegreen") {
                if path.hasSuffix(".owner") { continue }
                shop.files[path] = path.hasSuffix("/state.json") ? nil : before.files[path]
            }
            shop.files[journal] = lines.prefix(moment.lines).flatMap { Array($0) + [10] }
            CrashTableTests.show(moment.values, in: shop, routers)
            return shop
        }
    }
}

extension CrashTableTests.Place {
    /// Once all routers show what was announced.
    fileprivate var onceWritten: Self {
        switch self {
        case .announced, .announcedOverShare: .written
        case _: self
        }
    }

    /// Where only one of several does.
    fileprivate var onceHalfWritten: Self {
        switch self {
        case .announced, .announcedOverShare: .split
        case _: self
        }
    }
}

extension RunEvent {
    /// What is written next.
    fileprivate var announces: Datum? {
        switch self {
        case .claimIntended(let intent), .canaryIntended(let intent),
            .switchIntended(let intent), .undoIntended(let intent),
            .rollbackIntended(let intent), .retireIntended(let intent):
            intent.datum
        case _: nil
        }
    }
}
