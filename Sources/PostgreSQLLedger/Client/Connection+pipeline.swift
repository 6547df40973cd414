import CPostgreSQL
import Glibc
import Ledger

/// What came of one query.
enum Outcome {
    case rows(Rows)
    /// The server refused it: nothing of its transaction was done.
    case refused(ServerError)
    /// It was not done because another query of its transaction was refused.
    case undone
}

extension Connection {
    /// What is sent to the server and answered by it.
    enum Message {
        case prepare(Statement)
        case ask(Query)
    }

    /// Sends transactions in one go, and hands over what came of each as soon as it is committed: libpq's pipeline mode, in which
    /// a sync ends a transaction.
    ///
    /// - Throws: when the connection is lost. Of transactions that were not handed over it is not known whether they were done.
    func run(
        _ transactions: [[Message]],
        until deadline: Deadline,
        ended: (_ index: Int, _ outcomes: [Outcome]) -> Void
    ) throws(ConnectionLoss) {
        for transaction in transactions {
            for message in transaction where !send(message) { throw .cut }
            guard unsafe PQpipelineSync(handle) == 1 else { throw .cut }
        }
        var replies = PipelineReplies(transactions.map(\.count))
        while !replies.areComplete {
            while !replies.areComplete, unsafe PQisBusy(handle) == 0 {
                let result = unsafe PQgetResult(handle)
                guard unsafe PQstatus(handle) == CONNECTION_OK else {
                    unsafe PQclear(result)
                    throw .cut
                }
                if let (index, outcomes) = unsafe replies.take(result) { ended(index, outcomes) }
            }
            if !replies.areComplete { try exchange(until: deadline) }
        }
    }

    /// Sends what is left to send and reads what has come, after waiting for either.
    private func exchange(until deadline: Deadline) throws(ConnectionLoss) {
        let left = unsafe PQflush(handle)
        guard left >= 0 else { throw .cut }
        guard wait(for: left == 0 ? POLLIN : POLLIN | POLLOUT, until: deadline) else { throw .timeout }
        guard unsafe PQconsumeInput(handle) == 1 else { throw .cut }
    }

    private func send(_ message: Message) -> Bool {
        switch message {
        case .prepare(let statement):
            let types = statement.types.map(\.rawValue)
            return unsafe PQsendPrepare(handle, statement.name, statement.sql, Int32(types.count), types) == 1
        case .ask(let query): return send(query)
        }
    }

    private func send(_ query: Query) -> Bool {
        let (statement, count) = (query.statement, Int32(query.values.count))
        let formats = [Int32](repeating: 1, count: query.values.count)
        let lengths = query.values.map { Int32($0.bytes?.count ?? 0) }
        // One buffer for all; the zero keeps it from being empty.
        let buffer = query.values.reduce(into: []) { $0 += $1.bytes ?? [] } + [0]
        return unsafe buffer.withUnsafeBytes { bytes in
            var offset = 0
            // They point into the buffer, which libpq has copied when it returns.
            let values = unsafe query.values.map { value -> UnsafePointer<CChar>? in
                guard let length = value.bytes?.count else { return nil }
                defer { offset += length }
                return unsafe (bytes.baseAddress! + offset).assumingMemoryBound(to: CChar.self)
            }
            if prepared.contains(statement.name) {
                return unsafe PQsendQueryPrepared(handle, statement.name, count, values, lengths, formats, 1) == 1
            }
            let types = statement.types.map(\.rawValue)
            return unsafe PQsendQueryParams(handle, statement.sql, count, types, values, lengths, formats, 1) == 1
        }
    }
}

/// Puts results in their places: one for each message, then a null pointer; after a transaction's last one the sync.
private struct PipelineReplies {
    private let counts: [Int]
    private var transaction = 0
    private var outcomes: [Outcome] = []

    init(_ counts: [Int]) { self.counts = counts }

    var areComplete: Bool { transaction == counts.count }

    /// Takes over the result. Returns what came of a transaction when this was its end.
    mutating func take(_ result: OpaquePointer?) -> (Int, [Outcome])? {
        // It only separates.
        guard let result = unsafe result else { return nil }
        switch unsafe PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK: outcomes.append(.rows(unsafe Rows(result)))
        case PGRES_PIPELINE_SYNC:
            unsafe PQclear(result)
            return end()
        case PGRES_PIPELINE_ABORTED:
            unsafe PQclear(result)
            outcomes.append(.undone)
        default:
            outcomes.append(.refused(unsafe ServerError(result)))
            unsafe PQclear(result)
        }
        return nil
    }

    private mutating func end() -> (Int, [Outcome]) {
        defer {
            transaction += 1
            outcomes = []
        }
        // A commit may fail by itself, after the last answer.
        if outcomes.count > counts[transaction], case .refused(let error)? = outcomes.last {
            return (transaction, [Outcome](repeating: .refused(error), count: counts[transaction]))
        }
        return (transaction, outcomes)
    }
}
