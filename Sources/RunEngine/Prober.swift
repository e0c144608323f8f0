package import Contracts
package import PipelineModel

/// Asks a service over HTTP which colour answers: through the public address, or directly.
package struct Prober: Sendable {
    package let entrance: Entrance
    let world: World
    let constants: Constants

    package init(entrance: Entrance, world: World, constants: Constants) {
        self.entrance = entrance
        self.world = world
        self.constants = constants
    }

    /// The same questions at another place.
    package func with(_ entrance: Entrance) -> Prober {
        Prober(entrance: entrance, world: world, constants: constants)
    }

    package struct Answer: Sendable {
        package var kind: ProofTally.Answer
        package var sent: Duration
        package var ended: Duration
        /// The status was below 500.
        package var isServed: Bool
        /// Nothing was asked: this machine does not know the name.
        package var isUnresolved = false
        /// Nothing came in the time that it was given.
        package var isLate = false
        /// What answered at the own address of a colour is not that colour.
        package var isStranger = false
        /// Users can be sent there.
        package var isFit: Bool { isServed && !isStranger }
        /// What stands where the identity is expected.
        var text: String?
        /// Of the answer; 0 where none came.
        var status = 0
        var headerNames: [String] = []
    }

    /// One request through the public address, on a connection of its own.
    package func askPublic(timeout: Duration, as tester: Preview? = nil) async -> Answer {
        await ask(
            entrance.url, connectTo: entrance.connectTo, timeout: timeout,
            also: tester.map { [$0.field] } ?? [])
    }

    /// The same question, put to one environment itself.
    ///
    /// Whoever is not `color` there, or does not say who it is, could not be proven to have traffic.
    /// Where no text is expected of `color` (a version that nobody knows), nobody is a stranger.
    package func askDirectly(_ color: Color, timeout: Duration) async -> Answer? {
        guard let url = address(of: color) else { return nil }
        var answer = await ask(url, connectTo: nil, timeout: timeout)
        answer.isStranger =
            answer.isServed && entrance.expected[color] != nil && answer.kind != .color(color)
        return answer
    }

    /// Where one environment itself is asked.
    private func address(of color: Color) -> String? {
        entrance.direct[color].map { $0 + Self.path(of: entrance.url) }
    }

    /// Why `color` could not be recognised after a switch to it. One lost request is no reason.
    func namelessness(of color: Color) async -> Failure? {
        for attempt in 1...3 {
            let answer = await askDirectly(color, timeout: .seconds(2))
            guard let answer, answer.kind != .color(color) else { return nil }
            guard attempt == 3 else { continue }
            return Failure(
                .targetDown, "\(color) does not answer as \(color) on its direct address.",
                evidence: ["\(address(of: color) ?? ""): \(Runner.words(answer.kind))"]
                    + lookalikes(in: answer),
                hint: "A switch could not be proven; check public.identity and the application.")
        }
        return nil
    }

    private func ask(
        _ url: String, connectTo: String?, timeout: Duration, also: [HTTPField] = []
    ) async -> Answer {
        let sent = world.time.now()
        var request = HTTPRequest(
            "GET", url, headers: headers + also, timeout: timeout, isOnFreshConnection: true,
            caFile: entrance.caFile)
        request.connectTo = connectTo
        do throws(HTTPFailure) {
            let answer = try await world.http.send(request)
            return Answer(
                kind: kind(of: answer), sent: sent, ended: world.time.now(),
                isServed: answer.status < 500, text: text(of: answer), status: answer.status,
                headerNames: answer.headers.map(\.name))
        } catch {
            return Answer(
                kind: .error(error.message), sent: sent, ended: world.time.now(), isServed: false,
                isUnresolved: error.reason == .unresolved, isLate: error.reason == .timedOut)
        }
    }

    private var headers: [HTTPField] {
        let substitutes = Substitutes(constants: constants)
        let own = entrance.headers.sorted { $0.key < $1.key }.map { name, written in
            let template = Template(
                TemplateParser.parse(written).parts,
                at: Position(file: "public.headers", line: 1, column: 1))
            // A header without its value is sent empty: the answer then tells what is missing.
            return HTTPField(name, (try? template.filled(substitutes)) ?? "")
        }
        return [HTTPField("User-Agent", "bluegreen")] + own
    }

    /// Which colour an answer claims to come from. A failed request never proves anything.
    func kind(of answer: HTTPAnswer) -> ProofTally.Answer {
        guard answer.status < 500 else { return .error("status \(answer.status)") }
        guard let text = text(of: answer) else { return .error(missing) }
        return kind(naming: text)
    }

    private func text(of answer: HTTPAnswer) -> String? {
        guard answer.status < 500 else { return nil }
        return switch entrance.place {
        case .header(let name): answer.header(name)
        case .json(let path): Self.text(at: path, in: answer.body)
        case .body: String(decoding: answer.body, as: UTF8.self)
        }
    }

    var missing: String {
        switch entrance.place {
        case .header(let name): "no header \(name)"
        case .json(let path): "no \(path) in the body"
        case .body: "no body"
        }
    }

    func kind(naming text: String) -> ProofTally.Answer {
        let color: Color? =
            switch entrance.place {
            case .header, .json: Color.allCases.first { entrance.expected[$0] == text }
            case .body: named(in: text)
            }
        return color.map(ProofTally.Answer.color) ?? .other(Wording.excerpt(text.utf8, limit: 64))
    }

    private static func text(at path: String, in body: [UInt8]) -> String? {
        // A body that is no JSON, or a path that is none, holds no identity: the answer says so.
        guard let path = try? JSONPath(path), let document = try? JSON(parsing: body) else {
            return nil
        }
        return path.value(in: document)?.text
    }

    /// Where one expected text is part of the other (`1.0`, `1.0.1`), the longer one decides.
    private func named(in body: String) -> Color? {
        let found = Color.allCases.compactMap { color in
            entrance.expected[color].flatMap { body.contains($0) ? (color, $0) : nil }
        }
        let longest = found.max { $0.1.count < $1.1.count }
        guard let longest, found.allSatisfy({ longest.1.contains($0.1) }) else { return nil }
        return longest.0
    }

    private static func path(of url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return "/" }
        let rest = url[scheme.upperBound...]
        guard let slash = rest.firstIndex(of: "/") else { return "/" }
        return String(rest[slash...])
    }
}

extension Preview {
    /// What makes a request one of a tester.
    fileprivate var field: HTTPField {
        switch place {
        case .header: HTTPField(name, value)
        case .cookie: HTTPField("Cookie", "\(name)=\(value)")
        }
    }
}
