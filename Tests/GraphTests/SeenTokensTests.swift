import NIOCore
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
        seen.replaced(on: profile, before: start.advanced(by: .seconds(1)))
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

    @Test("what is kept of a token tells it from others, and has no QR code")
    func kept() throws {
        let body =
            #"{"id":"7b1d2c3e-4f50-4a61-9b72-000000000000","tokenValue":"A","tokenExpirationDateTime":"2033-05-18T03:33:20Z","qrCodeContent":"B"}"#
        let state = try #require(TokenState(decoding: .init(string: body), of: profile))
        #expect(state.qrCodeContent != nil)
        #expect(state.withoutQRCode.qrCodeContent == nil && state.withoutQRCode.qrCodeImage == nil)
        #expect(state.withoutQRCode.isSameToken(as: state) && state.isSameToken(as: token("A")))
        #expect(!seen.isLate(state, of: profile, asked: start))
        #expect(!seen.isLate(token("A"), of: profile, asked: start))
        seen.replaced(on: profile, before: start.advanced(by: .seconds(1)))
        #expect(seen.isLate(state, of: profile, asked: start))
    }

    @Test("profiles do not know each other's tokens")
    func profiles() {
        _ = seen.isLate(token("A"), of: profile, asked: start)
        seen.replaced(on: profile, before: start.advanced(by: .seconds(1)))
        #expect(!seen.isLate(token("A"), of: .example(.deviceOwner), asked: start))
    }
}
