import Dispatch
import GRDB

@testable import SQLiteLedger

/// A disk that does not answer while it writes a record of the caller `stalled`.
final class Stall: Sendable {
    private let (beginnings, beginning) = AsyncStream.makeStream(of: Void.self)
    private let gate = DispatchSemaphore(value: 0)

    /// A test that fails before it ends the stall must not leave a thread behind.
    deinit { end() }

    init(on ledger: SQLiteLedger) throws {
        let (beginning, gate) = (beginning, gate)
        let function = DatabaseFunction("stall", argumentCount: 0) { _ in
            beginning.yield()
            gate.wait()
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
