/// What one code means, who must act, and the step to take.
///
/// Codes are those that an operator meets in a log, an answer, or a support case: the gateway's own, Entra's, Graph's.
package struct Explanation: Sendable, Equatable {
    /// Whose code it is, and where it is met.
    package enum Area: String, Sendable, CaseIterable {
        /// `code` in the gateway's answers.
        case gateway
        /// `entra.reason` in the gateway's log.
        case credential
        /// `detail` of a check of `/readyz`.
        case readiness
        /// Entra's own number, `entra.aadsts` in the gateway's log.
        case entra
        /// OAuth's `error`, `entra.error` in the gateway's log.
        case oauth
        /// The code of Graph, or of Intune behind it: `graph.code`.
        case graph
        /// `transport.error` in the gateway's log.
        case transport
    }

    /// Who must act.
    package enum Actor: String, Sendable, CaseIterable {
        /// The portal or script with the API key.
        case caller
        /// Who runs the gateway.
        case `operator`
        case entraAdministrator = "entra-administrator"
        case intuneAdministrator = "intune-administrator"
        case microsoft
        case network
        /// It passes, or is no trouble.
        case nobody
    }

    package var area: Area
    /// As it is written where it is met.
    package var code: String
    /// Other codes that mean the same.
    package var aliases: [String]
    package var meaning: String
    package var actor: Actor
    package var step: String

    /// - Parameter aliases: found by ``Explanations/find(_:)`` too.
    init(
        _ area: Area,
        _ code: String,
        aliases: [String] = [],
        _ meaning: String,
        _ actor: Actor,
        _ step: String
    ) {
        self.area = area
        self.code = code
        self.aliases = aliases
        self.meaning = meaning
        self.actor = actor
        self.step = step
    }

    /// Who and what, in one line for a log.
    package var remedy: String { actor == .nobody ? step : "\(actor.title): \(step)" }
}

extension Explanation.Actor {
    package var title: String {
        switch self {
        case .caller: "Caller"
        case .operator: "Operator"
        case .entraAdministrator: "Entra administrator"
        case .intuneAdministrator: "Intune administrator"
        case .microsoft: "Microsoft"
        case .network: "Network"
        case .nobody: "Nobody"
        }
    }
}

extension Explanation.Area {
    package var title: String {
        switch self {
        case .gateway: "The gateway's answers"
        case .credential: "Why there is no access token"
        case .readiness: "What the checks of readiness find"
        case .entra: "Entra's AADSTS codes"
        case .oauth: "OAuth errors of the token endpoint"
        case .graph: "Codes of Graph and Intune"
        case .transport: "Why no answer came"
        }
    }

    /// Where codes of this area are met.
    package var place: String {
        switch self {
        case .gateway: "`code` in an error that the gateway answers with, and `problem.code` in its log."
        case .credential: "`entra.reason` in the gateway's log, and in the detail of `/readyz`."
        case .readiness:
            "`detail` of a check of `/readyz`. Of the check `access-token` it is one of the list before, too."
        case .entra: "`entra.aadsts` in the gateway's log, and the beginning of Entra's own texts."
        case .oauth: "`entra.error` in the gateway's log; the AADSTS code beside it says more."
        case .graph: "`graph.code` in the gateway's log, and in the `graph` member of its answers."
        case .transport: "`transport.error` in the gateway's log: the request had no complete answer."
        }
    }
}
