import Entra
import Graph
import Transport

/// The one place where an upstream's failure becomes what the caller is told: status, code, outcome, who must act.
extension GatewayError {
    /// Where no time is known after which asking again makes sense, a caller is told this many seconds.
    static let defaultRetryAfter = 5
    /// The same where Entra is the one that is away.
    static let credentialRetryAfter = 10

    init(_ error: GraphError) {
        self = Self.described(error)
        outcome = error.outcome.map(Outcome.init)
        if let fault = error.fault {
            graph = Graph(requestID: fault.requestID, activityID: fault.activityID, code: fault.code)
        }
    }

    private static func described(_ error: GraphError) -> GatewayError {
        switch error.kind {
        case .credential(let entra):
            return described(entra)
        case .unauthorized:
            return GatewayError(
                .graphUnauthorized,
                "Graph answered 401 although the access token was fresh. The gateway's operator must act; your API key is in order."
            )
        case .forbidden:
            return GatewayError(
                .graphForbidden,
                "Graph answered 403. The gateway's operator must act: the app registration lacks the application permission DeviceManagementConfiguration.ReadWrite.All or its admin consent, the tenant lacks an Intune licence, or Intune itself denies app-only access. Your API key is in order."
            )
        case .profileNotFound:
            return GatewayError(
                .profileNotFound,
                "The tenant has no such profile among those of this kind. Check the id, and the kind parameter: a profile belongs to one kind."
            )
        case .conflict:
            return GatewayError(
                .conflict,
                "Graph answered that the profile was changed at the same time. Send the request again, with a new Idempotency-Key if it has one."
            )
        case .refused:
            let advice =
                error.outcome == .notRevoked
                ? "The gateway's operator finds Graph's code and request id in the log."
                : "Check the validity against what this kind of profile allows."
            return GatewayError(.graphRefused, "Graph does not accept the request for this profile. " + advice)
        case .throttled:
            return GatewayError(
                .graphThrottled,
                "Graph's limit for these requests is reached. Wait for as long as Retry-After says, then send the request again.",
                retryAfter: seconds(error.retryAfter) ?? defaultRetryAfter
            )
        case .profileBusy:
            return GatewayError(
                .profileBusy,
                "Requests for one profile are handled one after another, and too many are waiting. Send the request again later.",
                retryAfter: seconds(error.retryAfter) ?? defaultRetryAfter
            )
        case .unreachable:
            return GatewayError(
                .graphUnreachable,
                "No connection to Graph could be made. The gateway's operator must look at name resolution, the network and the trusted certificate authorities. Nothing was sent."
            )
        case .timedOut where error.outcome == nil:
            return GatewayError(.graphTimeout, "Graph did not answer in time. Send the request again.")
        case .tooManyProfiles:
            return GatewayError(
                .graphFailed,
                "There are more profiles of this kind than the gateway lists (\(EnrollmentTokens.mostProfiles)). Ask for a profile by its id; sending the request again does not help."
            )
        case .failed where error.outcome == nil && error.isRefusal:
            return GatewayError(
                .graphFailed,
                "Graph refused what the gateway asked. The gateway's operator must look into the log; sending the request again does not help."
            )
        case .failed, .timedOut:
            return GatewayError(.graphFailed, "Graph failed\(error.outcome.whatIsCertain). Send the request again.")
        case .outcomeUnknown:
            return GatewayError(
                .outcomeUnknown,
                "The request was sent to Graph, its answer was lost, and reading the profile could not settle it. Look at the profile before you send the request again."
            )
        case .overloaded:
            return overloaded
        case .notRecorded:
            return .ledgerUnavailable
        case .unavailable:
            return GatewayError(
                .shuttingDown,
                "The gateway is shutting down. Send the request again.",
                retryAfter: defaultRetryAfter
            )
        }
    }

    private static let overloaded = GatewayError(
        .overloaded,
        "Too many requests to Microsoft are under way. Send the request again later.",
        retryAfter: Admission.retryAfter
    )

    private static func described(_ error: EntraError) -> GatewayError {
        switch error.kind {
        case .unavailable where error.reason == .overloaded:
            overloaded
        case .refused:
            GatewayError(
                .credentialRefused,
                "Entra refused the gateway's own credential (\(error.reason.rawValue)\(error.aadsts.map { ", AADSTS\($0)" } ?? "")). The gateway's operator must act; your API key is in order."
            )
        case .unavailable:
            GatewayError(
                .credentialUnavailable,
                "Entra gives no access token at present (\(error.reason.rawValue)). Send the request again; if this lasts, the gateway's operator must look.",
                retryAfter: seconds(error.retryAfter) ?? credentialRetryAfter
            )
        }
    }

    /// `Retry-After` takes whole seconds; zero would ask to come back at once.
    private static func seconds(_ duration: Duration?) -> Int? {
        duration.map { max(1, $0.secondsRoundedUp) }
    }
}

extension GraphError {
    /// Graph answered, and would answer the same again.
    fileprivate var isRefusal: Bool { fault.map { (400..<500).contains($0.status) && $0.status != 408 } ?? false }
}

extension GatewayError.Outcome {
    fileprivate init(_ outcome: GraphError.Outcome) {
        switch outcome {
        case .notCreated: self = .notCreated
        case .notRevoked: self = .notRevoked
        case .unknown: self = .unknown
        }
    }
}

extension GraphError.Outcome? {
    /// The middle of a sentence.
    fileprivate var whatIsCertain: String {
        switch self {
        case .notCreated: ", and no token was created"
        case .notRevoked: ", and the token was not revoked"
        case .unknown, nil: ""
        }
    }
}
