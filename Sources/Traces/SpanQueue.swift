import Synchronization

/// How many spans became of what.
package struct SpanCounts: Sendable, Equatable {
    /// The collector has taken them.
    package var exported = 0
    /// There was no room for them.
    package var dropped = 0
    /// The collector was away, or did not take them.
    package var failed = 0

    /// Those that no collector has.
    package var lost: Int { dropped + failed }

    package init(exported: Int = 0, dropped: Int = 0, failed: Int = 0) {
        self.exported = exported
        self.dropped = dropped
        self.failed = failed
    }
}

/// Spans that wait to be exported: bounded, so that a collector that does not answer costs spans and nothing else.
package final class SpanQueue: Sendable {
    private struct State {
        var spans: [FinishedSpan] = []
        var counts = SpanCounts()
        var isClosed = false
    }

    private let capacity: Int
    private let batch: Int
    private let state = Mutex(State())
    /// There may be something to send: a batch is full, or ``wake()`` was called. It ends with ``close()``.
    package let calls: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    package init(capacity: Int, batch: Int) {
        self.capacity = capacity
        self.batch = min(batch, capacity)
        (calls, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package var counts: SpanCounts { state.withLock(\.counts) }
    package var waiting: Int { state.withLock(\.spans.count) }

    /// Takes `span`, or drops it where there is no room: whoever ends a span does not wait.
    package func add(_ span: FinishedSpan) {
        let isFull = state.withLock { state -> Bool in
            guard !state.isClosed, state.spans.count < capacity else {
                state.counts.dropped += 1
                return false
            }
            state.spans.append(span)
            return state.spans.count % batch == 0
        }
        if isFull { signal.yield() }
    }

    package func wake() { signal.yield() }

    /// The oldest ones, at most one batch of them.
    package func take() -> [FinishedSpan] {
        state.withLock { state in
            let taken = Array(state.spans.prefix(batch))
            state.spans.removeFirst(taken.count)
            return taken
        }
    }

    /// What became of spans that were taken.
    package func ended(exported: Int = 0, failed: Int = 0) {
        state.withLock { state in
            state.counts.exported += exported
            state.counts.failed += failed
        }
    }

    /// Ends ``calls``. What comes after is sent with the last batches, or with none.
    package func close() { signal.finish() }

    /// Gives up what is left, and takes nothing more.
    package func abandon() {
        state.withLock { state in
            state.isClosed = true
            state.counts.failed += state.spans.count
            state.spans = []
        }
    }
}
