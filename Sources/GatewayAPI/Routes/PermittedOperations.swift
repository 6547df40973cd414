package import Graph
import KeyRing

/// What the routes need of Graph; ``EnrollmentTokens`` in the service, a script in tests.
package protocol EnrollmentOperations: Sendable {
    /// See ``EnrollmentTokens/mint(_:on:)``.
    func mint(_ order: TokenOrder, on profile: ProfileReference) async throws(GraphError) -> TokenMinting
    /// See ``EnrollmentTokens/token(of:_:)``.
    func token(of profile: ProfileReference, _ selection: TokenSelection) async throws(GraphError) -> ShownToken
    /// See ``EnrollmentTokens/revoke(on:for:)``.
    func revoke(on profile: ProfileReference, for caller: String) async throws(GraphError) -> [GraphAttempt]
    /// See ``EnrollmentTokens/profile(_:)``.
    func profile(
        _ profile: ProfileReference
    ) async throws(GraphError) -> (profile: EnrollmentProfile, attempts: [GraphAttempt])
    /// See ``EnrollmentTokens/profiles(of:)``.
    func profiles(
        of kind: ProfileKind
    ) async throws(GraphError) -> (profiles: [EnrollmentProfile], attempts: [GraphAttempt])
}

extension EnrollmentTokens: EnrollmentOperations {}

/// Graph for those alone who may have it: each operation asks for the proof, notes in the request's record what was asked of Graph,
/// and fails with what the caller is told.
struct PermittedOperations: Sendable {
    private let operations: any EnrollmentOperations

    init(_ operations: any EnrollmentOperations) { self.operations = operations }

    /// - Parameter reuse: with the proof for ``TokenOrder/reuseIfValidFor``, which shows a token that somebody else made.
    func mint(
        _ permit: ProfilePermit<CreateToken>,
        validityInSeconds: Int,
        reusing reuse: (permit: ProfilePermit<ReadToken>, ifValidFor: Duration)?,
        wantsRepresentation: Bool,
        _ record: RequestRecord
    ) async throws(GatewayError) -> TokenMinting {
        let order = TokenOrder(
            validityInSeconds: validityInSeconds,
            reuseIfValidFor: reuse?.ifValidFor,
            wantsRepresentation: wantsRepresentation,
            caller: permit.callerName
        )
        return try await noted(record, { $0.attempts }) { () async throws(GraphError) in
            try await operations.mint(order, on: permit.profile)
        }
    }

    func token(
        _ permit: ProfilePermit<ReadToken>,
        _ selection: TokenSelection,
        _ record: RequestRecord
    ) async throws(GatewayError) -> ShownToken {
        try await noted(record, { $0.attempts }) { () async throws(GraphError) in
            try await operations.token(of: permit.profile, selection)
        }
    }

    func revoke(_ permit: ProfilePermit<RevokeToken>, _ record: RequestRecord) async throws(GatewayError) {
        _ = try await noted(record, { $0 }) { () async throws(GraphError) in
            try await operations.revoke(on: permit.profile, for: permit.callerName)
        }
    }

    func profile(
        _ permit: ProfilePermit<ReadProfiles>,
        _ record: RequestRecord
    ) async throws(GatewayError) -> EnrollmentProfile {
        try await noted(record, { $0.attempts }) { () async throws(GraphError) in
            try await operations.profile(permit.profile)
        }.profile
    }

    /// Those alone that the proof covers.
    func profiles(
        _ permit: CollectionPermit<ReadProfiles>,
        _ record: RequestRecord
    ) async throws(GatewayError) -> [EnrollmentProfile] {
        try await noted(record, { $0.attempts }) { () async throws(GraphError) in
            try await operations.profiles(of: permit.kind)
        }.profiles.filter { permit.covers($0.reference) }
    }

    private func noted<Value>(
        _ record: RequestRecord,
        _ attempts: (Value) -> [GraphAttempt],
        _ ask: () async throws(GraphError) -> Value
    ) async throws(GatewayError) -> Value {
        do throws(GraphError) {
            let value = try await ask()
            record.note(attempts(value))
            return value
        } catch {
            record.note(error.attempts)
            throw GatewayError(error)
        }
    }
}

extension RequestRecord {
    fileprivate func note(_ attempts: [GraphAttempt]) {
        note { facts in
            facts.graphRequests = attempts.count
            // The one that changes something is the one to be found again.
            let last = attempts.last { $0.operation == .createToken || $0.operation == .revokeToken } ?? attempts.last
            facts.graphStatus = last?.status
            facts.graphRequestID = last?.requestID
        }
    }
}
