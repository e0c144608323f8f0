import Glibc

/// Instants that every process of this machine shares: CLOCK_MONOTONIC in nanoseconds.
package enum Monotonic {
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The instant at which so many microseconds since boot were over, as a journal counts them: those
    /// of a suspended machine included. Never earlier than it was.
    package static func instant(sinceBoot microseconds: Int) -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        let boot = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        return (Int64(microseconds) + 1) * 1000 + now() - boot
    }
}

extension Duration {
    /// Whole nanoseconds, rounded towards zero.
    package var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
