import Contracts
import PipelineModel
import RunEngine

/// What was looked at for one `doctor`, before anything is said about it.
struct DoctorFindings: Sendable {
    struct Folder: Sendable {
        var path: String
        /// `nil`: it is made by the first run.
        var status: FileStatus?
        /// Why the first run could not use it.
        var refusal: String?
        /// Why a file of a megabyte could not be written there.
        var unwritable: FileFailure?
        /// Why the files of one more run could not even be made there, which need no room but inodes.
        var unmakeable: FileFailure?
        /// `ext4`; `nil` where the kernel does not say.
        var kind: String?
        /// Room is kept in it for a rollback on a full disk.
        var hasSpare = true
    }

    struct RouterLook: Sendable {
        var id: RouterID
        var kind: String
        var address: String
        var ability: AbilityWords
        var counts: [RouterMetricName]
        /// Why it counts nothing now.
        var silence: Failure?
        /// What its proxy's own configuration would do to a switch, where that is known.
        var inspection: Inspection?
        var result: Result<Observation, Failure>
    }

    /// What a tester gets through the public address.
    struct PreviewLook: Sendable {
        var rule: Preview
        var answer: Prober.Answer
    }

    struct Program: Hashable, Sendable {
        var name: String
        var isThere: Bool
    }

    enum PipelineLook: Sendable {
        case valid(files: String)
        case invalid(mistakes: Int)
        case unreadable(Failure)
    }

    var folder: Folder
    /// A process stays in its critical section.
    var isSectionHeld: Bool
    var situation: Situation
    var pipeline: PipelineLook
    var routers: [RouterLook]
    /// Each colour's own answer; empty where no identity is known to ask for.
    var direct: [Color: Prober.Answer]
    var publicAnswer: Prober.Answer?
    /// Why no switch could be proven, as `deploy` would say it.
    var nameless: Failure?
    /// Why a canary of the pipeline could not begin.
    var shareless: Failure?
    /// The pipeline has one.
    var hasCanary = false
    /// Absent where the pipeline has no way in for testers.
    var preview: PreviewLook?
    var programs: [Program]
    var now: WallTime
    /// The kernel tells processes and boots apart.
    var hasProcesses: Bool
}
