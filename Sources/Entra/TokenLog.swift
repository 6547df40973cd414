package import Logging

/// What a ``TokenCache`` tells the operator. Never a token: only its serial and how long it lives.
struct TokenLog: Sendable {
    let logger: Logger

    func obtained(_ token: AccessToken) {
        logger.info(
            "access token obtained",
            metadata: [
                "entra.token_serial": "\(token.serial)",
                "entra.expires_in": "\(token.life.components.seconds)",
            ]
        )
    }

    func dropped(_ token: AccessToken) {
        logger.warning("access token rejected by Graph", metadata: ["entra.token_serial": "\(token.serial)"])
    }

    /// A refusal is an error, since only an operator can mend it; the rest passes, or is the network's.
    func failed(_ error: EntraError) {
        switch error.kind {
        case .refused: logger.error("access token refused", metadata: error.metadata)
        case .unavailable: logger.warning("access token not obtained", metadata: error.metadata)
        }
    }
}

extension EntraError {
    /// For a log line.
    package var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["entra.reason": "\(reason.rawValue)", "entra.detail": "\(detail)"]
        metadata["entra.aadsts"] = aadsts.map { "\($0)" }
        metadata["entra.error"] = oauthError.map { "\($0)" }
        metadata["entra.trace_id"] = traceID.map { "\($0)" }
        metadata["entra.correlation_id"] = correlationID.map { "\($0)" }
        metadata["entra.retry_in"] = retryAfter.map { "\($0.components.seconds)" }
        return metadata
    }
}
