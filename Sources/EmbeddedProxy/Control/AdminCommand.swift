import Contracts
import PipelineModel

/// One line that somebody wrote into the admin socket.
enum AdminCommand: Hashable {
    case ping
    case observe
    case write(Datum)
    case stats
    case metrics
    case pause(Duration)
    case resume
    case split(Split?, Token)
    case closeTunnels(Color)

    struct Mistake: Error, Hashable {
        let message: String
    }

    static let words = [
        "ping", "observe", "write", "stats", "metrics", "pause", "resume", "split",
        "close-tunnels",
    ]

    init(_ line: String) throws(Mistake) {
        let words = line.split(separator: " ").map(String.init)
        let values = Array(words.dropFirst())
        switch (words.first, values.count) {
        case ("ping", 0): self = .ping
        case ("observe", 0): self = .observe
        case ("stats", 0): self = .stats
        case ("metrics", 0): self = .metrics
        case ("resume", 0): self = .resume
        case ("write", 3...4): self = .write(try Self.datum(values))
        case ("pause", 1): self = .pause(try Self.pause(values[0]))
        case ("split", 2...): self = try Self.split(values)
        case ("close-tunnels", 1): self = .closeTunnels(try Self.color(values[0]))
        case (let word?, _) where Self.words.contains(word):
            throw Mistake(message: "'\(word)' is used as: \(Self.usage(of: word))")
        default:
            throw Mistake(message: "unknown command; known: \(Self.words.joined(separator: ", "))")
        }
    }

    private static func usage(of word: String) -> String {
        switch word {
        case "write": "write blue|green free|claimed EPOCH.ROUND [PERCENT]"
        case "pause": "pause DURATION"
        case "split": "split EPOCH.ROUND off|PERCENT [header|cookie NAME VALUE]"
        case "close-tunnels": "close-tunnels blue|green"
        default: word
        }
    }

    private static func datum(_ values: [String]) throws(Mistake) -> Datum {
        let isIdleClaimed: Bool
        switch values[1] {
        case "free": isIdleClaimed = false
        case "claimed": isIdleClaimed = true
        default: throw Mistake(message: "idle is 'free' or 'claimed'")
        }
        return Datum(
            live: try color(values[0]), isIdleClaimed: isIdleClaimed,
            idlePercent: try values.count > 3 ? share(values[3], isIdleClaimed) : nil,
            token: try token(values[2]))
    }

    private static func share(_ word: String, _ isIdleClaimed: Bool) throws(Mistake) -> Int {
        guard !isIdleClaimed, let percent = percent(word), (1...99).contains(percent) else {
            throw Mistake(message: "a share is 1% to 99%, of an idle that is free")
        }
        return percent
    }

    private static func percent(_ word: String) -> Int? {
        word.hasSuffix("%") ? Int(word.dropLast()) : nil
    }

    private static func color(_ word: String) throws(Mistake) -> Color {
        guard let color = Color(rawValue: word) else {
            throw Mistake(message: "a colour is 'blue' or 'green'")
        }
        return color
    }

    private static func token(_ word: String) throws(Mistake) -> Token {
        guard let token = Token(word) else {
            throw Mistake(message: "a token is EPOCH.ROUND, such as 41.2")
        }
        return token
    }

    private static func pause(_ word: String) throws(Mistake) -> Duration {
        guard let length = Duration(written: word), length > .zero,
            length <= Register.longestPause
        else {
            let longest = Wording.length(Register.longestPause)
            throw Mistake(message: "a pause is a duration such as 5s, \(longest) at most")
        }
        return length
    }

    private static func split(_ values: [String]) throws(Mistake) -> AdminCommand {
        let token = try token(values[0])
        if values[1] == "off", values.count == 2 { return .split(nil, token) }
        guard let percent = percent(values[1]), (0...100).contains(percent),
            values.count == 2 || values.count == 5
        else { throw Mistake(message: "'split' is used as: \(usage(of: "split"))") }
        guard values.count == 5 else { return .split(Split(idlePercent: percent), token) }
        guard let place = HeaderMatch.Place(rawValue: values[2]) else {
            throw Mistake(message: "a match is a 'header' or a 'cookie'")
        }
        let match = HeaderMatch(place, name: values[3], value: values[4])
        return .split(Split(idlePercent: percent, match: match), token)
    }
}
