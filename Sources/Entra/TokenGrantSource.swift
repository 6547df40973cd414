/// Who grants access tokens: Entra's token endpoint, or the platform that vouches for a managed identity.
///
/// It keeps no state of the tokens and repeats nothing; ``TokenCache`` decides when to ask.
package protocol TokenGrantSource: Sendable {
    /// Asks once.
    ///
    /// - Parameter claims: what Graph asked for when it challenged the token before; a source that cannot pass it on asks
    ///   without.
    /// - Throws: ``EntraError``; never of the reason `wait-ended`.
    func requestGrant(claims: ClaimsChallenge?) async throws(EntraError) -> TokenGrant
}
