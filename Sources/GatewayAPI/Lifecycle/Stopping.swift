package import Transport

/// The service's end, in order: one step after the other, each until its time is over or somebody asks again.
package struct Stopping: Sendable {
    package enum Step: Sendable {
        /// The gateway is not ready, so that callers go elsewhere; those who come all the same are served. → drain
        case grace
        /// New requests are refused, and those in flight finished. → hasten
        case drain
        /// What is in flight is cancelled, but for what was sent to Graph: that is finished and put on record. → force
        case hasten
        /// The process ends, whatever is left to do.
        case force
    }

    /// What was sent to Graph is given so long once somebody is in a hurry: more than most answers take.
    package static let hastenLimit = Duration.seconds(5)
    /// When the time for finishing is over, what is left is given so long to be answered and written down.
    package static let lastMoment = Duration.seconds(1)

    private enum Event {
        case asked
        /// The time of this step is over.
        case over(Step)
    }

    private let clock: any MonotonicClock
    private let events = AsyncStream<Event>.makeStream()

    package init(clock: any MonotonicClock = ContinuousClock()) { self.clock = clock }

    /// Asks for the end, or for the next step to it. From anywhere; before ``run(grace:limit:enter:)`` it is not forgotten.
    package func ask() { events.continuation.yield(.asked) }

    /// Nothing is left to end: ``run(grace:limit:enter:)`` returns.
    package func finish() { events.continuation.finish() }

    /// Waits until somebody asks, then goes through the steps until ``finish()``. Once only.
    ///
    /// - Parameters:
    ///   - grace: how long new requests are served after somebody has asked, as it is then.
    ///   - limit: how long what is in flight may take after that.
    ///   - enter: does what a step asks for, and returns soon.
    package func run(grace: () -> Duration, limit: Duration, enter: (Step) async -> Void) async {
        var course = Course(limit: limit)
        await withTaskGroup(of: Void.self) { timers in
            for await event in events.stream {
                if case .over(let step) = event, step != course.step { continue }
                let isAsked = if case .asked = event { true } else { false }
                guard let (step, end) = course.advance(isAsked: isAsked, grace: grace(), at: clock.now) else {
                    continue
                }
                await enter(step)
                if let end { timers.addTask { await wait(for: step, until: end) } }
            }
            timers.cancelAll()
        }
    }

    private func wait(for step: Step, until end: ContinuousClock.Instant) async {
        guard (try? await clock.sleep(until: end)) != nil else { return }
        events.continuation.yield(.over(step))
    }

    /// Which step comes next, and how long it may take.
    private struct Course {
        let limit: Duration
        private(set) var step: Step?
        private var lastEnd: ContinuousClock.Instant?

        init(limit: Duration) { self.limit = limit }

        mutating func advance(
            isAsked: Bool,
            grace: Duration,
            at now: ContinuousClock.Instant
        ) -> (step: Step, end: ContinuousClock.Instant?)? {
            switch step {
            case nil where grace > .zero: return enter(.grace, until: now.advanced(by: grace))
            case nil, .grace:
                let end = now.advanced(by: limit)
                lastEnd = end.advanced(by: Stopping.lastMoment)
                return enter(.drain, until: end)
            case .drain:
                let last = lastEnd ?? now
                return enter(.hasten, until: isAsked ? min(last, now.advanced(by: Stopping.hastenLimit)) : last)
            case .hasten: return enter(.force, until: nil)
            case .force: return nil
            }
        }

        private mutating func enter(_ step: Step, until end: ContinuousClock.Instant?) -> (
            Step, ContinuousClock.Instant?
        ) {
            self.step = step
            return (step, end)
        }
    }
}
