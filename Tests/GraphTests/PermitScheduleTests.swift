import Testing
import Transport

@testable import Graph

@Suite("PermitSchedule", .timeLimit(.minutes(1)))
struct PermitScheduleTests {
    private struct Holder {
        var id: UInt64
        var wake: ContinuousClock.Instant
        var deadline: ContinuousClock.Instant
    }

    @Test(
        "whatever comes, no interval has more than the limit, the order is kept, closings and deadlines hold",
        arguments: 0..<40
    )
    func property(round: Int) {
        let limit = WriteLimit(count: [1, 2, 5, 80][round % 4], interval: .seconds([1, 20][round % 2]))
        var schedule = PermitSchedule(limit: limit)
        var now = ContinuousClock.now
        var holders: [Holder] = []
        var left: [(id: UInt64, time: ContinuousClock.Instant)] = []
        var closedUntil = now
        var refusals = 0

        func wakeAll(until end: ContinuousClock.Instant) {
            while let index = holders.indices.min(by: {
                (holders[$0].wake, holders[$0].id) < (holders[$1].wake, holders[$1].id)
            }),
                holders[index].wake <= end
            {
                now = max(now, holders[index].wake)
                let holder = holders[index]
                switch schedule.order(for: holder.id, before: holder.deadline, now: now) {
                case .leave:
                    left.append((holder.id, now))
                    #expect(now <= holder.deadline && now >= closedUntil)
                    holders.remove(at: index)
                case .wait(let due):
                    #expect(due > now && due <= holder.deadline)
                    holders[index].wake = due
                case .giveUp(let retryAfter):
                    #expect(now.advanced(by: retryAfter) > holder.deadline)
                    holders.remove(at: index)
                    refusals += 1
                }
            }
            now = max(now, end)
        }

        for _ in 0..<1500 {
            switch Int.random(in: 0..<100) {
            case 0..<80:
                let deadline = now.advanced(by: limit.interval * Double.random(in: 0...4))
                switch schedule.reserve(before: deadline, now: now) {
                case .success(let id): holders.append(Holder(id: id, wake: now, deadline: deadline))
                case .failure(let refusal):
                    #expect(now.advanced(by: refusal.retryAfter) > deadline)
                    refusals += 1
                }
                wakeAll(until: now)
            case 80..<85:
                if let index = holders.indices.randomElement() { schedule.withdraw(holders.remove(at: index).id) }
            case 85:
                let end = now.advanced(by: limit.interval * Double.random(in: 0...2))
                closedUntil = max(closedUntil, end)
                schedule.close(until: end, now: now)
            default:
                wakeAll(until: now.advanced(by: limit.interval * Double.random(in: 0...0.5)))
            }
        }
        wakeAll(until: now.advanced(by: .seconds(10_000)))

        #expect(holders.isEmpty && left.count > limit.count)
        #expect(left.map(\.id) == left.map(\.id).sorted())
        for (early, late) in zip(left, left.dropFirst(limit.count)) {
            #expect(late.time - early.time >= limit.interval)
        }
    }

    @Test("those held back by a closing do not leave all at once behind it")
    func noBurst() throws {
        var schedule = PermitSchedule(limit: WriteLimit(count: 1, interval: .seconds(20)))
        let start = ContinuousClock.now
        let far = start.advanced(by: .seconds(1000))
        let ids = try (0..<3).map { _ in try schedule.reserve(before: far, now: start).get() }
        #expect(schedule.order(for: ids[0], before: far, now: start) == .leave)
        schedule.close(until: start.advanced(by: .seconds(70)), now: start.advanced(by: .seconds(10)))
        #expect(schedule.order(for: ids[1], before: far, now: start) == .wait(until: start.advanced(by: .seconds(70))))
        #expect(schedule.order(for: ids[2], before: far, now: start) == .wait(until: start.advanced(by: .seconds(90))))
    }
}
