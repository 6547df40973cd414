import CoreMetrics
import Synchronization

/// One series of a metric that only rises.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
    private let whole = Atomic<Int64>(0)
    private let parts = Mutex(0.0)

    var value: Double { Double(whole.load(ordering: .relaxed)) + parts.withLock { $0 } }

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(amount, ordering: .relaxed)
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        parts.withLock { $0 += amount }
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        parts.withLock { $0 = 0 }
    }
}

/// One series of a metric that rises and falls.
final class GaugeSeries: MeterHandler, RecorderHandler {
    private let state = Mutex(0.0)

    var value: Double { state.withLock { $0 } }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLock { $0 = value } }
    func increment(by amount: Double) { state.withLock { $0 += amount } }
    func decrement(by amount: Double) { state.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

/// One series of a distribution.
final class HistogramSeries: TimerHandler, RecorderHandler {
    /// What was measured so far.
    struct Snapshot: Equatable {
        /// How many were in each bucket by itself, the last being above all bounds.
        var counts: [UInt64]
        var sum: Double
        var count: UInt64 { counts.reduce(0, +) }
    }

    let bounds: [Double]
    private let state: Mutex<Snapshot>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Snapshot(counts: [UInt64](repeating: 0, count: bounds.count + 1), sum: 0))
    }

    var snapshot: Snapshot { state.withLock { $0 } }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        // Few enough for looking at one after another.
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }
}
