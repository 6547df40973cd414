import Transport

/// The reads of one profile's token, by whoever needs them.
struct TokenReads: Sendable {
    let reader: GraphReader
    let profile: ProfileReference
    private let request: GraphRequest

    init(of tokens: EnrollmentTokens, profile: ProfileReference, _ selection: TokenSelection) {
        reader = tokens.reader
        self.profile = profile
        request = .readToken(profile, selection, at: tokens.configuration.baseURL)
    }

    /// See ``GraphReader/readOnce(_:until:noting:decode:)``.
    func once(
        for purpose: GraphRequest.Purpose,
        until end: ContinuousClock.Instant,
        noting attempts: inout [GraphAttempt]
    ) async throws(GraphError) -> GraphReader.Read<TokenState> {
        try await reader.readOnce(request(for: purpose), until: end, noting: &attempts) {
            TokenState(decoding: $0, of: profile)
        }
    }

    /// See ``GraphReader/read(_:until:noting:decode:)``.
    func patiently(
        for purpose: GraphRequest.Purpose,
        until end: ContinuousClock.Instant,
        noting attempts: inout [GraphAttempt]
    ) async throws(GraphError) -> GraphReader.Read<TokenState> {
        try await reader.read(request(for: purpose), until: end, noting: &attempts) {
            TokenState(decoding: $0, of: profile)
        }
    }

    private func request(for purpose: GraphRequest.Purpose) -> GraphRequest {
        var request = request
        request.purpose = purpose
        return request
    }
}
