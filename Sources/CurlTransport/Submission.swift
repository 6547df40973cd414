import Transport

/// A request on its way to the transfer thread, and who waits for its answer.
struct Submission: Sendable {
    typealias Continuation = CheckedContinuation<Result<UpstreamResponse, TransportError>, Never>

    let request: UpstreamRequest
    let submittedAt = ContinuousClock.now
    /// Resumed with a result, not an error, so that the error keeps its type.
    let continuation: Continuation
}
