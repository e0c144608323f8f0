import Testing
import TrafficRig

extension Trait where Self == ConditionTrait {
    /// Skips, and says so, where HAProxy is not installed; in CI that is a failure instead.
    static var needsHAProxy: Self {
        .enabled(if: HAProxyPresence.isEnough, "haproxy is not installed")
    }
}

private enum HAProxyPresence {
    /// Decided, and said, once per test run.
    static let isEnough: Bool = {
        if HAProxyRig.program != nil || environmentVariable("CI") != nil { return true }
        print("skipped: haproxy is not installed")
        return false
    }()
}
