import Testing
import Transport

@testable import CurlTransport

@Suite("SendGuard")
struct SendGuardTests {
    @Test("the first attempt may go, and is no finding", arguments: [UpstreamRequest.Repetition.never, .harmless])
    func first(repetition: UpstreamRequest.Repetition) {
        var guardian = SendGuard(repetition: repetition)
        #expect(!guardian.hasBegun)
        let mayGo = guardian.requestBegins(newConnection: true, untouched: true)
        #expect(mayGo)
        #expect(guardian.hasBegun)
        #expect(guardian.finding == nil)
    }

    @Test(
        "a second attempt is stopped, and only on a new connection without a trace it proves a refusal",
        arguments: [
            (true, true, SendGuard.Finding.refused), (true, false, .lost), (false, true, .lost), (false, false, .lost),
        ]
    )
    func second(newConnection: Bool, untouched: Bool, finding: SendGuard.Finding) {
        var guardian = SendGuard(repetition: .never)
        _ = guardian.requestBegins(newConnection: newConnection, untouched: true)
        // libcurl has opened another connection by now, in any case.
        let mayGo = guardian.requestBegins(newConnection: true, untouched: untouched)
        #expect(!mayGo)
        #expect(guardian.finding == finding)
    }

    @Test("what may be repeated may go again")
    func harmless() {
        var guardian = SendGuard(repetition: .harmless)
        _ = guardian.requestBegins(newConnection: false, untouched: true)
        let mayGo = guardian.requestBegins(newConnection: true, untouched: true)
        #expect(mayGo)
        #expect(guardian.finding == nil)
    }
}
