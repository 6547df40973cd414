import HTTPTypes
import TestSupport
import Testing
import Traces
import Transport

@testable import Graph

@Suite("TokenRevocation", .timeLimit(.minutes(5)))
struct RevocationTests {
    @Test("a 204 is all it takes", arguments: ProfileKind.allCases)
    func done(kind: ProfileKind) async throws {
        let bench = Bench(kind)
        await bench.becomeKnown(ago: .seconds(5))
        let attempts = try await bench.revoke().get()
        #expect(attempts.map(\.operation) == [.readProfile, .revokeToken] && attempts.map(\.status) == [200, 204])
        #expect(bench.graph.revocations == 1 && bench.graph.shown?.value == nil)
    }

    @Test(
        "what may have been done is done again",
        arguments: [
            FakeGraph.Create.acting(.fails(.reset)), .fails(.reset), .answers(.status(503)), .answers(.status(200)),
            .acting(.answers(.status(500))),
        ]
    )
    func again(step: FakeGraph.Create) async throws {
        let bench = Bench(creates: [step, step])
        bench.graph.show(.init(value: "leaked", createdAt: nil, expiresAt: bench.graph.now + .seconds(3600)))
        #expect(try await bench.revoke().get().count == 4)
        #expect(bench.graph.shown?.value == nil && bench.reads == 1)
    }

    @Test("where no answer comes, a profile without a token settles it")
    func settledByReading() async throws {
        let bench = Bench(creates: Array(repeating: .acting(.fails(.reset)), count: 5))
        bench.graph.show(.init(value: "leaked", createdAt: nil, expiresAt: bench.graph.now + .seconds(3600)))
        let steps = StepLog()
        let attempts = try await steps.surround { await bench.revoke() }.get()
        #expect(attempts.map(\.operation) == [.readProfile, .revokeToken, .revokeToken, .revokeToken, .readProfile])
        #expect(attempts.map(\.purpose) == [.baseline, .send, .retry, .retry, .readBack])
        // Also in the task that is not cancelled with the request's.
        #expect(steps.waits.map(\.step) == ["pause", "pause"])
    }

    @Test("a profile that shows a token with its time over is settled, too", arguments: ProfileKind.allCases)
    func settledByItsEnd(kind: ProfileKind) async throws {
        let bench = Bench(kind, creates: Array(repeating: .fails(.reset), count: 5))
        bench.graph.show(.init(value: "leaked", createdAt: nil, expiresAt: bench.graph.now - .seconds(1)))
        #expect(try await bench.revoke().get().count == 5)
    }

    @Test("a profile that shows a living token leaves it unknown")
    func unknown() async {
        for read in [FakeGraph.Read.truth, .answers(.status(500)), .fails(.reset)] {
            let bench = Bench(
                creates: Array(repeating: .fails(.reset), count: 5),
                reads: Array(repeating: read, count: 5)
            )
            bench.graph.show(.init(value: "alive", createdAt: nil, expiresAt: bench.graph.now + .seconds(3600)))
            let error = await error(of: bench.revoke())
            #expect(error?.kind.label == "outcomeUnknown" && error?.outcome == .unknown)
            #expect(bench.clock.now - bench.start <= .seconds(25))
        }
    }

    @Test(
        "a refusal is certain, and told as such",
        arguments: [
            (404, "profileNotFound"), (403, "forbidden"), (409, "conflict"), (412, "conflict"), (400, "refused"),
            (405, "failed"),
        ]
    )
    func refused(status: Int, kind: String) async {
        let bench = Bench(creates: [.answers(.status(status))])
        let error = await error(of: bench.revoke())
        #expect(error?.kind.label == kind && error?.outcome == .notRevoked && error?.attempts.count == 2)
        #expect(bench.source.renewed == (status == 403 ? [1] : []))
    }

