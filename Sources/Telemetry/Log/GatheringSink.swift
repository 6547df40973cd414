import Dispatch
import Glibc
import Synchronization
import Threads

/// Gathers lines, and has a thread of its own write them, many at a time: no request waits for a disk, or for whoever reads the log.
///
/// A line is on its way for ``pause`` and what a write takes. Where the reader does not keep up, ``mostBytes`` wait; lines that come
/// then are dropped, and how many those were stands in the log as soon as there is room again.
package final class GatheringSink: LineSink {
    /// Between two writes.
    static let pause = Duration.milliseconds(10)
    /// Some thousand lines.
    static let mostBytes = 2 * 1024 * 1024
    /// Room for what is written at a busy time.
    private static let mostSpareBytes = 256 * 1024
    /// How long the end of the process waits for who reads the log.
    static let lastPatience = Duration.seconds(1)
    /// How long the thread waits for room at a time, in milliseconds.
    private static let patience: Int32 = 100

    private struct State {
        var lines: [UInt8] = []
        /// Room for the next ones, so that it is not made anew each time.
        var spare: [UInt8] = []
        var dropped = 0
        /// Whether the thread knows that there is something to write.
        var isWoken = false
    }

    private let state = Mutex(State())
    /// Held while what was gathered is written, so that all of it stays in order.
    private let writing = Mutex(())
    private let wake = DispatchSemaphore(value: 0)
    private let sink: DescriptorSink
    private let notice: @Sendable (_ dropped: Int) -> [UInt8]
    private let hasThread: Bool

    /// - Parameter notice: makes the line that tells how many were dropped.
    package init(descriptor: Int32, notice: @escaping @Sendable (_ dropped: Int) -> [UInt8]) {
        sink = DescriptorSink(descriptor: descriptor)
        self.notice = notice
        let writer = Writer()
        // Where the system gives no thread each line is written by whoever writes it.
        hasThread = DetachedThread.start { writer.run() } == 0
        writer.begin(self)
    }

    package func write(_ line: [UInt8]) {
        let needsWaking = state.withLock { state in
            guard state.lines.count + line.count < Self.mostBytes else {
                state.dropped += 1
                return false
            }
            state.lines += line
            state.lines.append(UInt8(ascii: "\n"))
            defer { state.isWoken = true }
            return !state.isWoken
        }
        guard needsWaking else { return }
        if hasThread { wake.signal() } else { _ = writing.withLock { _ in writeGathered() } }
    }

    /// Writes what was gathered, for the process is about to end; for ``lastPatience`` at most.
    package func flush() {
        let end = ContinuousClock.now.advanced(by: Self.lastPatience)
        while writing.withLockIfAvailable({ _ in writeGathered() }) != true, ContinuousClock.now < end {
            usleep(1000)
        }
    }

    /// Whether nothing waits.
    var isEmpty: Bool { writing.withLock { _ in state.withLock { $0.lines.isEmpty && $0.dropped == 0 } } }

    /// - Returns: whether nothing is left.
    private func writeGathered() -> Bool {
        var bytes: [UInt8] = []
        let dropped = state.withLock { state in
            defer { (state.dropped, state.isWoken) = (0, false) }
            swap(&bytes, &state.lines)
            swap(&state.lines, &state.spare)
            return state.dropped
        }
        if dropped > 0 { bytes += notice(dropped) + [UInt8(ascii: "\n")] }
        let written = sink.write(bytes, patience: Self.patience)
        guard written < bytes.count else {
            bytes.removeAll(keepingCapacity: bytes.capacity <= Self.mostSpareBytes)
            state.withLock { swap(&bytes, &$0.spare) }
            return true
        }
        // Nothing of a line is lost that was begun.
        state.withLock { state in
            state.lines = bytes[written...] + state.lines
            state.isWoken = true
        }
        return false
    }

    /// What the thread does. Nobody joins it: there is one such sink in a process, to the end.
    private final class Writer: Sendable {
        private let sink = Mutex<GatheringSink?>(nil)
        private let isReady = DispatchSemaphore(value: 0)

        func begin(_ sink: GatheringSink) {
            self.sink.withLock { $0 = sink }
            isReady.signal()
        }

        func run() {
            DetachedThread.blockSignals()
            isReady.wait()
            guard let sink = sink.withLock({ $0 }) else { return }
            var isDone = true
            while true {
                if isDone { sink.wake.wait() }
                isDone = sink.writing.withLock { _ in sink.writeGathered() }
                usleep(useconds_t(GatheringSink.pause.components.attoseconds / 1_000_000_000_000))
            }
        }
    }
}
