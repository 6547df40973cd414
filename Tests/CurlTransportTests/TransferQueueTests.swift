import Testing

@testable import CurlTransport

@Suite("TransferQueue")
struct TransferQueueTests {
    typealias Queue = TransferQueue<String>
    let start = ContinuousClock.now

    func queue(maximumActive: Int = 8, maximumQueued: Int = 8) -> Queue {
        Queue(maximumActive: maximumActive, maximumQueued: maximumQueued)
    }

    /// Reserves and submits.
    func submit(_ name: String, to queue: inout Queue, deadline: Duration = .seconds(10)) -> (UInt64, Queue.Submit) {
        let id = queue.reserve()
        return (id, queue.submit(name, as: id, deadline: start + deadline))
    }

    @Test("submissions are attached in order, each once")
    func attachesInOrder() {
        var queue = queue()
        for name in ["a", "b", "c"] { _ = submit(name, to: &queue) }
        let first = queue.drain(now: start)
        #expect(first.attach.map(\.submission) == ["a", "b", "c"])
        let second = queue.drain(now: start)
        #expect(second.attach.isEmpty)
        #expect(queue.activeCount == 3)
        #expect(queue.waitingCount == 0)
    }

    @Test("only the first of several changes between two drains wakes the thread")
    func wakesOnce() {
        var queue = queue()
        let (first, answer) = submit("a", to: &queue)
        #expect(answer == .accepted(wake: true))
        let second = submit("b", to: &queue).1
        #expect(second == .accepted(wake: false))
        let third = queue.cancel(first)
        #expect(!third)
        _ = queue.drain(now: start)
        let afterDrain = submit("c", to: &queue).1
        #expect(afterDrain == .accepted(wake: true))
    }

    @Test("cancelling before the submission refuses it")
    func cancelBeforeSubmit() {
        var queue = queue()
        let id = queue.reserve()
        let wakes = queue.cancel(id)
        #expect(!wakes)
        let answer = queue.submit("a", as: id, deadline: start + .seconds(1))
        #expect(answer == .refused(.cancelled))
        let orders = queue.drain(now: start)
        #expect(orders.attach.isEmpty && orders.end.isEmpty && orders.detach.isEmpty)
    }

    @Test("one that is held is ended by its deadline alone")
    func hold() {
        var queue = queue()
        let (id, _) = submit("a", to: &queue)
        // Too early: it is not attached yet.
        queue.hold(id)
        _ = queue.drain(now: start)
        queue.hold(id)
        _ = queue.cancel(id)
        #expect(queue.drain(now: start).detach.isEmpty)
        #expect(queue.activeCount == 1)
        let late = queue.drain(now: start + .seconds(10))
        #expect(late.detach.map(\.id) == [id])
        #expect(late.detach.map(\.ending) == [.timedOut])
        #expect(queue.activeCount == 0)
    }

    @Test("cancelling a waiting one ends it without attaching it")
    func cancelWaiting() {
        var queue = queue()
        let (id, _) = submit("a", to: &queue)
        _ = queue.cancel(id)
        let orders = queue.drain(now: start)
        #expect(orders.end.map(\.submission) == ["a"])
        #expect(orders.end.map(\.ending) == [.cancelled])
        #expect(orders.attach.isEmpty)
        #expect(queue.waitingCount == 0)
    }

    @Test("cancelling an attached one detaches it once, however often it is cancelled")
    func cancelAttached() {
        var queue = queue()
        let (id, _) = submit("a", to: &queue)
        _ = queue.drain(now: start)
        let firstWakes = queue.cancel(id)
        #expect(firstWakes)
        let secondWakes = queue.cancel(id)
        #expect(!secondWakes)
        let orders = queue.drain(now: start)
        #expect(orders.detach.map(\.id) == [id])
        #expect(orders.detach.map(\.ending) == [.cancelled])
        #expect(queue.activeCount == 0)
    }

    @Test("cancelling one that has finished changes nothing and is not remembered")
    func cancelFinished() {
        var queue = queue()
        let (id, _) = submit("a", to: &queue)
        _ = queue.drain(now: start)
        queue.finish(id)
        let wakes = queue.cancel(id)
        #expect(!wakes)
        let orders = queue.drain(now: start)
        #expect(orders.detach.isEmpty)
        #expect(queue.activeCount == 0)
    }

    @Test("one that finishes between its cancellation and the drain is not detached")
    func finishBeatsCancel() {
        var queue = queue()
        let (id, _) = submit("a", to: &queue)
        _ = queue.drain(now: start)
        _ = queue.cancel(id)
        queue.finish(id)
        let orders = queue.drain(now: start)
        #expect(orders.detach.isEmpty)
        #expect(queue.activeCount == 0)
    }

