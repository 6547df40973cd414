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

    func dropped(_ token: AccessToken, isChallenged: Bool) {
        var metadata: Logger.Metadata = ["entra.token_serial": "\(token.serial)"]
        metadata["entra.claims_challenge"] = isChallenged ? "true" : nil
        logger.warning("access token rejected by Graph", metadata: metadata)
    }

    /// What a new token's roles allow, where that has changed or is not enough.
    func found(_ permission: TokenPermission, before: TokenPermission?) {
        let metadata: Logger.Metadata = ["entra.detail": "\(permission.remark ?? "")"]
        switch permission {
        case .missing: logger.error("access token lacks the permission", metadata: metadata)
        case .excessive: logger.warning("access token allows more than is needed", metadata: metadata)
        case .unreadable: logger.notice("access token's roles cannot be read", metadata: metadata)
        case .sufficient:
            guard before != nil else { return }
            logger.notice("access token has the permission that it needs, and no other")
        }
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
        metadata["entra.remedy"] = remedy.map { "\($0)" }
        metadata["entra.error"] = oauthError.map { "\($0)" }
        metadata["entra.trace_id"] = traceID.map { "\($0)" }
        metadata["entra.correlation_id"] = correlationID.map { "\($0)" }
        metadata["entra.retry_in"] = retryAfter.map { "\($0.components.seconds)" }
        return metadata
    }
}
