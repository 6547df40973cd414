/// The moment at which the app's access tokens were revoked, for continuous access evaluation.
package struct TokenRevocation: Sendable, Equatable {
    package let moment: SandboxInstant
    /// Whether a token request came with the claims of the challenge.
    package internal(set) var isAnswered = false

    init(at moment: SandboxInstant) { self.moment = moment }

    /// Whether a token is no longer good: it is from before the moment; or its client said that it answers challenges, and did not
    /// answer this one.
    func strikes(_ claims: AccessTokenClaims) -> Bool {
        guard let issuedAt = claims.issuedAt, issuedAt >= moment else { return true }
        return claims.answersChallenges && !isAnswered
    }
}
