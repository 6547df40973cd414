import Synchronization

/// What one request has waited for, noted down by whoever waited. Who begins a request puts one around it where somebody will look.
package final class StepLog: Sendable {
    /// Of the present task: of the request that is being answered.
    @TaskLocal private static var current: StepLog?

    /// More waits of one request are not kept.
    package static let most = 64
    /// What took less is no wait, so that who does not wait pays for one comparison alone.
    package static let shortest = Duration.milliseconds(1)

    package struct Wait: Sendable, Equatable {
        /// From a closed list.
        package var step: String
        package var start: ContinuousClock.Instant
        package var duration: Duration

        package init(step: String, start: ContinuousClock.Instant, duration: Duration) {
            self.step = step
            self.start = start
            self.duration = duration
        }
    }

    private let noted = Mutex<[Wait]>([])

    package init() {}

    /// In the order in which they ended.
    package var waits: [Wait] { noted.withLock { $0 } }

    /// Notes that the present task's request has waited, where it is being looked at and that took long enough.
    package static func waited(
        for step: @autoclosure () -> String,
        since start: ContinuousClock.Instant,
        until end: ContinuousClock.Instant
    ) {
        let duration = end - start
        guard duration >= shortest, let current else { return }
        current.note(Wait(step: step(), start: start, duration: duration))
    }

    /// Does `body` as a part of the request: what is waited for in it, and in tasks that it begins, is noted here.
    package func surround<Value, Failure: Error>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await Self.$current.withValue(self) {
            do throws(Failure) {
                return Result<Value, Failure>.success(try await body())
            } catch {
                return .failure(error)
            }
        }.get()
    }

    private func note(_ wait: Wait) {
        noted.withLock { if $0.count < Self.most { $0.append(wait) } }
    }
}
