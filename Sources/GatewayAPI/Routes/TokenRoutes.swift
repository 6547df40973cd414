import Graph
import HTTPTypes
import Hummingbird
import KeyRing
import Ledger
import Transport

/// `/profiles/{profileId}/token`: the enrollment token of one profile.
struct TokenRoutes: Sendable {
    let operations: PermittedOperations
    let recorded: RecordedOperations
    let rules: TokenRules

    /// Mints an enrollment token: 201; 200 where the present one is good enough; 204 for `Prefer: return=minimal`.
    func create(_ request: Request, _ context: AuthenticatedContext) async throws -> Response {
        let profile = try context.profile(of: request, default: rules.defaultKind)
        let permit = try context.permit(CreateToken.self, on: profile)
        try MediaNegotiation.checkAccept(request.headers, type: "application/json")
        try ConditionalFields.refuse(request.headers)
        let body = try await body(request, rules.bounds(of: permit.greatestValidity))
        let validity = body.tokenValidityInSeconds ?? rules.defaultValidity(within: permit.greatestValidity)
        let reuse = try body.reuseIfValidForSeconds.map { seconds in
            (permit: try context.permit(ReadToken.self, on: profile), ifValidFor: Duration.seconds(seconds))
        }
        let preference = ReturnPreference(request.headers)
        let entry = context.entry(
            .create,
            on: profile,
            validityInSeconds: validity,
            asked: body,
            key: try IdempotencyKey.read(request.headers)
        )

        // The task is cancelled when its caller hangs up: then nothing is sent any more, and what was sent is finished.
        let minting = try await recorded.mint(
            permit,
            entry,
            validityInSeconds: validity,
            reusing: reuse,
            wantsRepresentation: preference == .representation,
            context.record
        )
        switch minting {
        case .now(let minting):
            let answer = MintingAnswer(minting, profile: profile, validityInSeconds: validity, preference, rules)
            context.record.note { $0.outcome = answer.outcome }
            return answer.response
        case .earlier(let earlier):
            return try await answer(again: earlier, permit, preference, context)
        }
    }

    /// Reads the token that the profile has: 200, also where it has none.
    func read(_ request: Request, _ context: AuthenticatedContext) async throws -> Response {
        let profile = try context.profile(of: request, default: rules.defaultKind)
        let permit = try context.permit(ReadToken.self, on: profile)
        try MediaNegotiation.checkAccept(request.headers, type: "application/json")
        let token = try await operations.token(permit, .withQRCode, context.record)
        var json = TokenStatus(of: token, rules).described(token, profile)
        json.addRepresentation(of: token, rules)
        return .json(.ok, json)
    }

    /// Revokes the token: 204, also where the profile had none.
    func revoke(_ request: Request, _ context: AuthenticatedContext) async throws -> Response {
        let profile = try context.profile(of: request, default: rules.defaultKind)
        let permit = try context.permit(RevokeToken.self, on: profile)
        try ConditionalFields.refuse(request.headers)
        // A body may be meant for something that does not exist here, such as one of several tokens.
        guard try await request.body.collect(upTo: .max).readableBytes == 0 else {
            throw GatewayError.body("A DELETE takes no body: it revokes the token that the profile has.")
        }
        let entry = context.entry(.revoke, on: profile, key: try IdempotencyKey.read(request.headers))
        if case .earlier(let earlier) = try await recorded.revoke(permit, entry, context.record) {
            guard earlier.state == .revoked else { throw GatewayError(earlier: earlier) }
            return Response(status: .noContent, headers: [.idempotentReplayed: "true"])
        }
        context.record.note { $0.outcome = "revoked" }
        return Response(status: .noContent)
    }

    /// What came of an earlier creation with the same Idempotency-Key. The token itself is not kept, and is read anew.
    private func answer(
        again earlier: LedgerRecord,
        _ permit: ProfilePermit<CreateToken>,
        _ preference: ReturnPreference?,
        _ context: AuthenticatedContext
    ) async throws(GatewayError) -> Response {
        guard earlier.state == .created || earlier.state == .reused else { throw GatewayError(earlier: earlier) }
        let representation =
            preference == .representation
            ? await recorded.representation(of: earlier, permit, context.record) : nil
        let minting = TokenMinting(earlier, representation: representation, at: .now)
        let validity = earlier.validityInSeconds ?? 0
        var response = MintingAnswer(
            minting,
            profile: earlier.profile,
            validityInSeconds: validity,
            preference,
            rules,
            representation: representation
        ).response
        response.headers[.idempotentReplayed] = "true"
        return response
    }

    private func body(
        _ request: Request,
        _ bounds: CreateTokenBody.Bounds
    ) async throws -> CreateTokenBody {
        // The edge has let no more through than its limit.
        let body = try await request.body.collect(upTo: .max)
        if body.readableBytes > 0 { try MediaNegotiation.checkJSONBody(request.headers) }
        return try CreateTokenBody(body, bounds: bounds)
    }
}

extension AuthenticatedContext {
    /// What the ledger is told of the request.
    fileprivate func entry(
        _ operation: LedgerRecord.Operation,
        on profile: ProfileReference,
        validityInSeconds: Int? = nil,
        asked: CreateTokenBody? = nil,
        key: String?
    ) -> LedgerRequest {
        LedgerRequest(
            operation: operation,
            caller: caller.name,
            keyID: caller.keyID?.description,
            profile: profile,
            validityInSeconds: validityInSeconds,
            askedValidity: asked?.tokenValidityInSeconds,
            askedReuse: asked?.reuseIfValidForSeconds,
            requestID: requestID,
            idempotencyKey: key
        )
    }
}

extension TokenMinting {
    /// What is on record of a creation that was answered before.
    fileprivate init(_ earlier: LedgerRecord, representation: CreatedToken.Representation?, at now: Timestamp) {
        let validity = Duration.seconds(earlier.validityInSeconds ?? 0)
        let (createdAt, expiresAt) = (earlier.result.tokenCreatedAt, earlier.result.tokenExpiresAt)
        guard earlier.state == .created else {
            self = .present(
                ShownToken(
                    isThere: true,
                    createdAt: createdAt,
                    expiresAt: expiresAt,
                    timeLeft: expiresAt.map { $0 - now },
                    attempts: []
                )
            )
            return
        }
        let begin = createdAt ?? expiresAt.map { $0 - validity } ?? earlier.sentAt ?? earlier.acceptedAt
        self = .created(
            CreatedToken(
                createdAt: begin,
                expiresAt: expiresAt ?? begin + validity,
                graphRequestID: earlier.result.graphRequestID,
                evidence: earlier.result.evidence.flatMap { .init(rawValue: $0) } ?? .answer,
                representation: representation,
                attempts: []
            )
        )
    }
}
