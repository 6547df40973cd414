import HTTPTypes
import NIOCore

/// What is wrong with a request to the control endpoint, in one sentence.
struct ControlRefusal: Error, Equatable {
    var status: HTTPResponse.Status = .badRequest
    var sentence: String

    init(_ sentence: String, status: HTTPResponse.Status = .badRequest) {
        self.sentence = sentence
        self.status = status
    }
}

/// The sandbox's own endpoint under `/_sandbox/`. It asks for no credential: who reaches a sandbox may steer it.
struct ControlEndpoint: Sendable {
    let store: SandboxStore
    let address: SandboxAddress

    private static let names = [
        "faults", "counters", "profiles", "clock", "tenant", "federated-token",
        "issuer/.well-known/openid-configuration", "issuer/keys", "reset",
    ]

    func answer(_ name: String, method: HTTPRequest.Method, body: ByteBuffer) async -> SandboxAnswer {
        do throws(ControlRefusal) {
            return try await carryOut(name, method: method, body: body)
        } catch {
            return .json(error.status, ["error": .string(error.sentence)])
        }
    }

    private func carryOut(
        _ name: String,
        method: HTTPRequest.Method,
        body: ByteBuffer
    ) async throws(ControlRefusal) -> SandboxAnswer {
        switch (name, method) {
        case ("faults", .get):
            return .json(["faults": .array(store.faults.map(FaultDocument.document(of:)))])
        case ("faults", .post):
            let fault = try FaultDocument.fault(in: ControlBody(body))
            store.inject(fault)
            return .json(.created, FaultDocument.document(of: fault))
        case ("faults", .delete):
            store.clearFaults()
            return SandboxAnswer(status: .noContent)
        case ("counters", .get):
            return .json(store.counters.document)
        case ("profiles", .get):
            return .json(["profiles": .array(store.profiles.map(Self.document(of:)))])
        case ("clock", .get):
            return .json(["now": .string(store.now.description)])
        case ("clock", .post):
            return try advanceClock(ControlBody(body))
        case ("tenant", .get):
            return .json(TenantDocument.document(of: store.tenant, address))
        case ("tenant", .post):
            let change = try TenantDocument.change(in: ControlBody(body), at: store.now)
            store.updateTenant(change)
            return .json(TenantDocument.document(of: store.tenant, address))
        case ("federated-token", .post):
            return try await federatedToken(body.readableBytes == 0 ? .empty : ControlBody(body))
        case ("issuer/.well-known/openid-configuration", .get):
            return .json(FederatedIssuer(address).discovery)
        case ("issuer/keys", .get):
            guard let keys = try? FederatedIssuer(address).keys else { throw Self.cannotSign }
            return .json(keys)
        case ("reset", .post):
            store.reset()
            return SandboxAnswer(status: .noContent)
        case (_, _) where Self.names.contains(name):
            throw ControlRefusal("/_sandbox/\(name) has no \(method.rawValue).", status: .methodNotAllowed)
        default:
            throw ControlRefusal(
                "There is no /_sandbox/\(name); there are \(ControlBody.enumerated(Self.names)).",
                status: .notFound
            )
        }
    }

    /// A year, in seconds.
    private static let longestLife = 31_536_000
    private static let cannotSign = ControlRefusal("The key cannot be made.", status: .internalServerError)

    private func federatedToken(_ body: ControlBody) async throws(ControlRefusal) -> SandboxAnswer {
        try body.allow(["audience", "lifetimeSeconds", "subject"])
        let subject = try body.text("subject") ?? FederatedCredential.defaultSubject
        let audience = try body.text("audience") ?? FederatedCredential.defaultAudience
        let lifetime = try body.integer("lifetimeSeconds") ?? 3600
        guard (-Self.longestLife...Self.longestLife).contains(lifetime) else {
            throw ControlRefusal("\"lifetimeSeconds\" is in -\(Self.longestLife)...\(Self.longestLife).")
        }
        let issuer = FederatedIssuer(address)
        do {
            let token = try await issuer.token(
                subject: subject,
                audience: audience,
                lifetime: lifetime,
                at: store.now
            )
            return .json(["token": .string(token)])
        } catch {
            throw Self.cannotSign
        }
    }

    private func advanceClock(_ body: ControlBody) throws(ControlRefusal) -> SandboxAnswer {
        try body.allow(["advanceSeconds"])
        guard let seconds = try body.integer("advanceSeconds") else {
            throw ControlRefusal("The body lacks \"advanceSeconds\".")
        }
        guard seconds >= 0 else {
            throw ControlRefusal("The clock goes forwards only: \"advanceSeconds\" is at least 0.")
        }
        // A century keeps every date within four digits of the year.
        guard seconds <= 100 * 366 * 86_400 else {
            throw ControlRefusal("\"advanceSeconds\" is at most 3162240000, which is a hundred years.")
        }
        guard let now = store.advanceClock(upTo: 100 * 366 * 86_400, bySeconds: seconds) else {
            throw ControlRefusal("The clock is a hundred years ahead at most, taken together. A reset sets it right.")
        }
        return .json(["now": .string(now.description)])
    }

    /// The whole state, with the token and whether or not Graph would show it.
    private static func document(of state: SandboxProfileState) -> JSONValue {
        [
            "kind": .string(state.profile.kind.rawValue),
            "id": .string(state.profile.id),
            "displayName": .string(state.profile.displayName),
            "createdDateTime": .string(state.createdAt.description),
            "lastModifiedDateTime": .string(state.lastModifiedAt.description),
            "tokensCreated": .integer(Int64(state.tokensCreated)),
            "tokenValue": JSONValue(state.tokenValue),
            "tokenCreationDateTime": state.tokensCreated == 0 ? nil : .string(state.tokenCreatedAt.description),
            "tokenExpirationDateTime": state.tokensCreated == 0 ? nil : .string(state.tokenExpiresAt.description),
            "qrCodeContent": JSONValue(state.qrCodeContent),
        ]
    }
}
