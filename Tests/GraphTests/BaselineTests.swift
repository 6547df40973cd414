import Entra
import HTTPTypes
import TestSupport
import Testing
import Transport

@testable import Graph

@Suite("TokenCreation: baseline", .timeLimit(.minutes(5)))
struct BaselineTests {
    @Test("the profile is read before the first send, and not before the next ones", arguments: ProfileKind.allCases)
    func whenRead(kind: ProfileKind) async {
        let bench = Bench(kind)
        await bench.becomeKnown(ago: .seconds(16))
        #expect(bench.reads == 1)
        #expect(bench.graph.times(of: .readProfile)[0] < bench.graph.times(of: .createToken)[0])
        await bench.becomeKnown(ago: .seconds(100))
        await bench.becomeKnown(ago: .seconds(3600))
        #expect(bench.reads == 1 && bench.sends == 3)
    }

    @Test("it is read again where our own last token could be taken for the new one", arguments: ProfileKind.allCases)
    func confusable(kind: ProfileKind) async {
        let young = Bench(kind)
        await young.becomeKnown(ago: .seconds(14))
        await young.becomeKnown()
        #expect(young.reads == 2)

        let sameEnd = Bench(kind)
        await sameEnd.becomeKnown(validity: 7200, ago: .seconds(3600))
        await sameEnd.becomeKnown(validity: 3600)
        #expect(sameEnd.reads == 2)

        let otherEnd = Bench(kind)
        await otherEnd.becomeKnown(validity: 7200, ago: .seconds(3000))
        await otherEnd.becomeKnown(validity: 3600)
        #expect(otherEnd.reads == 1)
    }

    @Test("it is read again after an outcome that is unknown or that came to nothing")
    func afterUncertainty() async {
        for step in [FakeGraph.Create.silent, .fails(.reset)] {
            let bench = Bench()
            await bench.becomeKnown(ago: .seconds(600))
            bench.graph.script(creates: [step])
            #expect(await bench.create().token == nil)
            bench.clock.advance(by: .seconds(600))
            let reads = bench.reads
            await bench.becomeKnown()
            #expect(bench.reads == reads + 1)
        }
    }

    @Test(
        "a baseline that Graph refuses is told, and nothing is sent",
        arguments: [
            (404, "profileNotFound", 1), (403, "forbidden", 1), (500, "failed", 3), (503, "failed", 3),
            (429, "throttled", 3),
        ]
    )
    func refused(status: Int, kind: String, reads: Int) async {
        let bench = Bench(reads: Array(repeating: .answers(.status(status)), count: 5))
        let error = await bench.create().error
        #expect(error?.kind.label == kind && error?.outcome == .notCreated)
        #expect(error?.attempts.map(\.status) == Array(repeating: status, count: reads))
        #expect(bench.sends == 0 && bench.reads == reads)
        #expect(bench.source.renewed == (status == 403 ? [1] : []))
    }

    @Test("a baseline that cannot be read is told, and nothing is sent")
    func unreadable() async {
        let steps: [(FakeGraph.Read, String, Int)] = [
            (.fails(.reset), "failed", 3), (.fails(.notConnected), "unreachable", 3), (.silent, "timedOut", 1),
            (.answers(.status(200, body: "<html>")), "failed", 3), (.answers(.status(302)), "failed", 1),
            (.fails(TransportError(.unavailable, delivery: .notSent, detail: "")), "unavailable", 1),
            (.fails(TransportError(.overloaded, delivery: .notSent, detail: "")), "overloaded", 1),
        ]
        for (step, kind, reads) in steps {
            let bench = Bench(reads: Array(repeating: step, count: 5))
            #expect(await bench.create().summary == "\(kind) not-created")
            #expect(bench.sends == 0 && bench.reads == reads)
        }
    }

    @Test("a baseline that comes at the third try is enough")
    func thirdTry() async {
        let bench = Bench(reads: [.answers(.status(503)), .fails(.reset)])
        #expect(await bench.create().summary == "created")
        #expect(bench.reads == 3 && bench.sends == 1)
    }

    @Test("one 401 is answered with one fresh access token, the second is told")
    func unauthorized() async {
        let once = Bench(reads: [.answers(.status(401))])
        #expect(await once.create().summary == "created")
        #expect(once.source.invalidated == [1])
        let twice = Bench(reads: [.answers(.status(401)), .answers(.status(401))])
        #expect(await twice.create().summary == "unauthorized not-created")
        #expect(twice.sends == 0 && twice.reads == 2)
    }

    @Test("Retry-After is obeyed where it fits, and told at once where it does not", arguments: [429, 503])
    func retryAfter(status: Int) async {
        let fits = Bench(reads: [.answers(.status(status, [.retryAfter: "6"]))])
        #expect(await fits.create().summary == "created")
        let times = fits.graph.times(of: .readProfile)
        #expect(abs((times[1] - times[0] - FakeGraph.latency).seconds - 6) < 1e-6)

        let not = Bench(reads: [.answers(.status(status, [.retryAfter: "30"]))])
        let error = await not.create().error
        #expect(error?.retryAfter == .seconds(30) && error?.outcome == .notCreated)
        #expect(not.reads == 1 && not.sends == 0)
        #expect(not.clock.now - not.start < .seconds(1))
    }
}
