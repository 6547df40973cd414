import Settings
import Testing
import Transport

@testable import Graph

@Suite("SeenTokens")
struct SeenTokensTests {
    private let seen = SeenTokens()
    private let profile = ProfileReference.example(.androidForWork)
    private let start = ContinuousClock.now

    private func token(_ name: String) -> TokenState {
        TokenState(value: Secret(name), expiresAt: Timestamp(secondsSince1970: 2_000_000_000))
    }

    @Test("a token that another has replaced is late when it is shown again")
    func replaced() {
        #expect(!seen.isLate(token("A"), of: profile, asked: start))
        #expect(!seen.isLate(token("A"), of: profile, asked: start))
        #expect(!seen.isLate(token("B"), of: profile, asked: start))
        #expect(seen.isLate(token("A"), of: profile, asked: start))
        #expect(!seen.isLate(token("B"), of: profile, asked: start))
    }

    @Test("a confirmed creation replaces what was seen before, though the new token was never read")
    func confirmed() {
        #expect(!seen.isLate(token("A"), of: profile, asked: start))
        seen.replaced(on: profile)
        #expect(seen.isLate(token("A"), of: profile, asked: start))
    }

    @Test("having no token is never late, since it can happen twice")
    func none() {
        #expect(!seen.isLate(TokenState(), of: profile, asked: start))
        #expect(!seen.isLate(token("A"), of: profile, asked: start))
        #expect(!seen.isLate(TokenState(), of: profile, asked: start))
    }

    @Test("a token that was seen before a creation was sent is none of that creation's")
    func older() {
        _ = seen.isLate(token("A"), of: profile, asked: start)
        #expect(seen.wasSeen(token("A"), on: profile, before: start.advanced(by: .seconds(1))))
        #expect(!seen.wasSeen(token("A"), on: profile, before: start))
        #expect(!seen.wasSeen(token("B"), on: profile, before: start.advanced(by: .seconds(1))))
    }

    @Test("profiles do not know each other's tokens")
    func profiles() {
        _ = seen.isLate(token("A"), of: profile, asked: start)
        seen.replaced(on: profile)
        #expect(!seen.isLate(token("A"), of: .example(.deviceOwner), asked: start))
    }
}
