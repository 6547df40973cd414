import Entra
import HTTPTypes
import TestSupport
import Testing
import Traces
import Transport

@testable import Graph

@Suite("TokenCreation: answers", .timeLimit(.minutes(5)))
struct TokenCreationTests {
    @Test("a 204 is a token from Graph's time on, and takes one request", arguments: ProfileKind.allCases)
    func created(kind: ProfileKind) async throws {
        let bench = Bench(kind)
        await bench.becomeKnown(ago: .seconds(600))
        let reads = bench.reads
        let token = try await bench.create().get()
        #expect(token.evidence == .answer)
        #expect(abs((token.expiresAt - token.createdAt).seconds - 3600) < 0.001)
        // `Date` has whole seconds.
        #expect((0...1).contains((bench.graph.now - token.createdAt).seconds))
        #expect(token.graphRequestID?.hasPrefix("request-") == true)
        #expect(token.attempts.map(\.operation) == [.createToken])
        #expect(token.attempts.first?.status == 204)
        #expect(bench.sends == 2 && bench.reads == reads)
    }

    @Test("a 204 without a Date is created now")
    func createdWithoutDate() async throws {
        let bench = Bench(showsDate: false)
        let token = try await bench.create().get()
        #expect(token.createdAt == bench.graph.now)
    }

    @Test("a 204 whose connection broke behind its head is created")
    func brokenAfterHead() async throws {
        let error = TransportError(.connectionLost, delivery: .unknown, detail: "", status: .noContent)
        let bench = Bench(creates: [.acting(.fails(error))])
        #expect(try await bench.create().get().evidence == .answer)
        #expect(bench.sends == 1 && bench.reads == 1)
    }

    @Test("one 401 is answered with one fresh access token and one more send")
    func unauthorizedOnce() async throws {
        let bench = Bench(creates: [.answers(.status(401)), .created])
        let token = try await bench.create().get()
        #expect(token.attempts.map(\.status) == [200, 401, 204])
        #expect(bench.source.invalidated == [1])
        let authorizations = bench.transport.requests.map { $0.fields[.authorization] }
        #expect(authorizations == ["Bearer access-canary-1", "Bearer access-canary-1", "Bearer access-canary-2"])
    }

    @Test("two 401 are Graph's refusal of our access tokens; nothing is sent a third time")
    func unauthorizedTwice() async {
        let body = #"{"error":{"code":"InvalidAuthenticationToken"}}"#
        let refusal = FakeGraph.Create.answers(.json(.unauthorized, body))
        let bench = Bench(creates: [refusal, refusal])
        let error = await bench.create().error
        #expect(error?.kind.label == "unauthorized" && error?.outcome == .notCreated)
        #expect(error?.fault?.code == "InvalidAuthenticationToken")
        #expect(bench.sends == 2)
        #expect(bench.source.invalidated == [1, 2])
    }

    @Test("when Entra's tokens are all rejected, that is Graph's 401, not Entra's absence")
    func tokenRejected() async {
        let bench = Bench { (_, _) async throws(EntraError) in
            throw EntraError(.unavailable, reason: .tokenRejected, retryAfter: .seconds(20), detail: "")
        }
        let error = await bench.create().error
        #expect(error?.kind.label == "unauthorized" && error?.outcome == .notCreated)
        #expect(error?.retryAfter == .seconds(20))
        #expect(bench.sends == 0)
    }

    @Test("without an access token nothing is sent, and Entra's reason is told", arguments: [0, 1])
    func noAccessToken(failing: Int) async {
        let bench = Bench { (index, _) async throws(EntraError) in
            if index == failing { throw EntraError(.refused, reason: .secretExpired, aadsts: 7_000_222, detail: "") }
        }
        let error = await bench.create().error
        #expect(error?.outcome == .notCreated)
        guard case .credential(let entra) = error?.kind else {
            Issue.record("\(String(describing: error?.kind))")
            return
        }
        #expect(entra.reason == .secretExpired)
        #expect(bench.sends == 0)
    }

    @Test("when Entra fails after a 401, that is told")
    func entraFailsAfterUnauthorized() async {
        let bench = Bench(creates: [.answers(.status(401))]) { (index, _) async throws(EntraError) in
            if index == 2 { throw EntraError(.unavailable, reason: .unreachable, detail: "") }
        }
        let error = await bench.create().error
        #expect(error?.kind.label == "credential" && error?.outcome == .notCreated)
        #expect(bench.sends == 1)
    }

