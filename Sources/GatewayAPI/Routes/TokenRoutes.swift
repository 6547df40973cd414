package import Graph
import HTTPTypes
import Hummingbird
import JSONText
import KeyRing
import NIOCore
import Transport

/// `/profiles/{profileId}/token`: the enrollment token of one profile.
struct TokenRoutes: Sendable {
    let tokens: PermittedTokens
    let rules: TokenRules
    private static let parameters: Set = ["kind"]

    /// Mints an enrollment token; 201, or 204 for `Prefer: return=minimal`.
    func create(_ request: Request, _ context: AuthenticatedContext) async throws -> Response {
        let query = try RequestQuery(request.uri.query, allowing: Self.parameters)
        let profile = try profile(context, query)
        context.record.note { $0.profileID = profile.id.description }
        let permit = try context.permit(CreateToken.self, on: profile)
        try MediaNegotiation.checkAccept(request.headers, type: "application/json")
        let validity = try await validity(request, permit.greatestValidity)
        try refuseIdempotencyKey(request.headers)

        // The task is cancelled when its caller hangs up: then nothing is sent any more, and what was sent is finished.
        let created: CreatedToken
        do {
            created = try await tokens.create(permit, validityInSeconds: validity)
        } catch {
            context.record.note(error.attempts)
            throw GatewayError(error)
        }
        context.record.note(created.attempts)
        context.record.note { $0.outcome = "created" }
        return answer(
            created,
            profile: profile,
            validity: validity,
            minimal: MediaNegotiation.prefersMinimal(request.headers)
        )
    }

    private func profile(_ context: AuthenticatedContext, _ query: RequestQuery) throws(GatewayError)
        -> ProfileReference
    {
        var kind = rules.defaultKind
        if let text = query["kind"] {
            guard let asked = ProfileKind(rawValue: text) else {
                let kinds = ProfileKind.allCases.map(\.rawValue).joined(separator: " or ")
                throw .invalid("kind must be \(kinds).", member: "kind")
            }
            kind = asked
        }
        guard let id = context.parameters.get("profileId").flatMap({ ProfileID($0) }) else {
            throw GatewayError(
                .profileIDInvalid,
                "The profile id must be a GUID such as 7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6, without braces.",
                member: "profileId"
            )
        }
        return ProfileReference(kind: kind, id: id)
    }

    /// - Parameter keyBound: the greatest that the caller's key allows, where it sets one.
    private func validity(_ request: Request, _ keyBound: Int?) async throws -> Int {
        // The edge has let no more through than its limit.
        let body = try await request.body.collect(upTo: .max)
        if body.readableBytes > 0 { try MediaNegotiation.checkJSONBody(request.headers) }
        let bounds = rules.bounds(of: keyBound)
        return try CreateTokenBody(body, bounds: bounds).tokenValidityInSeconds
            ?? min(rules.defaultValidityInSeconds, bounds.greatest)
    }

    private func refuseIdempotencyKey(_ fields: HTTPFields) throws(GatewayError) {
        guard fields.contains(.idempotencyKey) else { return }
        throw GatewayError(
            .idempotencyUnavailable,
            "This gateway keeps no record to look an Idempotency-Key up in. Send the request without it.",
            member: "Idempotency-Key"
        )
    }

    private func answer(_ created: CreatedToken, profile: ProfileReference, validity: Int, minimal: Bool) -> Response {
        var location = "/profiles/\(profile.id)/token"
        if profile.kind != rules.defaultKind { location += "?kind=" + profile.kind.rawValue }
        if minimal {
            return Response(status: .noContent, headers: [.location: location, .preferenceApplied: "return=minimal"])
        }
        var json = JSONObjectText()
        json.add("profileId", profile.id.description)
        json.add("tokenValidityInSeconds", validity)
        json.add("createdAt", created.createdAt.rfc3339)
        json.add("expiresAt", created.expiresAt.rfc3339)
        json.add("graphRequestId", created.graphRequestID)
        return Response(
            status: .created,
            headers: [.location: location, .contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: json.text))
        )
    }
}

/// What the operator has set for the tokens that callers may ask for.
package struct TokenRules: Sendable {
    /// A day.
    package static let defaultValidity = 86_400
    /// 90 days: the shortest of the limits that Intune documents for a kind of profile.
    package static let defaultGreatestValidity = 7_776_000
    /// 65 years: what Intune enforces for dedicated devices. Graph takes an Int32.
    package static let validityCeiling = 2_051_244_000
    package static let leastValidity = CreateTokenBody.Bounds.least

    package var defaultKind: ProfileKind
    package var defaultValidityInSeconds: Int
    package var greatestValidityInSeconds: Int

    /// - Parameter keyBound: what a caller's key sets, where it sets a bound.
    func bounds(of keyBound: Int?) -> CreateTokenBody.Bounds {
        .init(greatest: min(greatestValidityInSeconds, keyBound ?? .max))
    }

    package init(
        defaultKind: ProfileKind = .androidForWork,
        defaultValidityInSeconds: Int = Self.defaultValidity,
        greatestValidityInSeconds: Int = Self.defaultGreatestValidity
    ) {
        self.defaultKind = defaultKind
        self.defaultValidityInSeconds = defaultValidityInSeconds
        self.greatestValidityInSeconds = greatestValidityInSeconds
    }
}

/// What the routes need of Graph; ``EnrollmentTokens`` in the service, a script in tests.
package protocol EnrollmentTokenCreator: Sendable {
    /// See ``EnrollmentTokens/create(on:validityInSeconds:)``.
    func create(on profile: ProfileReference, validityInSeconds: Int) async throws(GraphError) -> CreatedToken
}

extension EnrollmentTokens: EnrollmentTokenCreator {}

/// Enrollment tokens for those alone who may have them: each operation asks for the proof.
struct PermittedTokens: Sendable {
    private let creator: any EnrollmentTokenCreator

    init(_ creator: any EnrollmentTokenCreator) { self.creator = creator }

    func create(
        _ permit: ProfilePermit<CreateToken>,
        validityInSeconds: Int
    ) async throws(GraphError) -> CreatedToken {
        try await creator.create(on: permit.profile, validityInSeconds: validityInSeconds)
    }
}

extension RequestRecord {
    fileprivate func note(_ attempts: [GraphAttempt]) {
        note { facts in
            facts.graphRequests = attempts.count
            let last = attempts.last { $0.operation == .createToken } ?? attempts.last
            facts.graphStatus = last?.status
            facts.graphRequestID = last?.requestID
        }
    }
}
