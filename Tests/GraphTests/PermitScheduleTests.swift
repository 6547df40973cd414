import Testing
import Transport

@testable import Graph

@Suite("PermitSchedule", .timeLimit(.minutes(5)))
struct PermitScheduleTests {
    private let start = ContinuousClock.now
    private func at(_ seconds: Double) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }
    private var far: ContinuousClock.Instant { at(100_000) }

    /// The schedule itself and one that says the same plainly, with everything that must hold of them.
    private struct Model {
        var schedule: PermitSchedule
        var plain: PlainSchedule
        let limit: WriteLimit?
        var now: ContinuousClock.Instant
        var open: [UInt64: PlainSchedule.Asker] = [:]
        /// How many of its caller waited before it, and how many left before it came.
        var origins: [UInt64: (rank: Int, departures: Int)] = [:]
        var refusals: (onArrival: Int, later: Int) = (0, 0)

        init(limit: WriteLimit?, now: ContinuousClock.Instant) {
            schedule = PermitSchedule(limit: limit)
            plain = PlainSchedule(portion: limit?.portion, now: now)
            self.limit = limit
            self.now = now
        }

        mutating func reserve(for caller: String, before deadline: ContinuousClock.Instant) {
            let id = schedule.reserve(for: caller, before: deadline, now: now)
            plain.reserve(id, for: caller, before: deadline, now: now)
            let rank = open.values.count { $0.caller == caller }
            #expect(open.updateValue(plain.waiting.last!, forKey: id) == nil)
            origins[id] = (rank, plain.departures.count)
            settle(newcomer: id)
        }

        mutating func withdraw(_ id: UInt64) {
            schedule.withdraw(id)
            plain.withdraw(id)
            open[id] = nil
            settle()
        }

        mutating func close(until instant: ContinuousClock.Instant) {
            schedule.close(until: instant)
            plain.close(until: instant)
            settle()
        }

        mutating func advance(to end: ContinuousClock.Instant, late: Duration = .zero) {
            while let due = schedule.nextDue, due <= end {
                now = max(now, due.advanced(by: late))
                settle()
            }
            now = max(now, end)
        }

        private mutating func settle(newcomer: UInt64? = nil) {
            let ends = schedule.settle(now: now)
            let expected = plain.settle(now: now)
            #expect(ends.count == expected.count)
            for (id, end) in ends {
                #expect(expected[id] == end)
                guard let asker = open.removeValue(forKey: id) else {
                    Issue.record("a permit ended twice, or was never asked for")
                    continue
                }
                switch end {
                case .leave:
                    #expect(now <= asker.deadline && now >= plain.closedUntil)
                    checkFairness(to: asker)
                case .refusal(let retryAfter):
                    #expect(now.advanced(by: retryAfter) > asker.deadline)
                    if id == newcomer { refusals.onArrival += 1 } else { refusals.later += 1 }
                }
            }
            // Nobody waits in vain: there is somebody to wake, at the time of the next place and at no other.
            #expect(open.isEmpty == (schedule.nextDue == nil))
            #expect(open.count == plain.waiting.count)
            if let due = schedule.nextDue { #expect(due > now && due == plain.place(now: now)) }
        }

        /// While it waited, nobody else got more than its caller was before it, and one.
        ///
        /// One more where its caller had had the round already in which it came.
        private func checkFairness(to asker: PlainSchedule.Asker) {
            let origin = origins[asker.id]!
            var gains: [String: Int] = [:]
            let meanwhile = plain.departures[origin.departures...].prefix { $0.asker.id != asker.id }
            for departure in meanwhile { gains[departure.asker.caller, default: 0] += 1 }
            gains[asker.caller] = nil
            #expect(gains.values.allSatisfy { $0 <= origin.rank + 2 })
        }
    }

    @Test(
        "whatever comes, the limit, the closings, the deadlines and the fairness hold, and each permit ends once",
        arguments: 0..<28
    )
    func property(round: Int) {
        let counts = [1, 2, 5, 6, 20, 80, nil]
        let interval = Duration.seconds([1, 20][round % 2])
        let limit = counts[round % counts.count].map { WriteLimit(count: $0, interval: interval) }
        var model = Model(limit: limit, now: start)
        let callers = (0..<[1, 2, 5, 40][round % 4]).map { "caller \($0)" }
        var random = SeededRandom(seed: UInt64(round))
        let load = Int.random(in: 30...85, using: &random)

        for _ in 0..<800 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<load:
                // One of them asks for half of all.
                let caller = Bool.random(using: &random) ? callers[0] : callers.randomElement(using: &random)!
                model.reserve(
                    for: caller,
                    before: model.now.advanced(by: interval * Double.random(in: 0...4, using: &random))
                )
            case 85..<92: if let id = model.open.keys.sorted().randomElement(using: &random) { model.withdraw(id) }
            case 92: model.close(until: model.now.advanced(by: interval * Double.random(in: 0...2, using: &random)))
            default:
                let late =
                    Bool.random(using: &random) ? Duration.zero : interval * Double.random(in: 0...0.1, using: &random)
                model.advance(
                    to: model.now.advanced(by: interval * Double.random(in: 0...0.3, using: &random)),
                    late: late
                )
            }
        }
        model.advance(to: model.now.advanced(by: .seconds(10_000)))

        #expect(model.open.isEmpty && !model.plain.departures.isEmpty)
        model.reserve(for: callers[0], before: model.now)
        #expect(model.open.isEmpty && model.schedule.callerCount == 1)
        let times = model.plain.departures.map(\.time)
        for limit in [limit, limit?.portion].compactMap({ $0 }) {
            #expect(times.count > limit.count)
            for (early, late) in zip(times, times.dropFirst(limit.count)) {
                #expect(late - early >= limit.interval)
            }
        }
        if let limit, limit.count < 20 { #expect(model.refusals.onArrival + model.refusals.later > 0) }
    }

    /// Ends of permits that all belong to different callers or times, in short.
    private func left(_ ends: [(id: UInt64, end: PermitSchedule.End)]) -> [UInt64] {
        ends.filter { $0.end == .leave }.map(\.id)
    }

    @Test("a newcomer has the next place, however much another one asked for before it")
    func newcomer() {
        var schedule = PermitSchedule(limit: .default)
        for _ in 0..<1000 { _ = schedule.reserve(for: "greedy", before: far, now: start) }
        #expect(schedule.settle(now: start).count == 20)
        let modest = (0..<3).map { _ in schedule.reserve(for: "modest", before: far, now: at(1)) }
        #expect(schedule.settle(now: at(1)).isEmpty)
        #expect(schedule.nextDue == at(5))
        let next = left(schedule.settle(now: at(5)))
        #expect(next.count == 20)
        // In the round of the last that left, and then by turns.
        #expect(next.first == modest[0])
        #expect(next.firstIndex(of: modest[1]) == 2 && next.firstIndex(of: modest[2]) == 4)
    }

    @Test(
        "who asks for less than its share waits a portion's interval at most, whatever the others ask for all the time"
    )
    func share() {
        var schedule = PermitSchedule(limit: .default)
        var asked: [UInt64: Double] = [:]
        var refusals = 0
        var random = SeededRandom(seed: 19)
        for tick in 0..<2000 {
            let now = Double(tick) / 10
            for greedy in ["a", "b", "c"] where Bool.random(using: &random) {
                _ = schedule.reserve(for: greedy, before: at(now + 20), now: at(now))
            }
            if tick % 50 == 0 { asked[schedule.reserve(for: "modest", before: at(now + 20), now: at(now))] = now }
            for (id, end) in schedule.settle(now: at(now)) {
                if end != .leave { refusals += 1 }
                guard let begun = asked.removeValue(forKey: id) else { continue }
                #expect(end == .leave && now - begun <= 5)
            }
        }
        #expect(asked.count <= 1 && refusals > 100)
    }

    @Test("those who wait leave by turns of their callers, whatever each has waiting")
    func shares() {
        var schedule = PermitSchedule(limit: WriteLimit(count: 7, interval: .seconds(20)))
        for _ in 0..<7 { _ = schedule.reserve(for: "nobody", before: far, now: start) }
        _ = schedule.settle(now: start)
        var callers: [UInt64: String] = [:]
        for (caller, count) in [("a", 100), ("b", 10), ("c", 2)] {
            for _ in 0..<count { callers[schedule.reserve(for: caller, before: far, now: at(1))] = caller }
        }
        _ = schedule.settle(now: at(1))
        #expect(left(schedule.settle(now: at(20))).map { callers[$0] } == ["a", "b", "c", "a", "b", "c", "a"])
        #expect(left(schedule.settle(now: at(40))).map { callers[$0] } == ["b", "a", "b", "a", "b", "a", "b"])
    }

    @Test("who is pushed past its deadline by a newcomer hears at once when its turn would be, and uses no place up")
    func pushed() {
        var schedule = PermitSchedule(limit: WriteLimit(count: 1, interval: .seconds(20)))
        _ = schedule.reserve(for: "greedy", before: far, now: start)
        let hasty = schedule.reserve(for: "greedy", before: at(39), now: start)
        let patient = schedule.reserve(for: "greedy", before: at(60), now: start)
        #expect(schedule.settle(now: start).count == 1)
        let modest = schedule.reserve(for: "modest", before: far, now: at(5))
        let ends = schedule.settle(now: at(5))
        #expect(ends.map(\.id) == [hasty] && ends[0].end == .refusal(retryAfter: .seconds(35)))
        #expect(left(schedule.settle(now: at(20))) == [modest])
        #expect(left(schedule.settle(now: at(40))) == [patient])
    }

    @Test("a newcomer that cannot be served in time puts nobody off")
    func hopeless() {
        var schedule = PermitSchedule(limit: WriteLimit(count: 1, interval: .seconds(20)))
        _ = schedule.reserve(for: "greedy", before: far, now: start)
        let waiting = schedule.reserve(for: "greedy", before: at(20), now: start)
        #expect(schedule.settle(now: start).count == 1)
        let hasty = schedule.reserve(for: "modest", before: at(19), now: at(5))
        let ends = schedule.settle(now: at(5))
        #expect(ends.map(\.id) == [hasty] && ends[0].end == .refusal(retryAfter: .seconds(15)))
        #expect(left(schedule.settle(now: at(20))) == [waiting])
    }

    @Test("who withdraws gives its place to the next, and its round to its caller's next")
    func withdrawal() {
        var schedule = PermitSchedule(limit: WriteLimit(count: 1, interval: .seconds(20)))
        _ = schedule.reserve(for: "a", before: far, now: start)
        let first = schedule.reserve(for: "b", before: far, now: start)
        let second = schedule.reserve(for: "c", before: far, now: start)
        let third = schedule.reserve(for: "b", before: far, now: start)
        #expect(schedule.settle(now: start).count == 1)
        schedule.withdraw(first)
        // Later than `second` in the same round, and earlier than its caller's own next one.
        let fourth = schedule.reserve(for: "b", before: far, now: start)
        #expect(schedule.settle(now: start).isEmpty)
        #expect(left(schedule.settle(now: at(20))) == [second])
        #expect(left(schedule.settle(now: at(40))) == [third])
        #expect(left(schedule.settle(now: at(60))) == [fourth])
    }

    @Test(
        "those held back by a closing do not leave all at once behind it, and who cannot wait for that hears so at once"
    )
    func closing() {
        var schedule = PermitSchedule(limit: WriteLimit(count: 1, interval: .seconds(20)))
        let ids = [100, 100, 69, 89, 90].map { schedule.reserve(for: "a", before: at($0), now: start) }
        #expect(left(schedule.settle(now: start)) == [ids[0]])
        schedule.close(until: at(70))
        let ends = schedule.settle(now: at(10))
        #expect(ends.map(\.id) == [ids[2], ids[3]])
        #expect(ends.map(\.end) == [.refusal(retryAfter: .seconds(80)), .refusal(retryAfter: .seconds(80))])
        #expect(schedule.nextDue == at(70))
        #expect(left(schedule.settle(now: at(70))) == [ids[1]])
        #expect(left(schedule.settle(now: at(90))) == [ids[4]])
        #expect(schedule.nextDue == nil)
    }

    @Test("a late clock lets no more leave at once than a portion, and nobody past its deadline")
    func late() {
        var schedule = PermitSchedule(limit: WriteLimit(count: 1, interval: .seconds(20)))
        let ids = [0, 20, 200, 200].map { schedule.reserve(for: "a", before: at($0), now: start) }
        #expect(left(schedule.settle(now: start)) == [ids[0]])
        let ends = schedule.settle(now: at(100))
        #expect(ends.map(\.id) == [ids[1], ids[2]] && ends.map(\.end) == [.refusal(retryAfter: .zero), .leave])
        #expect(schedule.nextDue == at(120))
    }

    @Test("callers that come and go leave nothing behind", arguments: [nil, WriteLimit.default])
    func memory(limit: WriteLimit?) {
        var schedule = PermitSchedule(limit: limit)
        for number in 0..<5000 {
            let now = at(Double(number))
            _ = schedule.reserve(for: "caller \(number)", before: now, now: now)
            #expect(left(schedule.settle(now: now)).count == 1)
            #expect(schedule.callerCount <= 21)
        }
    }
}
