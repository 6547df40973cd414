/// The times by which a ``TokenCache`` renews, serves and holds back.
///
/// Margins are shares of a token's life, so that one of ten seconds is treated like one of an hour.
package struct TokenPolicy: Sendable {
    /// The share of a token's life after which a new one is fetched in the background.
    package var renewalShare = 0.8
    /// Renewal comes up to this share of the life earlier or later, so that many gateways do not renew at once.
    package var renewalSpread = 0.05
    /// How long before its end a token is given out no more, as a share of its life and at most.
    package var expiryShare = 0.1
    package var expiryLimit: Duration = .seconds(5)
    /// The pause after the first passing failure; it doubles with each further one.
    package var firstPause: Duration = .seconds(1)
    /// Short enough that callers do not suffer long after Entra is back; two requests a minute hammer nobody.
    package var longestPause: Duration = .seconds(30)
    /// The pause after Entra refused the credential for the first time; it doubles with each further refusal. A new secret is
    /// often refused for a minute or two before Entra knows it everywhere.
    package var refusedPause: Duration = .seconds(60)
    /// No refusal is final, since consent or a credential may come at Entra's side, where nobody tells us.
    package var longestRefusedPause: Duration = .seconds(240)
    /// A fetch that takes longer is given up, whatever it waits for. More than any request takes: see ``TokenEndpoint``.
    package var fetchLimit: Duration = .seconds(30)
    /// The least time between two renewals because of a 403.
    package var forbiddenInterval: Duration = .seconds(300)
    /// A token that Graph rejects before this age was never good; asking for more of its kind is paced.
    package var youth: Duration = .seconds(300)
    /// So many young tokens in a row may be rejected before that begins: a key roll or a moment of Graph's is no reason to
    /// keep callers waiting.
    package var freeRejections = 5
    /// Evenly spread over `0..<1`.
    package var random: @Sendable () -> Double

    package init(random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }) { self.random = random }

    /// When the next token is fetched in the background: at Entra's wish (`refresh_in`) or ours, whichever comes first. A wish
    /// is spread to its far side only.
    func renewal(of token: AccessToken, refreshIn: Duration?) -> ContinuousClock.Instant {
        let draw = random()
        let own = token.life * (renewalShare + (draw * 2 - 1) * renewalSpread)
        let wish = refreshIn.map { $0 + token.life * (draw * renewalSpread) }
        return token.obtainedAt.advanced(by: min(own, wish ?? own))
    }

    /// When `token` is given out no more.
    func end(of token: AccessToken) -> ContinuousClock.Instant {
        token.expiresAt.advanced(by: .zero - min(expiryLimit, token.life * expiryShare))
    }

    /// How long to stay away after `error`, the `count`-th of its kind in a row. Never shorter than Entra asked for.
    func pause(after error: EntraError, count: Int) -> Duration {
        let own =
            switch error.kind {
            case .refused: min(refusedPause * Self.doublings(count), longestRefusedPause)
            case .unavailable: backoff(count)
            }
        return max(own, error.retryAfter ?? .zero) * (1 + 0.1 * random())
    }

    /// Doubles from the first pause to the longest, and takes between half and all of that.
    func backoff(_ count: Int) -> Duration {
        min(firstPause * Self.doublings(count), longestPause) * (0.5 + 0.5 * random())
    }

    private static func doublings(_ count: Int) -> Int { 1 << min(max(count - 1, 0), 16) }
}
