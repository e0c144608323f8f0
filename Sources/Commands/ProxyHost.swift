package import Contracts

/// How this program serves as a proxy: what it calls for that lies outside of the verbs.
package struct ProxyHost: Sendable {
    /// How this program was called: what starts it again in the background.
    package var program: String
    /// Serves until `untilStopped` returns and requests under way have finished; `print` gets the lines of
    /// the access log and may wait for their reader. Throws where it cannot begin.
    package var serve:
        @Sendable (
            _ plan: ProxyPlan, _ untilStopped: @escaping @Sendable () async -> Void,
            _ print: @escaping @Sendable (String) -> Void
        ) async throws(Failure) -> Void

    package init(
        program: String,
        serve:
            @escaping @Sendable (
                ProxyPlan, @escaping @Sendable () async -> Void,
                @escaping @Sendable (String) -> Void
            ) async throws(Failure) -> Void
    ) {
        self.program = program
        self.serve = serve
    }
}
