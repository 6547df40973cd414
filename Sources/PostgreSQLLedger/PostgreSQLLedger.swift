import Graph
package import Ledger
package import Settings
import Synchronization

/// The ledger in a PostgreSQL database that several gateways share.
///
/// Its tables are in a schema of their own, `enrollment_gateway`. It is created at the first start: the URL's role needs the right
/// to create schemas in the database, or to own that schema (`CREATE SCHEMA enrollment_gateway AUTHORIZATION role`), and no more.
package final class PostgreSQLLedger: LedgerStore, LedgerSharing {
    package static let defaultConnections = 4

    package let instance = RecordID.fresh()
    /// What survives a loss of power: a burst shares one flush of the server's log.
    let durable: Lane
    /// What only reads, or may be lost with the server: it never waits for a disk.
    let quick: Lane
    private let url: Secret
    private let limits: Limits
    /// The turns that this gateway has, and when each ends by the server's clock, in microseconds since 1970.
    let turns = Mutex<[ProfileReference: Int64]>([:])

    /// Nothing is connected before ``open()``.
    ///
    /// - Parameters:
    ///   - url: as libpq takes it, with its options; `PG*` variables hold as they do there.
    ///   - connections: at most so many at once, no less than 2.
    package convenience init(url: Secret, connections: Int = defaultConnections) {
        self.init(url: url, connections: connections, limits: Limits())
    }

    init(
        url: Secret,
        connections: Int,
        limits: Limits,
        start: @escaping WorkerThread.Start = WorkerThread.start
    ) {
        let durable = max(1, connections / 2)
        self.durable = Lane(.together, connections: durable, limits: limits, start: start)
        quick = Lane(.apart, connections: max(1, connections - durable), limits: limits, start: start)
        self.url = url
        self.limits = limits
    }

    deinit {
        durable.end()
        quick.end()
    }

    package var sharing: (any LedgerSharing)? { self }

    package func open() async throws(LedgerFault) {
        guard !durable.isOpen || !quick.isOpen else { return }
        let (address, limits) = (try ServerAddress(url), limits)
        try await WorkerThread.run { () throws(LedgerFault) in try Migration.run(address, limits) }
        do throws(LedgerFault) {
            try durable.open(Session(address, limits, statements: Statement.durable))
            try quick.open(
                Session(address, limits, settings: [("synchronous_commit", "off")], statements: Statement.quick)
            )
        } catch {
            // Half open it would look as if it worked.
            await close()
            throw error
        }
    }

    package func close() async {
        await durable.close()
        await quick.close()
    }
}
