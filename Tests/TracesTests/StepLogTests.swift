import Testing
import Traces

@Suite("StepLog")
struct StepLogTests {
    private let start = ContinuousClock.now

    private func wait(_ step: String, _ duration: Duration) {
        StepLog.waited(for: step, since: start, until: start.advanced(by: duration))
    }

    @Test("waits of a request are noted in order, also those of tasks that it begins")
    func noted() async {
        let log = StepLog()
        await log.surround {
            wait("turn", .seconds(2))
            await Task { wait("pause", .milliseconds(1)) }.value
            await withTaskGroup(of: Void.self) { group in group.addTask { wait("ledger", .seconds(1)) } }
        }
        wait("outside", .seconds(1))
        #expect(log.waits.map(\.step) == ["turn", "pause", "ledger"])
        #expect(log.waits.first == .init(step: "turn", start: start, duration: .seconds(2)))
    }

    @Test("what took less than a millisecond is no wait, and is not even named")
    func short() async {
        let log = StepLog()
        func unexpected() -> String {
            Issue.record("named")
            return ""
        }
        await log.surround {
            StepLog.waited(for: unexpected(), since: start, until: start.advanced(by: .microseconds(999)))
        }
        StepLog.waited(for: unexpected(), since: start, until: start.advanced(by: .seconds(1)))
        #expect(log.waits.isEmpty)
    }

    @Test("one request's waits are not another's")
    func apart() async {
        let logs = [StepLog(), StepLog()]
        await withTaskGroup(of: Void.self) { group in
            for (number, log) in logs.enumerated() {
                group.addTask { await log.surround { wait("\(number)", .seconds(1)) } }
            }
        }
        #expect(logs.map { $0.waits.map(\.step) } == [["0"], ["1"]])
    }

    @Test("there are not more than so many")
    func bounded() async {
        let log = StepLog()
        await log.surround { for number in 0..<1000 { wait("\(number)", .seconds(1)) } }
        #expect(log.waits.map(\.step) == (0..<StepLog.most).map { "\($0)" })
    }
}