    @Test("the deadline ends the waiting and the attached alike")
    func deadlines() {
        var queue = queue(maximumActive: 1)
        let (first, _) = submit("a", to: &queue, deadline: .seconds(2))
        _ = submit("b", to: &queue, deadline: .seconds(2))
        _ = submit("c", to: &queue, deadline: .seconds(5))
        _ = queue.drain(now: start)
        #expect(queue.nextDeadline == start + .seconds(2))
        let early = queue.drain(now: start + .seconds(1))
        #expect(early.end.isEmpty && early.detach.isEmpty)
        let orders = queue.drain(now: start + .seconds(2))
        #expect(orders.detach.map(\.id) == [first])
        #expect(orders.detach.map(\.ending) == [.timedOut])
        #expect(orders.end.map(\.submission) == ["b"])
        #expect(orders.end.map(\.ending) == [.timedOut])
        #expect(orders.attach.map(\.submission) == ["c"])
        #expect(queue.nextDeadline == start + .seconds(5))
    }

    @Test("the deadline of one that finished wakes the thread at most once more")
    func staleDeadline() {
        var queue = queue()
        let (id, _) = submit("a", to: &queue, deadline: .seconds(2))
        _ = queue.drain(now: start)
        queue.finish(id)
        _ = queue.drain(now: start + .seconds(2))
        #expect(queue.nextDeadline == nil)
    }

    @Test("no more than the maximum is attached; the next comes when one has finished")
    func maximumActive() {
        var queue = queue(maximumActive: 2)
        let (first, _) = submit("a", to: &queue)
        for name in ["b", "c"] { _ = submit(name, to: &queue) }
        let before = queue.drain(now: start)
        #expect(before.attach.map(\.submission) == ["a", "b"])
        #expect(!queue.hasWork)
        queue.finish(first)
        #expect(queue.hasWork)
        let after = queue.drain(now: start)
        #expect(after.attach.map(\.submission) == ["c"])
    }

    @Test("a full queue refuses, and takes again when there is room")
    func full() {
        var queue = queue(maximumActive: 1, maximumQueued: 1)
        _ = submit("a", to: &queue)
        let refused = submit("b", to: &queue).1
        #expect(refused == .refused(.full))
        _ = queue.drain(now: start)
        let accepted = submit("c", to: &queue).1
        #expect(accepted == .accepted(wake: true))
    }

    @Test("after the stop nothing is accepted, and it is over when the last has finished")
    func stop() {
        var queue = queue()
        let (id, _) = submit("a", to: &queue)
        let late = queue.reserve()
        let wakes = queue.stop()
        #expect(!wakes)
        let refused = queue.submit("b", as: late, deadline: start + .seconds(1))
        #expect(refused == .refused(.stopping))
        let orders = queue.drain(now: start)
        #expect(orders.attach.map(\.submission) == ["a"])
        #expect(!orders.isOver)
        #expect(!queue.hasWork)
        queue.finish(id)
        #expect(queue.hasWork)
        let last = queue.drain(now: start)
        #expect(last.isOver)
    }

    @Test("stopping an idle queue is over at once, and a name that was only reserved does not hold it")
    func stopIdle() {
        var queue = queue()
        _ = queue.reserve()
        let wakes = queue.stop()
        #expect(wakes)
        let orders = queue.drain(now: start)
        #expect(orders.isOver)
    }

    @Test("every accepted submission ends exactly once, in any order of events", arguments: 0..<50)
    func everythingEndsOnce(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = queue(maximumActive: 3, maximumQueued: 5)
        var now = start
        var accepted: Set<UInt64> = []
        var attached: [UInt64] = []
        var ended: [UInt64: Int] = [:]
        var names: [String: UInt64] = [:]
        func obey(_ orders: Queue.Orders) {
            for (id, _) in orders.attach { attached.append(id) }
            for (id, _) in orders.detach {
                attached.removeAll { $0 == id }
                ended[id, default: 0] += 1
            }
            for (submission, _) in orders.end { ended[names[submission]!, default: 0] += 1 }
        }
        for _ in 0..<400 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                let id = queue.reserve()
                names["\(id)"] = id
                if Bool.random(using: &random) && Bool.random(using: &random) { _ = queue.cancel(id) }
                let deadline = now + .milliseconds(Int.random(in: 0..<50, using: &random))
                if case .accepted = queue.submit("\(id)", as: id, deadline: deadline) { accepted.insert(id) }
            case 2:
                if let id = names.values.sorted().randomElement(using: &random) { _ = queue.cancel(id) }
            case 3:
                if let id = attached.randomElement(using: &random) {
                    attached.removeAll { $0 == id }
                    queue.finish(id)
                    ended[id, default: 0] += 1
                }
            case 4:
                now += .milliseconds(Int.random(in: 0..<20, using: &random))
            default:
                obey(queue.drain(now: now))
            }
        }
        _ = queue.stop()
        // Past every deadline: what is left must end now.
        let orders = queue.drain(now: now + .seconds(1))
        obey(orders)
        #expect(orders.isOver)
        #expect(attached.isEmpty)
        #expect(Set(ended.keys) == accepted)
        #expect(ended.values.allSatisfy { $0 == 1 })
    }
}

/// SplitMix64: the same sequence for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
