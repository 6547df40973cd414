import HTTPTypes
import TestSupport
import Testing
import Transport

@testable import Graph

@Suite("TokenCreation: reading back", .timeLimit(.minutes(5)))
struct ReadingBackTests {
    /// Another's token, or an older one of ours.
    private static func token(_ bench: Bench, created age: Duration, validity: Int = 3600) -> FakeGraph.Shown {
        let created = bench.graph.now - age
        return FakeGraph.Shown(value: "another", createdAt: created, expiresAt: created + .seconds(validity))
    }

    @Test("one yes is enough", arguments: ProfileKind.allCases)
    func firstRead(kind: ProfileKind) async throws {
        let bench = Bench(kind, creates: [.acting(.fails(.reset))])
        let token = try await bench.create().get()
        #expect(token.evidence == .readBack && bench.reads == 2)
        #expect(bench.clock.now - bench.start < .seconds(1))
        let real = try #require(bench.graph.shown?.expiresAt)
        #expect(abs((token.expiresAt - real).seconds) < 0.01)
    }

    @Test("a token that Graph shows only at the third read is found", arguments: ProfileKind.allCases)
    func lag(kind: ProfileKind) async throws {
        let bench = Bench(kind, creates: [.acting(.answers(.status(503)))], reads: [.truth, .old, .old])
        #expect(try await bench.create().get().evidence == .readBack)
        #expect(bench.reads == 4 && bench.sends == 1)
    }

    @Test(
        "a no takes two agreeing reads, the last asked for at least 3 s after the send ended",
        arguments: ProfileKind.allCases
    )
    func settledNo(kind: ProfileKind) async throws {
        let bench = Bench(kind, creates: [.fails(.reset)])
        let error = await bench.create().error
        #expect(error?.kind.label == "failed" && error?.outcome == .notCreated)
        #expect(error?.transportError == .reset)
        let ended = try #require(bench.graph.times(of: .createToken).last).advanced(by: FakeGraph.latency)
        let last = try #require(bench.graph.times(of: .readProfile).last)
        #expect(last - ended >= .seconds(3) && last - ended < .seconds(5))
    }

    @Test("a slow answer to an early read does not count as a late one")
    func slowEarlyRead() async throws {
        // Graph acts 4 s late; a read that it saw before then is answered after.
        let bench = Bench(
            creates: [.actingLater(.seconds(2.9), .answers(.status(503)))],
            reads: [.truth, .old, .after(.seconds(3.5), .shows(nil)), .truth]
        )
        #expect(await bench.create().summary == "created")
    }

    @Test("after a time-out of our own a no is unknown", arguments: ProfileKind.allCases)
    func ownTimeout(kind: ProfileKind) async {
        let bench = Bench(kind, creates: [.silent])
        let error = await bench.create().error
        #expect(error?.kind.label == "outcomeUnknown" && error?.outcome == .unknown)
        #expect(error?.transportError?.kind == .timedOut)
        #expect(bench.sends == 1 && bench.reads > 2)
    }

    @Test("after a time-out of our own a yes is a yes", arguments: ProfileKind.allCases)
    func ownTimeoutYes(kind: ProfileKind) async throws {
        let bench = Bench(kind, creates: [.actingLater(.seconds(21), .silent)])
        #expect(try await bench.create().get().evidence == .readBack)
    }

    @Test("an older token of the same validity from seconds ago is not claimed", arguments: ProfileKind.allCases)
    func olderToken(kind: ProfileKind) async {
        let bench = Bench(kind, creates: [.fails(.reset)])
        bench.graph.show(Self.token(bench, created: .seconds(1)))
        #expect(await bench.create().summary == "failed not-created")
    }

    @Test("our own token of seconds ago is not claimed a second time", arguments: ProfileKind.allCases)
    func ownOlderToken(kind: ProfileKind) async {
        let bench = Bench(kind, creates: [.created, .fails(.reset)])
        await bench.becomeKnown(ago: .seconds(1))
        #expect(await bench.create().summary == "failed not-created")
        #expect(bench.sends == 2)
    }

