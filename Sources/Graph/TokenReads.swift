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
        until end: ContinuousClock.Instant,
        noting attempts: inout [GraphAttempt]
    ) async throws(GraphError) -> GraphReader.Read<TokenState> {
        try await reader.readOnce(request, until: end, noting: &attempts) { TokenState(decoding: $0, of: profile) }
    }

    /// See ``GraphReader/read(_:until:noting:decode:)``.
    func patiently(
        until end: ContinuousClock.Instant,
        noting attempts: inout [GraphAttempt]
    ) async throws(GraphError) -> GraphReader.Read<TokenState> {
        try await reader.read(request, until: end, noting: &attempts) { TokenState(decoding: $0, of: profile) }
    }
}
