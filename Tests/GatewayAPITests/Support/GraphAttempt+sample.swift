import Transport

@testable import Graph

extension GraphAttempt {
    /// For tests that do not ask when and as which one it was made.
    init(operation: Operation, status: Int?, requestID: String?, error: TransportError.Kind?, duration: Duration) {
        let isWrite = operation == .createToken || operation == .revokeToken
        self.init(
            operation: operation,
            purpose: isWrite ? .send : .read,
            number: 1,
            startedAt: .now,
            clientRequestID: "client-request-id",
            status: status,
            requestID: requestID,
            error: error,
            duration: duration
        )
    }
}
