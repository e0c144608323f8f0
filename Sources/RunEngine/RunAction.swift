package import Contracts
package import PipelineModel

/// What the machine wants done next. Every action ends in exactly one event for the machine.
package enum RunAction: Hashable, Sendable {
    /// Write this decision down: comes back as the event itself.
    case record(RunEvent)
    /// Write the announcement down, with recipe and token: comes back as the `…Intended` event.
    case intend(Purpose, Datum)
    /// Write the datum into every router that takes part: `.written`.
    case write(Purpose, Datum)
    /// Ask every one of them again: `.confirmed`, `.contradicted` or `.unreadable`.
    case confirm(Datum)
    /// Show it from outside: `.proved` or `.notProved`.
    case prove(Color)
    /// One deploy or retire step: `.stepEnded`.
    case perform(StepMark)
    /// All checks at once: `.stepEnded` of the last one to pass, or of the first to fail.
    case check([StepMark])
    /// Fix what was deployed: `.sealed` or `.failed`.
    case seal
    /// Look whether traffic may move now: `.preflightPassed` or `.failed`.
    case preflight(Purpose, Color)
    /// Note that watching begins: `.bakeBegan`.
    case beginBake
    /// Watch the new colour to the end: `.bakeJudged`.
    case bake
    /// Watch the new colour under this share, as `canary` of the plan counts them: `.canaryJudged`.
    case watchShare(Int)
    /// Ask whether going back would help: `.wayBackProbed`.
    case probeWayBack(Color)
    /// Cut the tunnels to a colour that was left: `.tunnelsClosed`.
    case closeTunnels(Color)
    /// Nothing is left to do.
    case finish(Outcome)

    /// Why a datum is written.
    package enum Purpose: String, Sendable {
        case claim
        case canary
        case switching
        case undo
        case rollback
        case level
        case retire
    }
}