    @Test("our own token of a minute ago is not claimed, without a read before", arguments: ProfileKind.allCases)
    func ownKnownToken(kind: ProfileKind) async {
        let bench = Bench(kind, creates: [.created, .fails(.reset)])
        await bench.becomeKnown(ago: .seconds(60))
        let reads = bench.reads
        #expect(await bench.create().summary == "failed not-created")
        #expect(bench.graph.times(of: .readProfile)[reads] > bench.graph.times(of: .createToken)[1])
    }

    @Test("our own token of an hour ago that ends when the new one would is not claimed")
    func sameEnd() async {
        let bench = Bench(creates: [.created, .fails(.reset)])
        await bench.becomeKnown(validity: 7200, ago: .seconds(3600))
        #expect(await bench.create(validity: 3600).summary == "failed not-created")
    }

    @Test("another's token that ends when ours would is not claimed")
    func othersSameEnd() async {
        let bench = Bench(creates: [.fails(.reset)])
        bench.graph.show(Self.token(bench, created: .seconds(3600), validity: 7200))
        #expect(await bench.create(validity: 3600).summary == "failed not-created")
    }

    @Test(
        "our own last token that Graph shows only after the read before is not claimed",
        arguments: ProfileKind.allCases
    )
    func ownTokenLagging(kind: ProfileKind) async {
        let bench = Bench(kind, creates: [.created, .fails(.reset)])
        await bench.becomeKnown(ago: .milliseconds(300))
        bench.graph.script(creates: [.fails(.reset)], reads: [.old])
        #expect(await bench.create().summary == "outcomeUnknown unknown")
    }

    @Test(
        "what Graph shows may fall back behind the baseline: older tokens of ours are not claimed",
        arguments: ProfileKind.allCases
    )
    func fallingBack(kind: ProfileKind) async {
        let bench = Bench(kind)
        await bench.becomeKnown(ago: .milliseconds(300))
        await bench.becomeKnown(ago: .milliseconds(300))
        bench.graph.script(creates: [.fails(.reset)], reads: [.truth] + Array(repeating: .old, count: 20))
        #expect(await bench.create().summary == "outcomeUnknown unknown")
    }

    @Test("a baseline that Graph shows too old does not let our last token be claimed", arguments: ProfileKind.allCases)
    func oldBaseline(kind: ProfileKind) async {
        let bench = Bench(kind)
        await bench.becomeKnown(ago: .milliseconds(300))
        await bench.becomeKnown(ago: .milliseconds(300))
        bench.graph.script(creates: [.fails(.reset)], reads: [.old])
        #expect(await bench.create().summary == "outcomeUnknown unknown")
    }

    @Test("of several creations in a second the one whose answer is lost is found", arguments: ProfileKind.allCases)
    func quickSuccession(kind: ProfileKind) async {
        let bench = Bench(kind, creates: [.created, .created, .created, .acting(.fails(.reset))])
        for _ in 0..<3 { await bench.becomeKnown(ago: .milliseconds(100)) }
        #expect(await bench.create().token?.evidence == .readBack)
    }

    @Test("a token that Graph made late for an earlier, unknown send is not claimed", arguments: ProfileKind.allCases)
    func lateToken(kind: ProfileKind) async {
        let bench = Bench(kind, creates: [.actingLater(.seconds(30), .silent)])
        #expect(await bench.create().summary == "outcomeUnknown unknown")
        bench.graph.script(creates: [.after(.seconds(8), .fails(.reset))])
        let second = await bench.outcome()
        #expect(second.summary == "outcomeUnknown unknown")
        // A minute later nothing of the first is expected any more.
        bench.clock.advance(by: .seconds(61))
        bench.graph.script(creates: [.acting(.fails(.reset))])
        #expect(await bench.create().summary == "created")
    }

    @Test("after an unknown send another validity can be told apart", arguments: ProfileKind.allCases)
    func otherValidityAfterUnknown(kind: ProfileKind) async {
        let bench = Bench(kind, creates: [.silent, .acting(.fails(.reset))])
        #expect(await bench.create(validity: 3600).summary == "outcomeUnknown unknown")
        #expect(await bench.create(validity: 7200).summary == "created")
    }

