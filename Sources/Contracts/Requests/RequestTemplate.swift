package import PipelineModel

/// A request as the pipeline file writes it, before its names are filled in.
package struct RequestTemplate: Sendable {
    private enum Body {
        case absent
        case text(Template)
        case json(JSONTemplate)
    }

    private let method: String
    private let address: Template
    private let headers: [(name: String, value: Template)]
    private let body: Body

    package static let method = Setting(
        "method", .choice(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        .standard("GET"), "The method of the request.")

    /// The keys that may stand beside the address of a request.
    package static let settings = [
        Setting("headers", .named(.text(.template)), .optional, "Headers to send."),
        Setting("body", .text(.template), .optional, "Text to send."),
        Setting(
            "json", .anything, .optional,
            "A value to send as JSON; unquoted numbers, true, false and null stay what they are."),
    ]

    /// Reads the address behind the key `address` and, unless `hasBody` is false, the body beside it.
    package init?(
        _ section: Section, address key: String, method: String = "GET", hasBody: Bool = true
    ) {
        guard let address = section.template(key) else { return nil }
        let isPlausible = RequestAddress.isPlausible(address, report: section.report)
        let headers = Self.headers(section)
        let body = hasBody ? Self.body(section) : .absent
        guard isPlausible, let headers, let body else { return nil }
        self.method = method
        self.address = address
        self.headers = headers
        self.body = body
    }

    package var templates: [Template] {
        let inBody =
            switch body {
            case .absent: [Template]()
            case .text(let template): [template]
            case .json(let template): template.templates
            }
        return [address] + headers.map(\.value) + inBody
    }

    /// The request with every name filled in; a path is one of `context.url`.
    package func filled(_ context: StepContext) throws(Failure) -> HTTPRequest {
        let address = try RequestAddress(address.resolved(context.substitutes), base: context.url)
        var request = HTTPRequest(
            method, address.url, timeout: min(context.requestTimeout, context.timeout))
        for (name, template) in headers {
            let value = try template.resolved(context.substitutes)
            guard !value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
                throw Failure(.refused, "The header \(name) would contain a control character.")
            }
            request.headers.append(HTTPField(name, value))
        }
        switch body {
        case .absent: break
        case .text(let template):
            request.body = Array(try template.resolved(context.substitutes).utf8)
        case .json(let template):
            request.body = Array(try template.filled(context.substitutes).description.utf8)
            request.add("Content-Type", "application/json")
        }
        request.add("User-Agent", "bluegreen")
        return request
    }
}

extension HTTPRequest {
    /// Adds a header unless the user wrote it.
    fileprivate mutating func add(_ name: String, _ value: String) {
        guard !headers.contains(where: { $0.name.lowercased() == name.lowercased() }) else {
            return
        }
        headers.append(HTTPField(name, value))
    }
}

/// Reading the section.
extension RequestTemplate {
    private static let framing: Set = ["content-length", "transfer-encoding", "connection"]

    private static func headers(_ section: Section) -> [(name: String, value: Template)]? {
        guard case .mapping(let entries)? = section.node["headers"]?.content else { return [] }
        var isGood = section.checkHeaderNames(in: "headers")
        for entry in entries where framing.contains(entry.key.lowercased()) {
            section.report.error(
                at: entry.keyPosition, "'\(entry.key)' is no header that a request may set")
            isGood = false
        }
        return isGood ? section.namedTemplates("headers") : nil
    }

    private static func body(_ section: Section) -> Body? {
        if section.has("json"), section.has("body") {
            section.report.error(
                at: section.position(of: "json"), "'body' and 'json' exclude each other")
            return nil
        }
        if let text = section.template("body") { return .text(text) }
        return section.node["json"].map { .json(JSONTemplate($0)) } ?? .absent
    }
}
