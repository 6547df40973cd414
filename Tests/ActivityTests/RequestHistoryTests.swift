import KeyRing
import TestSupport
import Testing
import Transport

@testable import Activity

@Suite("What was asked and answered lately", .timeLimit(.minutes(5)))
struct RequestHistoryTests {
    @Test("nothing yet is an hour of empty minutes")
    func empty() {
        let reading = Kept().reading()
        #expect(reading.requests.isEmpty && reading.keys.isEmpty && reading.single == .init())
        #expect(reading.minutes == (0..<60).reversed().map { Minute(start: Kept.start - .seconds(60 * $0)) })
    }

    // MARK: One by one

    @Test("the last hundred are kept, the newest first, each under the number it came with")
    func ring() {
        let kept = Kept()
        for number in 1...250 { kept.history.add(.sample(requestID: "request-\(number)")) }
        let requests = kept.reading().requests
        #expect(requests.map(\.number) == (151...250).reversed())
        #expect(requests.allSatisfy { $0.request.requestID == "request-\($0.number)" })
        #expect(kept.history.request(151)?.requestID == "request-151")
        #expect(kept.history.request(250)?.requestID == "request-250")
        for number in [150, 251, 1, 0, -1, .min, .max] { #expect(kept.history.request(number) == nil) }
    }

    @Test("strangers take the place of some of the callers' requests on the page, and of none that is kept")
    func strangers() {
        let kept = Kept()
        for _ in 1...150 { kept.history.add(.sample(caller: "portal")) }
        for _ in 151...5000 { kept.history.add(.sample(status: 401)) }
        #expect(kept.reading().requests.map(\.number) == (4971...5000).reversed() + (81...150).reversed())
        #expect((51...150).allSatisfy { kept.history.request($0)?.caller == "portal" })
        #expect(kept.history.request(50) == nil && kept.history.request(4900) == nil)
        for _ in 5001...5090 { kept.history.add(.sample(caller: "portal")) }
        #expect(kept.reading().requests.map(\.number) == (5001...5090).reversed() + (4991...5000).reversed())
        kept.history.add(.sample(caller: "portal"))
        #expect(kept.reading().requests.first?.number == 5091 && kept.reading().requests.count == 100)
    }

    @Test("where callers ask little, strangers have the rest of the page")
    func fewCallers() {
        let kept = Kept()
        for _ in 1...20 { kept.history.add(.sample(caller: "portal")) }
        for _ in 21...500 { kept.history.add(.sample(status: 404)) }
        #expect(kept.reading().requests.map(\.number) == (421...500).reversed() + (1...20).reversed())
    }

    @Test("before a hundred came, all are there")
    func few() {
        let kept = Kept()
        for number in 1...3 { kept.history.add(.sample(requestID: "request-\(number)")) }
        #expect(kept.reading().requests.map(\.request.requestID) == ["request-3", "request-2", "request-1"])
        #expect(kept.history.request(1)?.requestID == "request-1" && kept.history.request(4) == nil)
    }

    @Test("a name is of one start, and names nothing of another one")
    func names() throws {
        let (kept, later) = (Kept(), Kept(time: Kept.start + .seconds(1)))
        for kept in [kept, later] { kept.history.add(.sample()) }
        let name = RequestName(start: kept.reading().start, number: 1)
        #expect(kept.history.request(name) != nil && later.history.request(name) == nil)
        #expect(RequestName("\(name)") == name)
        #expect(name.description.utf8.count <= 10)
    }

    @Test("what is no name is none", arguments: ["", "1", "a-", "a-0", "a--1", "a-01", "a-+1", "a-1-1", "a-x"])
    func noName(text: String) {
        #expect(RequestName(text) == nil)
    }

    // MARK: Minute by minute

    @Test("each answer counts by its status, and each outcome by what it was; a replay is no other creation")
    func counts() throws {
        let kept = Kept()
        for status in [200, 201, 204, 304, 401, 404, 500, 503] { kept.history.add(.sample(status: status)) }
        for outcome in ["created", "revoked", "not-created", "not-revoked", "unknown", "reused"] {
            kept.history.add(.sample(outcome: outcome))
            kept.history.add(.sample(outcome: outcome, isReplay: true))
        }
        let minute = try #require(kept.minute)
        #expect(minute.succeeded == 3 + 12 && minute.refused == 2 && minute.failed == 2)
        #expect([minute.created, minute.revoked, minute.notDone, minute.unknown] == [1, 1, 2, 1])
    }

    @Test("minutes are whole ones by the time of day, and a request counts in that in which it ended")
    func wholeMinutes() {
        let kept = Kept(time: Kept.start + .milliseconds(37_500))
        kept.history.add(.sample())
        kept.clock.advance(by: .milliseconds(22_499))
        kept.history.add(.sample())
        #expect(kept.reading().minutes.suffix(2).map(\.succeeded) == [0, 2])
        kept.clock.advance(by: .milliseconds(1))
        kept.history.add(.sample())
        let minutes = kept.reading().minutes.suffix(2)
        #expect(minutes.map(\.succeeded) == [2, 1])
        #expect(minutes.map(\.start) == [Kept.start, Kept.start + .seconds(60)])
    }

    @Test("minutes in which nothing came are empty ones, also where another hour's stood")
    func gaps() {
        let kept = Kept()
        kept.history.add(.sample())
        kept.clock.advance(by: .seconds(180))
        kept.history.add(.sample(status: 500))
        kept.history.add(.sample(status: 500))
        #expect(kept.reading().minutes.suffix(4).map(\.succeeded) == [1, 0, 0, 0])
        #expect(kept.reading().minutes.suffix(4).map(\.failed) == [0, 0, 0, 2])
        kept.clock.advance(by: .seconds(60 * 56))
        #expect(kept.reading().minutes.map(\.succeeded) == [1] + Array(repeating: 0, count: 59))
        // The first one's place is taken by the minute an hour after it.
        kept.clock.advance(by: .seconds(60))
        kept.history.add(.sample(status: 400))
        let minutes = kept.reading().minutes
        #expect(minutes.map(\.succeeded).allSatisfy { $0 == 0 } && minutes.map(\.failed).reduce(0, +) == 2)
        #expect(minutes.last?.refused == 1 && minutes.count == RequestHistory.minutes)
        kept.clock.advance(by: .seconds(86_400 * 30))
        #expect(kept.reading().minutes.allSatisfy { $0 == Minute(start: $0.start) })
    }

    @Test("a request that took its time to be added counts where it ended, or no more")
    func late() {
        let kept = Kept()
        let ended = kept.clock.now
        kept.clock.advance(by: .seconds(60))
        kept.history.add(.sample(), at: ended)
        #expect(kept.reading().minutes.suffix(2).map(\.succeeded) == [1, 0])
        kept.clock.advance(by: .seconds(3600))
        kept.history.add(.sample(status: 500), at: ended.advanced(by: .seconds(3600)))
        kept.history.add(.sample(), at: ended)
        #expect(kept.reading().minutes.map(\.succeeded).allSatisfy { $0 == 0 })
    }

    @Test("setting the time of day moves the labels alone", arguments: [Duration.seconds(-18_000), .seconds(18_077)])
    func clockSet(by set: Duration) throws {
        let kept = Kept()
        kept.history.add(.sample(caller: "portal", keyID: .sample(1)))
        kept.clock.advance(by: .seconds(120))
        kept.history.add(.sample(status: 500, caller: "portal", keyID: .sample(2)))
        let reading = kept.reading(set: set)
        #expect(reading.minutes.suffix(3).map(\.succeeded) == [1, 0, 0])
        #expect(reading.minutes.suffix(3).map(\.failed) == [0, 0, 1])
        #expect(reading.minutes.last?.start == Kept.start + .seconds(120) + set)
        for (minute, next) in zip(reading.minutes, reading.minutes.dropFirst()) {
            #expect(next.start - minute.start == .seconds(60))
        }
        #expect(reading.keys[.sample(1)]?.lastUsed == Kept.start + set)
        #expect(reading.keys[.sample(2)]?.lastUsed == Kept.start + .seconds(120) + set)
        #expect(reading.keys[.sample(1)]?.requests == 1)
    }

    // MARK: Latency

    @Test("half and 95 of 100 answers took no longer")
    func latency() throws {
        let kept = Kept()
        for milliseconds in (1...100).shuffled() { kept.history.add(.sample(duration: .milliseconds(milliseconds))) }
        let minute = try #require(kept.minute)
        #expect(isNear(minute.medianLatency, .milliseconds(50)) && isNear(minute.highLatency, .milliseconds(95)))
    }

    @Test("what the gateway refuses by itself says nothing of how long answers take")
    func ownRefusals() throws {
        let kept = Kept()
        for status in [400, 401, 404, 429, 503] { kept.history.add(.sample(status: status, duration: .zero)) }
        #expect(kept.minute?.medianLatency == nil && kept.minute?.highLatency == nil)
        // Graph said so.
        kept.history.add(.sample(status: 404, duration: .milliseconds(80)).withAttempt)
        #expect(isNear(kept.minute?.medianLatency, .milliseconds(80)))
        // It was waited for, in vain.
        var busy = RequestSummary.sample(status: 503, duration: .seconds(20))
        busy.waits = [.init(step: "turn", offset: .zero, duration: .seconds(20))]
        kept.history.add(busy)
        #expect(isNear(kept.minute?.highLatency, .seconds(20)))
    }

    // MARK: Many at once

    @Test("nothing is lost where many add at once and somebody reads")
    func crowd() async {
        let kept = Kept()
        let history = kept.history
        await withTaskGroup(of: Void.self) { group in
            for key in 1...8 {
                group.addTask {
                    for _ in 0..<500 { history.add(.sample(caller: "portal", keyID: .sample(key))) }
                }
            }
            group.addTask { for _ in 0..<20 { _ = history.reading() } }
        }
        let reading = kept.reading()
        #expect(reading.requests.map(\.number) == (3901...4000).reversed())
        #expect(reading.minutes.last?.succeeded == 4000)
        #expect(
            reading.keys.mapValues(\.requests) == [KeyID: Int](uniqueKeysWithValues: (1...8).map { (.sample($0), 500) })
        )
    }
}
