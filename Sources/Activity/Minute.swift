package import Transport

/// What was answered in one minute.
package struct Minute: Sendable, Equatable {
    /// Its first second.
    package var start: Timestamp
    /// Answers by the first digit of their status: 2, 4 and 5; others are not counted.
    package var succeeded = 0
    package var refused = 0
    package var failed = 0
    /// Creations and revocations by what they came to; a replay counts for what it was answered, not here.
    package var created = 0
    package var revoked = 0
    package var notDone = 0
    package var unknown = 0
    /// Of the answers that are not refusals of the gateway's own; `nil` where there was none.
    package var medianLatency: Duration?
    /// 95 of 100 were faster.
    package var highLatency: Duration?

    package init(start: Timestamp) { self.start = start }
}
