import Contracts
import PipelineModel

/// A run of 2.9 to green on a running shop, as far as it came before something happened to it.
enum Trouble {
    static let release = Release(version: "2.9")

    static func plan(_ entry: RunPlan.Entry = .deploying) -> RunPlan {
        RunPlan(
            verb: .deploy, entry: entry, from: .blue, to: .green, release: release,
            deploySteps: ["start"], checks: ["healthy"], hasBake: true)
    }

    static func intent(_ live: Color, _ token: Token) -> Intent {
        let settings =
            #"{"socket":"/run/haproxy/admin.sock","map":"/etc/haproxy/bluegreen.map","key":"shop"}"#
        return Intent(
            datum: Datum(live: live, isIdleClaimed: live == .blue, token: token), from: .blue,
            recipes: [
                Recipe(router: RouterID("haproxy"), kind: "haproxy", settings: settings)
            ], release: release,
            entrance: Entrance(
                url: "http://127.0.0.1:8080/version", place: .header("X-Color"),
                expected: [.blue: "blue", .green: "green"], consecutive: 20, within: .seconds(5),
                direct: [.blue: "http://127.0.0.1:8081", .green: "http://127.0.0.1:8082"]))
    }

    static let claimed: [RunEvent] = [
        .claimIntended(intent(.blue, Token(epoch: 3, round: 1))), .claimed,
    ]
    static let ready = claimed + [.sealed(release), .checksPassed]
    static let switching =
        ready + [.switchIntended(intent(.green, Token(epoch: 3, round: 2)))]
    static let baking =
        switching + [.switched(live: .green, previous: .blue), .bakeBegan(.seconds(600))]
}
