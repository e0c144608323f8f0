import ShopRig
import TestWorld
import Testing

@testable import Commands

/// Words at the keyboard that mean nothing, and what is said about them.
@Suite struct KeyboardTests {
    @Test(arguments: [
        (["deploy", "2.9", "--timeout", "5"], "--timeout 30s"),
        (["deploy", "2.9", "--timeout", "0s"], "--timeout 30s"),
        (["switch", "--lock-timeout", "x"], "--lock-timeout 10m"),
        (["retire", "--lock-timeout", "10"], "--lock-timeout 10m"),
        (["resume", "--lock-timeout", "10"], "--lock-timeout 10m"),
        (["rollback", "--timeout", "soon"], "--timeout 30s"),
        (["wait", "--for", "free", "--timeout", "10"], "--timeout 10m"),
        (["watch", "--interval", "0s"], "--interval 10s"),
        (["freeze", "--for", "12", "--reason", "x"], "--for 12h"),
        (["plan", "--var", "x"], "--var region=eu"),
        (["history", "--limit", "many"], "--limit 50"),
        (["history", "--limit", "0"], "--limit 50"),
        (["show", "--stage", "eu/1"], "--stage production"),
        (["status", "--service", "a b"], "--service shop"),
        (["init", "--blue", "8081"], "--blue 10.0.0.1:8080"),
        (["freeze", "--release", "2 8", "--reason", "x"], "--release 2.8.0"),
        (["unfreeze", "--release", "-"], "--release 2.8.0"),
        (["rollback", "--router-settings", "x"], #"'{"haproxy": {"socket": ...}}'"#),
    ])
    func `a value that is written wrongly is answered with one that is right`(
        words: [String], example: String
    ) {
        let screen = Shop.running().type(words)
        #expect(screen.status == 64)
        #expect(screen.error.contains(example), "\(screen.error)")
    }

    @Test(arguments: [
        ["status"], ["adopt"], ["deploy", "2.9"], ["rollback"], ["proxy"],
    ])
    func `an address for the record made a folder of that name`(words: [String]) {
        let shop = Shop.running()
        let before = shop.files.paths
        let screen = shop.type(words + ["--state", "s3://ana:s3cret@records/shop"])
        #expect(screen.status == 64)
        #expect(screen.error.contains("A record at s3:// is not built yet"), "\(screen.error)")
        #expect(!screen.error.contains("s3cret"), "\(screen.error)")
        #expect(shop.files.paths == before)
    }

    @Test(arguments: [
        (["deploy", "--version", "3.0"], "the version is a word: bluegreen deploy 3.0"),
        (
            ["plan", "--var", "x=a b;c'd", "--version=3.0"],
            "the version is a word: bluegreen plan 3.0 --var \"x=a b;c'd\""
        ),
        (
            ["freeze", "--reason", "x", "--version", "3.0"],
            "here it is: bluegreen freeze --release 3.0 --reason x"
        ),
        (["deploy", "--version"], "'bluegreen --version' tells which version this program is"),
        (["status", "--version"], "'bluegreen --version' tells which version this program is"),
        (["status", "--version", "-o", "json"], "'bluegreen --version' tells which version"),
    ])
    func `the program's own --version was taken behind a verb and ignored`(
        words: [String], hint: String
    ) {
        let shop = Shop.running()
        let before = shop.recorded
        let screen = shop.type(words)
        #expect(screen.status == 64, "\(screen)")
        let all = screen.error + screen.output
        #expect(all.contains("'--version' is no option of a verb."), "\(screen)")
        #expect(all.contains(hint), "\(screen)")
        #expect(shop.recorded == before)
    }

    @Test(arguments: [
        (["deploy", "--foo"], "--foo", nil), (["status", "--bla"], "--bla", nil),
        (["deploy", "--yess"], "--yess", "Did you mean '--yes'?"),
        (["rollback", "--stag", "eu"], "--stag", "Did you mean '--stage'?"),
        (["deploy", "--foo", "-o", "json"], "--foo", nil),
    ])
    func `an option that is like no other was taken for one of three letters`(
        words: [String], option: String, hint: String?
    ) {
        let screen = Shop.running().type(words)
        #expect(screen.status == 64)
        let all = screen.error + screen.output
        #expect(all.contains("Unknown option '\(option)'"), "\(screen)")
        #expect(all.contains("Did you mean") == (hint != nil), "\(screen)")
        #expect(hint.map(all.contains) ?? true, "\(screen)")
    }

    @Test(arguments: ["./s3://records", "a:b", "records/a://b"])
    func `what is no address is a folder`(state: String) {
        let shop = Shop.running()
        #expect(shop.type("adopt", "--state", state).status == 0)
        #expect(shop.files.paths.contains { $0.hasPrefix(state) })
    }

    @Test(arguments: [["help", "deplyo"], ["deplyo"], ["deplyo", "--help"]])
    func `help for a mistyped verb is a mistake, and names the nearest`(words: [String]) {
        let screen = Shop().type(words)
        #expect(screen.status == 64)
        #expect(screen.output.isEmpty)
        #expect(screen.error.contains("There is no verb 'deplyo'."))
        #expect(screen.error.contains("did you mean 'deploy'?"))
    }

    @Test func `list was taken for lint`() {
        let screen = Shop().type("list")
        #expect(screen.status == 64)
        #expect(screen.error.contains("did you mean 'history'?"), "\(screen.error)")
    }

    @Test(arguments: [["help"], ["help", "deploy"], ["help", "undo"], ["-h"], ["--help"]])
    func `help that was asked for is an answer`(words: [String]) {
        let screen = Shop().type(words)
        #expect(screen.status == 0)
        #expect(screen.output.hasPrefix("OVERVIEW"))
    }

    @Test func `one address for two things is refused by init, every clash at once`() {
        let shop = Shop(pipeline: nil)
        let screen = shop.type(
            "init", "--listen", "0.0.0.0:8082", "--blue", "localhost:8082", "--green",
            "127.0.0.1:8082")
        #expect(screen.status == 64)
        for pair in ["--listen and --blue", "--listen and --green", "--blue and --green"] {
            #expect(screen.error.contains("\(pair) have the same address"), "\(screen.error)")
        }
        #expect(shop.files["bluegreen.yaml"] == nil)
    }

    @Test func `the same port on two machines is no clash`() {
        let words = [
            "init", "--router", "haproxy", "--listen", "0.0.0.0:8080", "--blue", "10.0.0.1:8080",
            "--green", "10.0.0.2:8080",
        ]
        #expect(Shop(pipeline: nil).type(words).status == 0)
    }

    @Test(arguments: [
        ("listen: 127.0.0.1:8081", "12:13: error: 'listen' is the address of colors.blue too"),
        (
            "{preview: 0.0.0.0:8082}",
            "12:15: error: 'preview' is the address of colors.green too"
        ),
        (
            "{metrics: 127.0.0.1:8080}",
            "12:15: error: 'metrics' is the address of listen too"
        ),
    ])
    func `an address that the embedded proxy cannot have is a mistake of the pipeline`(
        settings: String, message: String
    ) {
        let text = Shop.pipeline.replacing(
            """
              haproxy:
                socket: /run/haproxy/admin.sock
                map: /etc/haproxy/bluegreen.map
                key: shop
            """, with: "  embedded:\n    \(settings)")
        let screen = Shop(pipeline: text).type("validate")
        #expect(screen.status == 78)
        #expect(screen.error.contains("bluegreen.yaml:\(message)"), "\(screen.error)")
    }

    @Test func `a public address that is a colour's own is a mistake of the pipeline`() {
        let text = Shop.pipeline.replacing("127.0.0.1:8080/version", with: "127.0.0.1:8081/version")
        let screen = Shop(pipeline: text).type("validate")
        #expect(screen.status == 78)
        #expect(
            screen.error.contains(
                "bluegreen.yaml:17:8: error: 'public.url' is the address of blue itself"))
    }