    @Test("a 403 is not sent again, and lets the access token be renewed once")
    func forbidden() async {
        let bench = Bench(creates: [.answers(.json(.forbidden, #"{"error":{"code":"Forbidden"}}"#))])
        let error = await bench.create().error
        #expect(error?.kind.label == "forbidden" && error?.outcome == .notCreated)
        #expect(error?.fault?.code == "Forbidden")
        #expect(bench.sends == 1)
        #expect(bench.source.renewed == [1])
        #expect(bench.source.invalidated == [])
    }

    @Test(
        "a refusal is told as what it is, and nothing is sent again or read back",
        arguments: [
            (404, "profileNotFound"), (409, "conflict"), (412, "conflict"), (400, "refused"), (422, "refused"),
            (418, "failed"),
            (302, "failed"), (405, "failed"), (423, "failed"),
        ]
    )
    func refused(status: Int, kind: String) async {
        let bench = Bench(creates: [.answers(.status(status, [.location: "https://elsewhere.example/"]))])
        let error = await bench.create().error
        #expect(error?.kind.label == kind && error?.outcome == .notCreated)
        #expect(error?.fault?.status == status)
        #expect(error?.attempts.map(\.status) == [200, status])
        #expect(bench.sends == 1 && bench.reads == 1)
    }
}

@Suite("TokenCreation: repeats", .timeLimit(.minutes(5)))
struct TokenCreationRepeatTests {
    private func gaps(_ bench: Bench) -> [Double] {
        let times = bench.graph.times(of: .createToken)
        return zip(times.dropFirst(), times).map { ($0 - $1).seconds - FakeGraph.latency.seconds }
    }

    @Test("a 429 whose Retry-After fits is sent again after exactly that, at most twice")
    func throttledThatFits() async throws {
        let throttled = FakeGraph.Create.answers(.status(429, [.retryAfter: "4"]))
        let bench = Bench(creates: [throttled, throttled])
        #expect(try await bench.create().get().attempts.map(\.status) == [200, 429, 429, 204])
        for gap in gaps(bench) { #expect(abs(gap - 4) < 1e-6) }

        let hopeless = Bench(creates: [throttled, throttled, throttled])
        let error = await hopeless.create().error
        #expect(error?.kind.label == "throttled" && error?.retryAfter == .seconds(4))
        #expect(hopeless.sends == 3)
    }

    @Test(
        "of each attempt it is known when, what for and under which id it was made, and of each pause how long it was"
    )
    func attempts() async throws {
        let throttled = FakeGraph.Create.answers(.status(429, [.retryAfter: "4"]))
        let bench = Bench(creates: [throttled, throttled])
        let steps = StepLog()
        let attempts = try await steps.surround { await bench.create() }.get().attempts
        #expect(attempts.map(\.purpose) == [.baseline, .send, .retry, .retry])
        #expect(attempts.map(\.number) == [1, 2, 3, 4])
        #expect(attempts.map(\.clientRequestID) == bench.transport.requests.map { $0.fields[.clientRequestID] })
        let ends = attempts.map { $0.startedAt.advanced(by: $0.duration) }
        #expect(zip(attempts.dropFirst(), ends).allSatisfy { $0.startedAt >= $1 })
        #expect(steps.waits.map(\.step) == ["pause", "pause"])
        #expect(steps.waits.map(\.start) == Array(ends[1...2]))
        #expect(steps.waits.map(\.duration) == [.seconds(4), .seconds(4)])
    }

    @Test("a 429 whose Retry-After does not fit is told at once, with its seconds")
    func throttledThatDoesNotFit() async {
        let bench = Bench(creates: [.answers(.status(429, [.retryAfter: "60"]))])
        let error = await bench.create().error
        #expect(error?.kind.label == "throttled" && error?.outcome == .notCreated)
        #expect(error?.retryAfter == .seconds(60))
        #expect(bench.sends == 1)
        #expect(bench.clock.now - bench.start < .seconds(1))
        // Nobody else may try before Graph wants it: a rejected request prolongs the throttling.
        let next = await bench.create().error
        #expect(next?.kind.label == "throttled" && bench.sends == 1)
        #expect((59...60).contains(next?.retryAfter?.seconds ?? 0))
    }

    @Test("an absurd Retry-After is cut to five minutes")
    func absurdRetryAfter() async {
        let bench = Bench(creates: [.answers(.status(429, [.retryAfter: "99999999999"]))])
        #expect(await bench.create().error?.retryAfter == .seconds(300))
    }

    @Test("Intune's nested RetryAfter is obeyed where the field is missing")
    func nestedRetryAfter() async throws {
        let body = #"{"error":{"code":"TooManyRequests","message":"{\"Message\":\"Busy\",\"RetryAfter\":3}"}}"#
        let bench = Bench(creates: [.answers(.json(.tooManyRequests, body))])
        _ = try await bench.create().get()
        #expect(gaps(bench).count == 1 && abs(gaps(bench)[0] - 3) < 1e-6)
    }

    @Test("a 429 without a Retry-After is sent again after a growing pause")
    func backoff() async throws {
        let bench = Bench(creates: [.answers(.status(429)), .answers(.status(429))])
        _ = try await bench.create().get()
        let gaps = gaps(bench)
        try #require(gaps.count == 2)
        #expect((0.39...0.61).contains(gaps[0]))
        #expect((0.79...1.21).contains(gaps[1]))
    }

    @Test(
        "what was not sent, or refused unread, is sent again",
        arguments: [TransportError.notConnected, .refusedStream]
    )
    func notSent(error: TransportError) async throws {
        let bench = Bench(creates: [.fails(error), .fails(error)])
        let token = try await bench.create().get()
        #expect(token.attempts.map(\.error) == [nil, error.kind, error.kind, nil])
        #expect(bench.sends == 3)
    }

    @Test("not sent three times is unreachable", arguments: [TransportError.notConnected, .refusedStream])
    func unreachable(error: TransportError) async {
        let bench = Bench(creates: [.fails(error), .fails(error), .fails(error)])
        let failure = await bench.create().error
        #expect(failure?.kind.label == "unreachable" && failure?.outcome == .notCreated)
        #expect(failure?.transportError == error)
        #expect(bench.sends == 3 && bench.reads == 1)
    }

    @Test(
        "what the transport would not begin, because it is full, stops or our task was cancelled, is not sent again",
        arguments: [
            (TransportError.Kind.overloaded, "overloaded"), (.unavailable, "unavailable"), (.cancelled, "unavailable"),
        ]
    )
    func notBegun(kind: TransportError.Kind, label: String) async {
        let bench = Bench(creates: [.fails(TransportError(kind, delivery: .notSent, detail: ""))])
        let error = await bench.create().error
        #expect(error?.kind.label == label && error?.outcome == .notCreated)
        #expect(bench.sends == 1)
    }

    @Test("each send takes a pacing permit of its own")
    func permits() async throws {
        let bench = Bench(
            creates: [.answers(.status(401)), .fails(.notConnected), .answers(.status(429, [.retryAfter: "0"]))],
            deadline: .seconds(200),
            writeLimit: WriteLimit(count: 2, interval: .seconds(20))
        )
        _ = try await bench.create().get()
        let times = bench.graph.times(of: .createToken).map { ($0 - bench.start).seconds }
        try #require(times.count == 4)
        // One in ten seconds: a portion of the limit.
        for (earlier, later) in zip(times, times.dropFirst()) { #expect(later - earlier >= 10) }
    }

    @Test("pacing that leaves no time says so at once, and sends nothing")
    func pacingFull() async {
        let bench = Bench(writeLimit: WriteLimit(count: 1, interval: .seconds(60)))
        await bench.becomeKnown(ago: .seconds(16))
        let begun = bench.clock.now
        let error = await bench.create(validity: 60).error
        #expect(error?.kind.label == "throttled" && error?.outcome == .notCreated)
        #expect((43...44).contains(error?.retryAfter?.seconds ?? 0))
        #expect(bench.clock.now == begun && bench.sends == 1)
    }

    @Test("a later refusal is told although an earlier send was throttled")
    func throttledThenRefused() async {
        let bench = Bench(creates: [.answers(.status(429, [.retryAfter: "1"])), .answers(.status(404))])
        #expect(await bench.create().summary == "profileNotFound not-created")
    }

    static let ambiguous: [(String, FakeGraph.Create)] = [
        ("reset", .fails(.reset)),
        ("500", .answers(.status(500))),
        ("503 with Retry-After", .answers(.status(503, [.retryAfter: "1"]))),
        ("504", .answers(.status(504))),
        ("408", .answers(.status(408))),
        ("timeout", .silent),
        ("200 with HTML", .answers(.status(200, [.contentType: "text/html"], body: "<html>Log in</html>"))),
        ("too large", .fails(TransportError(.responseTooLarge, delivery: .unknown, detail: "", status: .ok))),
        ("nonsense", .fails(TransportError(.malformedResponse, delivery: .unknown, detail: ""))),
        ("TLS failed on the way", .fails(TransportError(.tlsFailed, delivery: .unknown, detail: ""))),
        ("an internal error on the way", .fails(TransportError(.internal, delivery: .unknown, detail: ""))),
    ]

    @Test("what may have acted is never sent again, and is read back", arguments: ambiguous, ProfileKind.allCases)
    func readBack(step: (String, FakeGraph.Create), kind: ProfileKind) async throws {
        let done = Bench(kind, creates: [.acting(step.1)])
        let token = try await done.create().get()
        #expect(token.evidence == .readBack)
        #expect(done.sends == 1 && done.reads == 2)
        #expect(abs((token.expiresAt - token.createdAt).seconds - 3600) < 0.01)

        let undone = Bench(kind, creates: [step.1])
        let ours = ["timeout", "an internal error on the way"].contains(step.0)
        #expect(await undone.create().summary == (ours ? "outcomeUnknown unknown" : "failed not-created"))
        #expect(undone.sends == 1 && undone.reads >= 3)
    }

    @Test("what becomes ambiguous after provable refusals is not sent again either")
    func ambiguousAfterRefusals() async {
        let bench = Bench(creates: [
            .answers(.status(401)), .answers(.status(429)), .fails(.notConnected), .fails(.reset),
        ])
        #expect(await bench.create().summary == "failed not-created")
        #expect(bench.sends == 4)
    }
}
