package import Contracts
package import PipelineModel

/// What a person watching a run may want to see; the journal keeps only the events.
package enum RunProgress: Sendable {
    /// Written down, or lost if the run may go on without a record.
    case event(RunEvent)
    case lost(RunEvent, Failure)
    case line(StepMark, OutputLine)
    /// A check was asked once more.
    case asked(StepMark, CheckAnswer, inARow: Int)
    /// A step failed and is tried again.
    case retrying(StepMark, Failure, attempt: Int)
    case sampled(BakeSample)
    /// The live colour is measured, to compare the new one with; what comes next waits for it.
    case measuring(Color)
    /// What is not ready yet, and how long it has been waited for.
    case waiting(Failure, Duration)
}

/// One interval of a bake, or of a step of a canary.
package struct BakeSample: Sendable {
    package struct Metric: Sendable {
        package var name: String
        package var measurement: Measurement
        package var reading: BakeJudge.Reading
        /// The bounds as written; those beside a baseline with it.
        package var bounds: [String]
        /// The value in its unit.
        package var words: String
        /// It is about users, and none was counted in this interval.
        package var isUnvisited: Bool
    }

    package var metrics: [Metric]
    package var counted: Duration
    package var length: Duration
    package var requests: Int
    /// The share that is watched; absent in a bake.
    package var percent: Int?
    /// What it goes on for although its time is over, or stands still.
    package var waiting: String?
    /// Then it ends without a verdict.
    package var limit: Duration
}
