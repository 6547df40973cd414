import Ledger
import Testing

@testable import PostgreSQLLedger

@Suite("PostgreSQL: calls that wait for a connection")
struct LaneStateTests {
    private let tolerance = Duration.seconds(2)
    private let fault = LedgerFault(.unavailable, "too many connections")

    /// What `body` gives up on of one call that waits, at each of its steps.
    private func givenUp(_ body: (inout LaneState) -> [[Work]]) async -> [Int] {
        var counts: [Int] = []
        _ = await withCheckedContinuation { continuation in
            var state = LaneState()
            state.open()
            state.submit(Work(Query(.probe), waitsUntil: .after(.seconds(3600)), continuation))
            let steps = body(&state)
            counts = steps.map(\.count)
            for work in steps.joined() + state.waiting { work.fail(fault) }
        }
        return counts
    }

    @Test("an outage is waited out for a while, and then what waits fails with the next attempt")
    func outage() async {
        let begin = Deadline.now
        let counts = await givenUp { state in
            [Duration.zero, .seconds(1), .seconds(2)].map {
                state.noteFailure(fault, at: begin + $0, tolerance: tolerance)
            }
        }
        #expect(counts == [0, 0, 1])
    }

    @Test("a failure beside a connection is no outage: that begins when the last one is lost")
    func beside() async {
        let begin = Deadline.now
        let counts = await givenUp { state in
            state.noteConnected()
            var steps = [state.noteFailure(fault, at: begin, tolerance: tolerance)]
            state.noteLost()
            for seconds in [3600, 3601, 3602] {
                steps.append(state.noteFailure(fault, at: begin + .seconds(seconds), tolerance: tolerance))
            }
            return steps
        }
        #expect(counts == [0, 0, 0, 1])
    }

    @Test("what does not pass by itself is not waited out, nor is anything while the ledger is closed")
    func atOnce() async {
        let refused = LedgerFault(.refused, "the password is wrong")
        #expect(await givenUp { [$0.noteFailure(refused, at: .now, tolerance: tolerance)] } == [1])
        let closed = await givenUp { state in
            state.close()
            return [state.noteFailure(fault, at: .now, tolerance: tolerance)]
        }
        #expect(closed == [1])
    }
}