    @Test(arguments: Set(UsageMistake.verbs).subtracting(["lint", "promote", "undo", "help"]))
    func `every verb is used as bluegreen, verb, options, and has examples`(verb: String) {
        let help = Shop().type(verb, "--help").output
        #expect(help.contains("EXAMPLES\n  bluegreen \(verb)"))
        #expect(help.contains("USAGE: bluegreen \(verb) "))
        #expect(help.contains("[<options>]"))
    }

    @Test(arguments: [
        "deploy", "switch", "rollback", "resume", "retire", "abort", "adopt", "watch",
    ])
    func `a verb that begins a run says that its JSON comes in lines`(verb: String) {
        #expect(Shop().type(verb, "--help").output.contains("each event is one line of JSON"))
    }

    @Test func `switch to a colour that was retired names the version it needs`() {
        let shop = Shop.running()
        shop.type("retire", "--now", "--reason", "full", "-y")
        let screen = shop.type("switch", "green")
        #expect(screen.status == 32)
        #expect(screen.error.contains("'bluegreen deploy 2.7'"), "\(screen.error)")
    }

    @Test func `abort takes the beginning of a run's name, as show does`() {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: false)
        #expect(shop.type("abort", "r-000009").status == 32)
        #expect(shop.type("abort", "r-000003").status == 0)
    }

    @Test func `what is still frozen is named before how to end it`() {
        let shop = Shop.running()
        shop.type("freeze", "--reason", "sales")
        shop.type("freeze", "--release", "2.8", "--reason", "loses carts")
        let screen = shop.type("unfreeze")
        #expect(screen.output.contains("Still frozen: 2.8 ('bluegreen unfreeze --release 2.8')."))
    }
}
