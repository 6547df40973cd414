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
        #expect(!seen.isLate(token("A"), of: profile, asked: start, answered: start))
        #expect(!seen.isLate(token("A"), of: profile, asked: start, answered: start))
        // One read may show the past; two in a row are believed.
        #expect(!seen.isLate(token("B"), of: profile, asked: start, answered: start))
        #expect(!seen.isLate(token("A"), of: profile, asked: start, answered: start))
        #expect(!seen.isLate(token("B"), of: profile, asked: start, answered: start))
        #expect(!seen.isLate(token("B"), of: profile, asked: start, answered: start))
        #expect(seen.isLate(token("A"), of: profile, asked: start, answered: start))
        #expect(!seen.isLate(token("B"), of: profile, asked: start, answered: start))
    }

    @Test("a mark that is a minute old proves nothing: Graph would have caught up")
    func oldMark() {
        #expect(!seen.isLate(token("A"), of: profile, asked: start, answered: start))
        seen.replaced(on: profile, before: start)
        let (soon, later) = (start.advanced(by: .seconds(60)), start.advanced(by: .seconds(61)))
        #expect(seen.isLate(token("A"), of: profile, asked: soon, answered: soon))
        #expect(seen.isReplaced(token("A"), on: profile, at: soon))
        #expect(!seen.isReplaced(token("A"), on: profile, at: later))
        #expect(!seen.isLate(token("A"), of: profile, asked: later, answered: later))
    }

    @Test("what was seen but once before a creation is replaced by it, too")
    func candidate() {
        #expect(!seen.isLate(token("A"), of: profile, asked: start, answered: start))
        #expect(!seen.isLate(token("B"), of: profile, asked: start, answered: start))
        #expect(seen.wasSeen(token("B"), on: profile, before: start))
        seen.replaced(on: profile, before: start)
        for name in ["A", "B"] { #expect(seen.isLate(token(name), of: profile, asked: start, answered: start)) }
    }

    @Test("a confirmed creation replaces what was seen before, though the new token was never read")
    func confirmed() {
        #expect(!seen.isLate(token("A"), of: profile, asked: start, answered: start))
        seen.replaced(on: profile, before: start.advanced(by: .seconds(1)))
        #expect(seen.isLate(token("A"), of: profile, asked: start, answered: start))
    }

    @Test("having no token is never late, since it can happen twice")
    func none() {
        #expect(!seen.isLate(TokenState(), of: profile, asked: start, answered: start))
        #expect(!seen.isLate(token("A"), of: profile, asked: start, answered: start))
        #expect(!seen.isLate(TokenState(), of: profile, asked: start, answered: start))
    }

    @Test("a token that was seen before a creation was sent is none of that creation's")
    func older() {
        _ = seen.isLate(token("A"), of: profile, asked: start, answered: start)
        #expect(seen.wasSeen(token("A"), on: profile, before: start.advanced(by: .seconds(1))))
        #expect(!seen.wasSeen(token("A"), on: profile, before: start.advanced(by: .milliseconds(-1))))
        #expect(!seen.wasSeen(token("B"), on: profile, before: start.advanced(by: .seconds(1))))
    }

    @Test("one that is seen by a read that was asked for before a creation and answered after it may be the new one")
    func overlapping() {
        let (sent, later) = (start.advanced(by: .seconds(1)), start.advanced(by: .seconds(2)))
        #expect(!seen.isLate(token("A"), of: profile, asked: start, answered: later))
        #expect(!seen.wasSeen(token("A"), on: profile, before: sent))
        seen.replaced(on: profile, before: sent)
        #expect(!seen.isLate(token("A"), of: profile, asked: later, answered: later))
    }

    @Test("of two reads at the same time that show different tokens the second answer says nothing")
    func overtaken() {
        let (second, third) = (start.advanced(by: .seconds(1)), start.advanced(by: .seconds(2)))
        #expect(!seen.isLate(token("B"), of: profile, asked: start, answered: second))
        #expect(seen.isLate(token("A"), of: profile, asked: start, answered: third))
        #expect(!seen.isLate(token("B"), of: profile, asked: third, answered: third))
        #expect(!seen.isLate(token("C"), of: profile, asked: third, answered: third))
    }

    @Test("what is kept of a token tells it from others, and has no QR code")
    func kept() throws {
        let body =
            #"{"id":"7b1d2c3e-4f50-4a61-9b72-000000000000","tokenValue":"A","tokenExpirationDateTime":"2033-05-18T03:33:20Z","qrCodeContent":"B"}"#
        let state = try #require(TokenState(decoding: .init(string: body), of: profile))
        #expect(state.qrCodeContent != nil)
        #expect(state.withoutQRCode.qrCodeContent == nil && state.withoutQRCode.qrCodeImage == nil)
        #expect(state.withoutQRCode.isSameToken(as: state) && state.isSameToken(as: token("A")))
        #expect(!seen.isLate(state, of: profile, asked: start, answered: start))
        #expect(!seen.isLate(token("A"), of: profile, asked: start, answered: start))
        seen.replaced(on: profile, before: start.advanced(by: .seconds(1)))
        #expect(seen.isLate(state, of: profile, asked: start, answered: start))
    }

    @Test("profiles do not know each other's tokens")
    func profiles() {
        _ = seen.isLate(token("A"), of: profile, asked: start, answered: start)
        seen.replaced(on: profile, before: start.advanced(by: .seconds(1)))
        #expect(!seen.isLate(token("A"), of: .example(.deviceOwner), asked: start, answered: start))
    }
}
