import Graph
import HTTPTypes
import Hummingbird
import KeyRing

/// `/profiles/{profileId}/token`: the enrollment token of one profile.
struct TokenRoutes: Sendable {
    let operations: PermittedOperations
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
        try refuseIdempotencyKey(request.headers)
        let preference = ReturnPreference(request.headers)

        // The task is cancelled when its caller hangs up: then nothing is sent any more, and what was sent is finished.
        let minting = try await operations.mint(
            permit,
            validityInSeconds: validity,
            reusing: reuse,
            wantsRepresentation: preference == .representation,
            context.record
        )
        let answer = MintingAnswer(minting, profile: profile, validityInSeconds: validity, preference, rules)
        context.record.note { $0.outcome = answer.outcome }
        return answer.response
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
        try refuseIdempotencyKey(request.headers)
        try await operations.revoke(permit, context.record)
        context.record.note { $0.outcome = "revoked" }
        return Response(status: .noContent)
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

    private func refuseIdempotencyKey(_ fields: HTTPFields) throws(GatewayError) {
        guard fields.contains(.idempotencyKey) else { return }
        throw GatewayError(
            .idempotencyUnavailable,
            "This gateway keeps no record to look an Idempotency-Key up in. Send the request without it.",
            member: "Idempotency-Key"
        )
    }
}
