import HTTPTypes
import Logging

/// Writes the access line of a request that ended at the edge, and counts it.
struct EdgeLog: Sendable {
    let logger: Logger
    /// `nil` where nothing is measured.
    var metrics: RequestMetrics?

    func refused(_ error: GatewayError, requestID: String, method: String?) {
        metrics?.refused(error.code)
        logger.info(
            AccessLine.message,
            metadata: [
                "request.id": "\(requestID)",
                "http.method": "\(method ?? "none")",
                "http.route": "none",
                "http.status": "\(error.status.code)",
                "problem.code": "\(error.code.rawValue)",
            ]
        )
    }
}

/// What the access lines have in common.
enum AccessLine {
    static let message: Logger.Message = "request"
}