    @Test("an expired token, or none, on the profile is a no", arguments: ProfileKind.allCases)
    func expiredOrNone(kind: ProfileKind) async {
        let expired = Bench(kind, creates: [.fails(.reset)])
        expired.graph.show(Self.token(expired, created: .seconds(7200)))
        #expect(await expired.create().summary == "failed not-created")

        let none = Bench(kind, creates: [.fails(.reset)])
        #expect(await none.create().summary == "failed not-created")

        // Ours from before was revoked meanwhile: its end is past. Where nothing is left, the new one may have been revoked.
        let revoked = Bench(kind, creates: [.created, .fails(.reset)])
        await revoked.becomeKnown()
        revoked.graph.show(.init(value: nil, createdAt: nil, expiresAt: revoked.graph.now - .seconds(5)))
        #expect(await revoked.create().summary == "failed not-created")
        revoked.graph.script(creates: [.created, .fails(.reset)])
        await revoked.becomeKnown()
        revoked.graph.show(nil)
        #expect(await revoked.create().summary == "outcomeUnknown unknown")
    }

    @Test(
        "someone else's token that came meanwhile, outside of the window, is unknown",
        arguments: ProfileKind.allCases
    )
    func othersToken(kind: ProfileKind) async {
        let bench = Bench(kind, creates: [.fails(.reset)])
        let other = Self.token(bench, created: .seconds(60), validity: 86_400)
        bench.graph.script(creates: [.fails(.reset)], reads: [.truth] + Array(repeating: .shows(other), count: 20))
        #expect(await bench.create().summary == "outcomeUnknown unknown")
    }

    @Test("a token that was created inside the window but lives otherwise than asked for is not ours")
    func otherLife() async {
        let bench = Bench(.deviceOwner, creates: [.fails(.reset)])
        let other = Self.token(bench, created: .zero, validity: 86_400)
        bench.graph.script(creates: [.fails(.reset)], reads: [.truth] + Array(repeating: .shows(other), count: 20))
        #expect(await bench.create().summary == "outcomeUnknown unknown")
    }

    @Test("a token inside the window that equals the baseline is not ours", arguments: ProfileKind.allCases)
    func insideButBaseline(kind: ProfileKind) async {
        let bench = Bench(kind, creates: [.answers(.status(502))])
        bench.graph.show(Self.token(bench, created: .zero))
        #expect(await bench.create().summary == "failed not-created")
    }

    @Test(
        "Graph's clock may be hours off from ours",
        arguments: ProfileKind.allCases,
        [-40_000.0, -3600, 3600, 40_000]
    )
    func skewedClock(kind: ProfileKind, skew: Double) async {
        let epoch = Timestamp.now + .seconds(skew)
        let done = Bench(kind, creates: [.acting(.fails(.reset))], epoch: epoch)
        #expect(await done.create().summary == "created")
        let undone = Bench(kind, creates: [.fails(.reset)], epoch: epoch)
        #expect(await undone.create().summary == "failed not-created")
    }

    @Test("without a Date our own clock stands in", arguments: ProfileKind.allCases)
    func noDate(kind: ProfileKind) async {
        let done = Bench(kind, creates: [.acting(.fails(.reset))], showsDate: false)
        #expect(await done.create().summary == "created")
        let undone = Bench(kind, creates: [.fails(.reset)], showsDate: false)
        #expect(await undone.create().summary == "failed not-created")
    }

    @Test(
        "without a Date and with a clock that is hours off, nothing is claimed",
        arguments: ProfileKind.allCases,
        [-18_000.0, 18_000]
    )
    func noDateAndSkewed(kind: ProfileKind, skew: Double) async {
        let bench = Bench(
            kind,
            creates: [.acting(.fails(.reset))],
            showsDate: false,
            ownClockBehind: .seconds(skew)
        )
        #expect(await bench.create().summary == "outcomeUnknown unknown")
    }

    @Test(
        "a yes at whatever fraction of Graph's second it comes",
        arguments: ProfileKind.allCases,
        [0, 0.001, 0.02, 0.49, 0.5, 0.96, 0.979, 0.999]
    )
    func fractions(kind: ProfileKind, fraction: Double) async {
        let epoch = Timestamp(secondsSince1970: 1_900_000_000 + fraction)
        let bench = Bench(kind, creates: [.acting(.fails(.reset))], epoch: epoch)
        #expect(await bench.create().summary == "created")
    }

