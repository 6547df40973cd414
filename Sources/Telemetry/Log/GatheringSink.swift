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
    /// So much room is kept for the next lines, which is enough for a busy time.
    private static let mostSpareBytes = 256 * 1024
    /// How long the end of the process waits for who reads the log.
    static let lastPatience = Duration.seconds(1)
    /// How long the thread waits for room at a time, in milliseconds.
    private static let patience: Int32 = 100

    private struct State {
        var lines: [UInt8] = []
        /// Bytes that were taken from here and are not written yet.
        var taken = 0
        var dropped = 0
        /// Whether the thread knows that there is something to write.
        var isWoken = false

        var isEmpty: Bool { lines.isEmpty && dropped == 0 }
    }

    /// What was gathered and is being written.
    private struct Output {
        var bytes: [UInt8] = []
        var written = 0
        var isDone: Bool { written == bytes.count }
    }

    private let state = Mutex(State())
    /// Held while something is written, so that all of it stays in order.
    private let output = Mutex(Output())
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
            if state.lines.count + state.taken + line.count < Self.mostBytes {
                state.lines += line
                state.lines.append(UInt8(ascii: "\n"))
            } else {
                state.dropped += 1
            }
            defer { state.isWoken = true }
            return !state.isWoken
        }
        guard needsWaking else { return }
        if hasThread { wake.signal() } else { _ = output.withLock { write(&$0) } }
    }

    /// Writes what was gathered, for the process is about to end; for ``lastPatience`` at most.
    package func flush() {
        let end = ContinuousClock.now.advanced(by: Self.lastPatience)
        while output.withLockIfAvailable({ write(&$0) }) != true, ContinuousClock.now < end {
            usleep(1000)
        }
    }

    /// Whether nothing waits.
    var isEmpty: Bool {
        output.withLock { output in output.isDone && state.withLock(\.isEmpty) }
    }

    /// Writes as much as there is room for, of what was begun first.
    ///
    /// - Returns: whether nothing waits any more.
    private func write(_ output: inout Output) -> Bool {
        if output.isDone { take(into: &output) }
        output.written += sink.write(output.bytes[output.written...], patience: Self.patience)
        let left = output.bytes.count - output.written
        return state.withLock { state in
            state.taken = left
            return left == 0 && state.isEmpty
        }
    }

    private func take(into output: inout Output) {
        output.bytes.removeAll(keepingCapacity: output.bytes.capacity <= Self.mostSpareBytes)
        output.written = 0
        let dropped = state.withLock { state in
            swap(&output.bytes, &state.lines)
            state.taken = output.bytes.count
            defer { (state.dropped, state.isWoken) = (0, false) }
            return state.dropped
        }
        if dropped > 0 { output.bytes += notice(dropped) + [UInt8(ascii: "\n")] }
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
                isDone = sink.output.withLock { sink.write(&$0) }
                usleep(useconds_t(GatheringSink.pause.components.attoseconds / 1_000_000_000_000))
            }
        }
    }
}
