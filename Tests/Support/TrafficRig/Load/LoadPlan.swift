/// Which requests a load client sends, where and how fast.
package struct LoadPlan: Sendable {
    package let host: String
    package let port: Int
    package let path: String
    /// Requests per second, all connections together.
    package var rate: Int
    /// Connections that stay open and ask again and again.
    package var keepAlive: Int
    /// Lanes that open a connection for each request.
    package var close: Int
    /// Connections that stay open and place orders, each with an id of its own.
    package var posts: Int
    /// How long one request may take before it counts as lost.
    package var timeout: Duration

    /// `url` is `http://HOST:PORT/PATH`.
    package init(
        url: String, rate: Int = 500, keepAlive: Int = 32, close: Int = 8, posts: Int = 4,
        timeout: Duration = .seconds(5)
    ) throws {
        let address = try Address(url)
        host = address.host
        port = address.port
        path = address.path
        self.rate = rate
        self.keepAlive = keepAlive
        self.close = close
        self.posts = posts
        self.timeout = timeout
        guard rate > 0, keepAlive + close + posts > 0 else {
            throw RigFailure("a load needs a rate above 0 and at least one connection")
        }
    }
}

/// `http://HOST:PORT/PATH` taken apart.
struct Address: Sendable {
    let host: String
    let port: Int
    let path: String

    init(_ url: String) throws {
        let scheme = "http://"
        let parts = url.dropFirst(scheme.count).split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let authority = (parts.first ?? "").split(separator: ":")
        guard url.hasPrefix(scheme), let host = authority.first, authority.count <= 2,
            let port = authority.count == 2 ? Int(authority[1]) : 80
        else { throw RigFailure("'\(url)' is not http://HOST:PORT/PATH") }
        self.host = String(host)
        self.port = port
        path = "/" + (parts.count > 1 ? parts[1] : "")
    }
}
