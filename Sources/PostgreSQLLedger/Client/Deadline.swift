import Glibc

/// A moment on the clock that never jumps, by which something has to be over.
struct Deadline: Sendable, Comparable {
    /// Nanoseconds of `CLOCK_MONOTONIC`.
    let nanoseconds: Int64

    static var now: Deadline {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Deadline(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static func after(_ duration: Duration) -> Deadline { now + duration }

    static func + (deadline: Deadline, duration: Duration) -> Deadline {
        let (seconds, attoseconds) = duration.components
        return Deadline(nanoseconds: deadline.nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }

    var isOver: Bool { self <= .now }

    /// How long until then in milliseconds, rounded up, for `poll(2)`; no less than 0.
    var millisecondsLeft: Int32 {
        let left = max(0, nanoseconds - Deadline.now.nanoseconds)
        return Int32(clamping: (left + 999_999) / 1_000_000)
    }

    /// As `pthread_cond_timedwait(3)` takes it.
    var time: timespec {
        timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}
