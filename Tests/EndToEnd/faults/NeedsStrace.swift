import Testing
import TrafficRig

extension Trait where Self == ConditionTrait {
    /// Skips, and says so, where strace or HAProxy is not installed; in CI that is a failure instead.
    static var needsStrace: Self {
        .enabled(if: StracePresence.isEnough, "strace or haproxy is not installed")
    }
}

private enum StracePresence {
    /// Decided, and said, once per test run.
    static let isEnough: Bool = {
        if environmentVariable("CI") != nil { return true }
        let found = installedProgram("strace") != nil && HAProxyRig.program != nil
        if !found { print("skipped: strace or haproxy is not installed") }
        return found
    }()
}
