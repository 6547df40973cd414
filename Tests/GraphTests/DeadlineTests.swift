import Entra
import HTTPTypes
import TestSupport
import Testing
import Transport

@testable import Graph

@Suite("TokenCreation: deadline", .timeLimit(.minutes(5)))
struct DeadlineTests {
    @Test("the least time to send and the time to read back are kept free", arguments: [1, 5, 25, 60, 300])
    func configuration(seconds: Int) throws {
        let configuration = GraphConfiguration(
            baseURL: try UpstreamURL("https://graph.example/beta"),
            deadline: .seconds(seconds)
        )
        #expect(configuration.readBackReserve == min(.seconds(5), .seconds(seconds) / 5))
        #expect(configuration.leastSendTime == min(.seconds(1), .seconds(seconds) / 10))
        #expect(configuration.readBackReserve + configuration.leastSendTime < configuration.deadline)
    }

    @Test("every request to Graph and every wait for an access token has the deadline of its part")
    func parts() async {
        let bench = Bench(creates: [.acting(.fails(.reset))], reads: [.truth, .answers(.status(500))])
        _ = await bench.create()
        let ends = bench.transport.requests.map { ($0.deadline - bench.start).seconds }
        #expect(ends.count == 4)
        #expect(ends[0] == 19 && ends[1] == 20)
        #expect(ends[2] < 11 && ends[3] == ends[2])
        #expect(bench.source.deadlines.map { ($0 - bench.start).seconds } == [19, 19, ends[2], ends[2]])
    }

    @Test("with less than the least time left nothing is sent", arguments: [18.9, 19.5, 24])
    func slowAccessToken(seconds: Double) async {
        let clock = ManualClock(automatic: true)
        let bench = Bench(clock: clock) { (index, _) async throws(EntraError) in
            if index == 1 { try? await clock.sleep(for: .seconds(seconds)) }
        }
        #expect(await bench.create().summary == (seconds < 19 ? "created" : "timedOut not-created"))
        #expect(bench.sends == (seconds < 19 ? 1 : 0))
    }

    @Test("an access token that does not come in time is Entra's absence, and nothing is sent")
    func noAccessTokenInTime() async {
        let clock = ManualClock(automatic: true)
        let bench = Bench(clock: clock) { (_, deadline) async throws(EntraError) in
            try? await clock.sleep(until: deadline)
            throw EntraError(.unavailable, reason: .waitEnded, detail: "")
        }
        #expect(await bench.create().summary == "credential not-created")
        #expect(bench.sends == 0 && bench.reads == 0)
    }

    @Test("a 401 that comes too late for another send drops the access token, and is no throttling")
    func lateUnauthorized() async {
        let bench = Bench(creates: [.after(.seconds(19.5), .answers(.status(401)))])
        #expect(await bench.create().summary == "timedOut not-created")
        #expect(bench.sends == 1 && bench.source.invalidated == [1])
    }

    @Test("the wait for a pacing permit counts")
    func pacingCounts() async {
        let limit = WriteLimit(count: 1, interval: .seconds(20))
        let fits = Bench(writeLimit: limit)
        await fits.becomeKnown(ago: .seconds(16))
        #expect(await fits.create().summary == "created")
        let times = fits.graph.times(of: .createToken)
        #expect((20...20.1).contains((times[1] - times[0]).seconds))

        let not = Bench(deadline: .seconds(5), writeLimit: limit)
        await not.becomeKnown(ago: .seconds(16))
        #expect(await not.create().summary == "throttled not-created")
        #expect(not.sends == 1)
    }

    @Test("a slow but valid answer inside the deadline counts", arguments: [1, 5, 25, 300])
    func slowAnswer(deadline: Int) async {
        let bench = Bench(creates: [.after(.seconds(deadline) / 2, .created)], deadline: .seconds(deadline))
        #expect(await bench.create().token?.evidence == .answer)
    }

    @Test("a cancelled task sends nothing more, and says that nothing was created")
    func cancelled() async {
        for isKnown in [false, true] {
            let bench = Bench(deadline: .seconds(60), writeLimit: WriteLimit(count: 1, interval: .seconds(30)))
            if isKnown { await bench.becomeKnown(ago: .seconds(20)) }
            let sends = bench.sends
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await bench.create()
            }
            #expect(await task.value.summary == "unavailable not-created")
            #expect(bench.sends == sends)
        }
    }

    @Test("what was sent when the task is cancelled is finished, and read back where its answer is lost")
    func cancelledAfterSending() async {
        let steps: [(FakeGraph.Create, CreatedToken.Evidence)] = [
            (.deserted(.created), .answer), (.deserted(.acting(.fails(.reset))), .readBack),
            (.deserted(.acting(.answers(.status(503)))), .readBack),
        ]
        for (step, evidence) in steps {
            let bench = Bench(creates: [step])
            let task = Task { await bench.create() }
            #expect(await task.value.token?.evidence == evidence)
            #expect(bench.sends == 1)
        }
    }

    @Test("what provably did nothing when the task is cancelled is not sent again", arguments: [401, 429, 0])
    func cancelledAfterRefusal(status: Int) async {
        let step: FakeGraph.Create =
            status == 0 ? .fails(.notConnected) : .answers(.status(.init(integerLiteral: status)))
        let bench = Bench(creates: [.deserted(step)])
        let task = Task { await bench.create() }
        #expect(await task.value.summary == "unavailable not-created")
        #expect(bench.sends == 1)
    }

    @Test("who cannot have the profile's turn in time hears that it is busy; one token is made at most")
    func busy() async throws {
        let clock = ManualClock()
        let bench = Bench(creates: [.silent], clock: clock)
        let results = await withTaskGroup(of: String?.self) { group -> [String] in
            for _ in 0..<6 { group.addTask { await bench.outcome().summary } }
            // One exchange, and five who wait for the end of their patience.
            await clock.waitForSleepers(6)
            group.addTask {
                while clock.now - bench.start < .seconds(30) {
                    clock.advance(by: .milliseconds(20))
                    for _ in 0..<20 { await Task.yield() }
                }
                return nil
            }
            return await group.reduce(into: [String]()) { if let summary = $1 { $0.append(summary) } }
        }
        #expect(results.sorted() == ["outcomeUnknown unknown"] + Array(repeating: "profileBusy not-created", count: 5))
        #expect(bench.sends == 1)
    }
}