    static let uselessReads: [(String, FakeGraph.Read)] = [
        ("500", .answers(.status(500))),
        ("429", .answers(.status(429))),
        ("403", .answers(.status(403))),
        ("404", .answers(.status(404))),
        ("garbage", .answers(.status(200, body: "<html>"))),
        ("no id", .answers(.status(200, body: "{}"))),
        ("reset", .fails(.reset)),
        ("not connected", .fails(.notConnected)),
    ]

    @Test("reads that fail say nothing: one that does not may say yes", arguments: uselessReads)
    func uselessThenYes(read: (String, FakeGraph.Read)) async {
        let bench = Bench(creates: [.acting(.fails(.reset))], reads: [.truth, read.1, read.1])
        #expect(await bench.create().summary == "created")
        #expect(bench.reads == 4)
    }

    @Test("reads that fail say nothing: with nothing else the outcome is unknown", arguments: uselessReads)
    func useless(read: (String, FakeGraph.Read)) async {
        let bench = Bench(creates: [.fails(.reset)], reads: [.truth] + Array(repeating: read.1, count: 40))
        #expect(await bench.create().summary == "outcomeUnknown unknown")
        #expect(bench.reads < 12)
    }

    @Test("reads that fail say nothing: one no among them is not two")
    func oneNo() async {
        let failures = Array(repeating: FakeGraph.Read.answers(.status(500)), count: 40)
        let bench = Bench(creates: [.fails(.reset)], reads: [.truth, .truth] + failures)
        #expect(await bench.create().summary == "outcomeUnknown unknown")
    }

    @Test("a read that times out ends reading back without a verdict")
    func readTimesOut() async {
        let bench = Bench(creates: [.fails(.reset)], reads: [.truth, .silent])
        #expect(await bench.create().summary == "outcomeUnknown unknown")
    }

    @Test("a 401 while reading back is answered with one fresh access token")
    func unauthorizedRead() async {
        let bench = Bench(creates: [.acting(.fails(.reset))], reads: [.truth, .answers(.status(401))])
        #expect(await bench.create().summary == "created")
        #expect(bench.source.invalidated == [1])
        #expect(bench.transport.requests.last?.fields[.authorization] == "Bearer access-canary-2")
    }

    @Test("reading back ends by its own limit and by the deadline", arguments: [25, 60, 300])
    func ownLimit(deadline: Int) async throws {
        let garbage = Array(repeating: FakeGraph.Read.answers(.status(500)), count: 100)
        let early = Bench(creates: [.fails(.reset)], reads: [.truth] + garbage, deadline: .seconds(deadline))
        _ = await early.create()
        let sent = try #require(early.graph.times(of: .createToken).first)
        #expect(early.clock.now - sent <= .seconds(10.1))

        let late = Bench(creates: [.silent], reads: [.truth] + garbage, deadline: .seconds(deadline))
        #expect(await late.create().summary == "outcomeUnknown unknown")
        #expect(late.clock.now - late.start > .seconds(deadline) - .seconds(5))
    }

    @Test("a short deadline still leaves time to read back", arguments: [1, 2, 5])
    func shortDeadline(deadline: Int) async {
        let done = Bench(creates: [.acting(.silent)], deadline: .seconds(deadline))
        #expect(await done.create().summary == "created")
        let undone = Bench(creates: [.fails(.reset)], deadline: .seconds(deadline))
        #expect(await undone.create().summary == (deadline < 5 ? "outcomeUnknown unknown" : "failed not-created"))
    }

    @Test("a creation that was read back is known to the next", arguments: ProfileKind.allCases)
    func knownAfterReadBack(kind: ProfileKind) async {
        let bench = Bench(kind, creates: [.acting(.fails(.reset))])
        await bench.becomeKnown(ago: .seconds(60))
        let reads = bench.reads
        #expect(await bench.create().summary == "created")
        #expect(bench.reads == reads)
    }
}
