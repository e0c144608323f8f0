package import PipelineModel

/// A deployer whose work goes on after its step: something of it keeps running on the colour, until the
/// next deploy to that colour replaces it or `retire` ends it.
package protocol HostingDeployer: Deployer, Hosting {
    /// For what a step left running that the pipeline does not have any more.
    static func host(_ world: World) -> any Hosting
}

/// What keeps something running on the colours.
package protocol Hosting: Sendable {
    /// Ends what runs on `context.color`, and only that; nothing running is no error. Returns evidence
    /// in a few words. Repeating is safe.
    func end(_ context: StepContext) async throws(Failure) -> String

    /// What runs on that colour now; `nil` where nothing was started, or it was ended on purpose.
    /// Never waits.
    func observe(_ color: Color, in stateFolder: String) -> HostedProcess?
}

/// What a deploy left running on a colour.
package struct HostedProcess: Hashable, Sendable {
    package var pid: Int32?
    /// Of the release that it runs; `nil` where that was not noted.
    package var version: String?
    /// `nil` where it does not run any more.
    package var facts: ProcessFacts?
    /// The file with what it printed.
    package var log: String

    package init(pid: Int32?, version: String? = nil, facts: ProcessFacts?, log: String) {
        self.pid = pid
        self.version = version
        self.facts = facts
        self.log = log
    }
}