    @Test("it is sent again after one 401, after a pause that Graph asks for, and where it was not sent")
    func sentAgain() async throws {
        let bench = Bench(
            creates: [.answers(.status(401)), .answers(.status(429, [.retryAfter: "2"])), .fails(.notConnected)]
        )
        #expect(try await bench.revoke().get().map(\.status) == [200, 401, 429, nil, 204])
        #expect(bench.source.invalidated == [1])
    }

    @Test("two 401 are Graph's refusal of the gateway, and a long pause is not waited for")
    func notWorthWaiting() async {
        let refused = Bench(creates: [.answers(.status(401)), .answers(.status(401))])
        #expect(await error(of: refused.revoke())?.kind.label == "unauthorized")
        let throttled = Bench(creates: [.answers(.status(429, [.retryAfter: "100"]))])
        let error = await error(of: throttled.revoke())
        #expect(error?.kind.label == "throttled" && error?.retryAfter == .seconds(100) && error?.outcome == .notRevoked)
    }

    @Test("it has its turn between creations")
    func turns() async throws {
        let bench = Bench(
            creates: [.after(.seconds(2), .created), .after(.seconds(2), .created)],
            clock: ManualClock()
        )
        let revocation = await bench.running {
            async let first = bench.mint()
            while bench.sends == 0, !Task.isCancelled { await Task.yield() }
            async let revocation = bench.revoke()
            return await (first, revocation).1
        }
        _ = try revocation.get()
        let creation = try #require(bench.graph.times(of: .createToken).first)
        let revoked = try #require(bench.graph.times(of: .revokeToken).first)
        #expect(revoked - creation >= .seconds(2))
    }

    @Test("a creation after it, with its answer lost, is still found out about", arguments: ProfileKind.allCases)
    func creationAfter(kind: ProfileKind) async throws {
        for isDone in [true, false] {
            let bench = Bench(kind)
            await bench.becomeKnown(ago: .seconds(30))
            _ = try await bench.revoke().get()
            bench.clock.advance(by: .seconds(1))
            bench.graph.script(creates: [isDone ? .acting(.fails(.reset)) : .fails(.reset)])
            #expect(await bench.create().summary == (isDone ? "created" : "failed not-created"))
        }
    }

    @Test("a caller who leaves does not end what was sent")
    func callerLeaves() async throws {
        let bench = Bench(creates: [.deserted(.acting(.fails(.reset)))])
        bench.graph.show(.init(value: "leaked", createdAt: nil, expiresAt: bench.graph.now + .seconds(3600)))
        let task = Task { await bench.revoke() }
        #expect(try await task.value.get().map(\.status) == [200, nil, 204])
    }

    @Test(
        "what could not be read before does not keep a leaked token alive",
        arguments: [
            FakeGraph.Read.answers(.status(500)), .answers(.status(404)), .fails(.reset),
            .answers(.status(200, body: "<html>")),
        ]
    )
    func unreadable(read: FakeGraph.Read) async throws {
        let bench = Bench(reads: [read])
        bench.graph.show(.init(value: "leaked", createdAt: nil, expiresAt: bench.graph.now + .seconds(3600)))
        #expect(try await bench.revoke().get().count == 2)
        #expect(bench.graph.shown?.value == nil && bench.clock.now - bench.start < .seconds(3))
    }

    @Test(
        "an empty profile that may be that of before our own creation proves nothing",
        arguments: ProfileKind.allCases
    )
    func laggingProof(kind: ProfileKind) async {
        let bench = Bench(kind)
        bench.graph.lag(by: .seconds(60))
        #expect(await bench.create().token != nil)
        bench.graph.script(creates: Array(repeating: .fails(.reset), count: 5))
        #expect(await error(of: bench.revoke())?.outcome == .unknown)
        #expect(bench.graph.shown?.value != nil)
    }

    private func error(of result: Result<[GraphAttempt], GraphError>) -> GraphError? {
        if case .failure(let error) = result { error } else { nil }
    }
}
