import Contracts

/// What every step sees in its environment about the run that it is part of.
package enum StepVariable: String, CaseIterable, Sendable {
    case service = "BLUEGREEN_SERVICE"
    case stage = "BLUEGREEN_STAGE"
    case run = "BLUEGREEN_RUN"

    /// `nil` where the run has none.
    func value(in beginning: RunBeginning) -> String? {
        switch self {
        case .service: beginning.service
        case .stage: beginning.stage
        case .run: beginning.run.text
        }
    }

    /// For the reference, without a full stop.
    package var summary: String {
        switch self {
        case .service: "the service"
        case .stage: "the stage, where there is one"
        case .run: "the run, such as `r-000041-7k3q9x`"
        }
    }
}
