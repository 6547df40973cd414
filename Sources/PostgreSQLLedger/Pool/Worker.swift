import Ledger

/// One thread of a lane, and its connection.
final class Worker {
    private let lane: Lane
    private var session: Session
    private var connection: Connection?
    private var notBefore = Deadline.now

    init(_ lane: Lane, _ session: Session) {
        self.lane = lane
        self.session = session
    }

    /// The life of the thread.
    func run() {
        while true {
            switch lane.next(isConnected: connection != nil, notBefore: notBefore) {
            case .connect: connect()
            case .run(let works): run(works)
            case .stop:
                drop()
                lane.threadEnded()
                return
            }
        }
    }

    private func connect() {
        do throws(LedgerFault) {
            connection = try session.connect()
            lane.noteConnected()
        } catch {
            notBefore = .after(lane.limits.pause)
            session.turnToNextServer()
            lane.noteFailure(error)
        }
    }

    private func drop() {
        guard connection != nil else { return }
        connection = nil
        lane.noteLost()
    }

    private func run(_ works: [Work]) {
        // Of one that died while nothing was asked, nothing is uncertain.
        guard let connection, !connection.isDead() else {
            drop()
            return lane.putBack(works)
        }
        let isTogether = lane.grouping == .together && works.count > 1
        let undone = run(works, isTogether ? [Array(works.indices)] : works.indices.map { [$0] }, on: connection)
        guard !undone.isEmpty else { return }
        // One of them spoilt it for the others: each for itself.
        if self.connection != nil {
            _ = run(undone, undone.indices.map { [$0] }, on: connection)
        } else {
            lane.putBack(undone)
        }
    }

    /// - Parameter transactions: which works each consists of.
    /// - Returns: those that were not done because of another one.
    private func run(_ works: [Work], _ transactions: [[Int]], on connection: Connection) -> [Work] {
        var undone: [Work] = []
        var open = works.map(Optional.some)
        var isUseless = false
        do throws(ConnectionLoss) {
            let messages = transactions.map { $0.map { Connection.Message.ask(works[$0].query) } }
            try connection.run(messages, until: .after(lane.limits.statement)) { index, outcomes in
                let indices = transactions[index]
                for index in indices { open[index] = nil }
                if let error = outcomes.refusal, indices.count > 1 {
                    // Not where the time is up that they have.
                    if error.state.isTimeout { return indices.forEach { works[$0].fail(error.fault) } }
                    return undone += indices.map { works[$0] }
                }
                for (index, outcome) in zip(indices, outcomes) {
                    switch outcome {
                    case .rows(let rows): works[index].end(rows)
                    case .refused(let error):
                        isUseless = isUseless || error.state.asksForNewConnection
                        works[index].fail(error.fault)
                    case .undone: works[index].fail(ConnectionLoss.cut.fault)
                    }
                }
            }
            if isUseless {
                drop()
                session.turnToNextServer()
            }
        } catch {
            drop()
            settle(open.compactMap(\.self), after: error)
        }
        return undone
    }

    /// What was in flight when the connection was lost may have been done. All statements can be done twice, so that they are
    /// tried once more; not after silence, which has taken the time for it.
    private func settle(_ works: [Work], after loss: ConnectionLoss) {
        var again: [Work] = []
        for var work in works {
            let isLast = loss.isTimeout || work.wasSent
            work.wasSent = true
            if isLast { work.fail(loss.fault) } else { again.append(work) }
        }
        lane.putBack(again)
    }
}

extension [Outcome] {
    fileprivate var refusal: ServerError? {
        lazy.compactMap { if case .refused(let error) = $0 { error } else { nil } }.first
    }
}
