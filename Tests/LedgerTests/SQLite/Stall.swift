import Dispatch
import GRDB

@testable import SQLiteLedger

/// A disk that does not answer: where ``body`` runs, or while it writes a record of the caller `stalled`.
final class Stall: Sendable {
    /// Blocks until the stall ends.
    let body: @Sendable () -> Void
    private let beginnings: AsyncStream<Void>
    private let gate: DispatchSemaphore

    /// A test that fails before it ends the stall must not leave a thread behind.
    deinit { end() }

    init() {
        let (beginnings, beginning) = AsyncStream.makeStream(of: Void.self)
        let gate = DispatchSemaphore(value: 0)
        (self.beginnings, self.gate) = (beginnings, gate)
        body = {
            beginning.yield()
            gate.wait()
        }
    }

    convenience init(on ledger: SQLiteLedger) throws {
        self.init()
        let body = body
        let function = DatabaseFunction("stall", argumentCount: 0) { _ in
            body()
            return nil
        }
        try ledger.file.onWriter { database in
            database.add(function: function)
            try database.execute(
                sql: """
                    CREATE TEMP TRIGGER stall BEFORE INSERT ON records WHEN NEW.caller = 'stalled'
                    BEGIN SELECT stall(); END
                    """
            )
        }
    }

    func begun() async { for await _ in beginnings { return } }

    func end() { gate.signal() }
}
