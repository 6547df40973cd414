import Testing
import Transport

@testable import CurlTransport

@Suite("SendGuard")
struct SendGuardTests {
    @Test("the first attempt may go, and is no finding", arguments: [UpstreamRequest.Repetition.never, .harmless])
    func first(repetition: UpstreamRequest.Repetition) {
        var guardian = SendGuard(repetition: repetition)
        #expect(!guardian.hasBegun)
        let mayGo = guardian.requestBegins(newConnection: true, untouched: true, alone: true)
        #expect(mayGo)
        #expect(guardian.hasBegun)
        #expect(guardian.finding == nil)
    }

    @Test(
        "a second attempt is stopped, and only alone on a new connection without a trace it proves a refusal",
        arguments: [
            (true, true, true, SendGuard.Finding.refused), (true, true, false, .lost), (true, false, true, .lost),
            (false, true, true, .lost), (false, false, false, .lost),
        ]
    )
    func second(newConnection: Bool, untouched: Bool, alone: Bool, finding: SendGuard.Finding) {
        var guardian = SendGuard(repetition: .never)
        _ = guardian.requestBegins(newConnection: newConnection, untouched: true, alone: true)
        // libcurl has opened another connection by now, in any case.
        let mayGo = guardian.requestBegins(newConnection: true, untouched: untouched, alone: alone)
        #expect(!mayGo)
        #expect(guardian.finding == finding)
    }

    @Test("what may be repeated may go again")
    func harmless() {
        var guardian = SendGuard(repetition: .harmless)
        _ = guardian.requestBegins(newConnection: false, untouched: true, alone: true)
        let mayGo = guardian.requestBegins(newConnection: true, untouched: true, alone: true)
        #expect(mayGo)
        #expect(guardian.finding == nil)
    }
}
