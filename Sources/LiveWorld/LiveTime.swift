import Contracts
import Glibc

extension Time {
    static let live = Time(
        now: { KernelClock.sinceBoot },
        wall: { WallTime(milliseconds: KernelClock.milliseconds) },
        sleep: { length in
            // The only error is cancellation, and then the promise is to end early.
            try? await Task.sleep(for: length)
        })
}

/// The kernel's clocks.
enum KernelClock {
    /// Suspended time included.
    static var sinceBoot: Duration {
        let time = read(CLOCK_BOOTTIME)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// Since 1970, as the machine believes.
    static var milliseconds: Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}

extension Duration {
    /// Rounded up, as `poll` counts: never negative, never too early.
    var wholeMilliseconds: Int32 {
        let exact = (self + .nanoseconds(999_999)) / .milliseconds(1)
        return Int32(min(max(exact, 0), 3_600_000))
    }

    /// `500 ms`, `30 s`: for sentences about time limits.
    var spoken: String {
        let (seconds, rest) = components
        return rest == 0 && seconds > 0 ? "\(seconds) s" : "\(wholeMilliseconds) ms"
    }
}
