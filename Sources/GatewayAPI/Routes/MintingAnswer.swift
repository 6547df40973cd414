import Graph
import HTTPTypes
import Hummingbird
import JSONText
import Settings
import Transport

/// The answer to a `POST …/token` that did what was asked.
struct MintingAnswer {
    private let minting: TokenMinting
    private let profile: ProfileReference
    private let validityInSeconds: Int
    private let preference: ReturnPreference?
    private let rules: TokenRules
    /// Of a present token, where that is known from elsewhere than the token itself.
    private let given: CreatedToken.Representation?

    init(
        _ minting: TokenMinting,
        profile: ProfileReference,
        validityInSeconds: Int,
        _ preference: ReturnPreference?,
        _ rules: TokenRules,
        representation: CreatedToken.Representation? = nil
    ) {
        self.minting = minting
        self.profile = profile
        self.validityInSeconds = validityInSeconds
        self.preference = preference
        self.rules = rules
        given = representation
    }

    /// For the log.
    var outcome: String {
        switch minting {
        case .created: "created"
        case .present: "reused"
        }
    }

    var response: Response {
        if preference == .minimal {
            return Response(status: .noContent, headers: [.location: location, .preferenceApplied: "return=minimal"])
        }
        var response: Response
        let isComplete: Bool
        switch minting {
        case .created(let token):
            var json = described(token)
            if let representation = token.representation { json.add(representation) }
            response = .json(.created, json)
            isComplete = token.representation?.isComplete ?? false
        case .present(let token):
            var json = TokenStatus(of: token, rules).described(token, profile)
            if let representation { json.add(representation) }
            response = .json(.ok, json)
            isComplete = representation?.isComplete ?? false
        }
        response.headers[.location] = location
        if isComplete { response.headers[.preferenceApplied] = "return=representation" }
        return response
    }

    private var location: String {
        let path = "/profiles/\(profile.id)/token"
        return profile.kind == rules.defaultKind ? path : path + "?kind=" + profile.kind.rawValue
    }

    private func described(_ token: CreatedToken) -> JSONObjectText {
        var json = JSONObjectText()
        json.add("profileId", profile.id.description)
        json.add("kind", profile.kind.rawValue)
        json.add("tokenValidityInSeconds", validityInSeconds)
        json.add("createdAt", token.createdAt.rfc3339)
        json.add("expiresAt", token.expiresAt.rfc3339)
        json.add("graphRequestId", token.graphRequestID)
        return json
    }

    /// Of the present token, where it was asked for.
    private var representation: CreatedToken.Representation? {
        guard preference == .representation, case .present(let token) = minting else { return nil }
        return given ?? token.value.map { .complete(value: $0, qrCodeContent: token.qrCodeContent) } ?? .pending
    }
}

extension CreatedToken.Representation {
    fileprivate var isComplete: Bool {
        if case .complete = self { true } else { false }
    }
}

extension JSONObjectText {
    fileprivate mutating func add(_ representation: CreatedToken.Representation) {
        switch representation {
        case .complete(let value, let qrCodeContent):
            add("representation", "complete")
            value.reveal { add("value", $0) }
            qrCodeContent?.reveal { add("qrCodeContent", $0) }
        case .pending:
            add("representation", "pending")
        case .replaced:
            add("representation", "replaced")
        }
    }
}
