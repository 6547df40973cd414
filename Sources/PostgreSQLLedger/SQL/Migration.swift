import Ledger

/// Brings the tables up to date, one gateway at a time.
struct Migration {
    /// The advisory lock that gateways wait for each other with: `enrollme` in ASCII.
    private static let lock = 0x656e_726f_6c6c_6d65

    private let connection: Connection
    private let deadline: Deadline

    /// - Throws: `tooNew` for the tables of a later version.
    static func run(_ address: ServerAddress, _ limits: Limits) throws(LedgerFault) {
        let connection = try connection(Session(address, limits, statementLimit: limits.migration), address.count)
        try Migration(connection: connection, deadline: .after(limits.migration)).run()
    }

    /// With each of several servers as the first in turn.
    private static func connection(_ session: Session, _ attempts: Int) throws(LedgerFault) -> Connection {
        var session = session
        for _ in 1..<attempts {
            if let connection = try? session.connect() { return connection }
            session.turnToNextServer()
        }
        return try session.connect()
    }

    /// The version of the tables that the database has; 0 for none.
    static func version(_ connection: Connection, until deadline: Deadline) throws(LedgerFault) -> Int {
        let exists = Statement("exists", [], "SELECT to_regclass('enrollment_gateway.version') IS NOT NULL")
        var row = try connection.runAll([[.ask(Query(exists))]], until: deadline)?.first
        guard try row?.bool() == true else { return 0 }
        let version = Statement("version", [], "SELECT max(version)::bigint FROM enrollment_gateway.version")
        row = try connection.runAll([[.ask(Query(version))]], until: deadline)?.first
        return try row?.integerIfAny() ?? 0
    }

    private func run() throws(LedgerFault) {
        try run("BEGIN")
        let locking = Query(
            Statement("lock", [.integer], "SELECT pg_advisory_xact_lock($1)"),
            [.integer(Self.lock)]
        )
        try connection.runAll([[.ask(locking)]], until: deadline)
        let version = try Self.version(connection, until: deadline)
        guard version <= Schema.version else { throw Self.tooNew(version) }
        if version == 0 { try createSchema() }
        for step in version..<Schema.version {
            for statement in Schema.migrations[step] { try run(statement) }
            let note = Statement(
                "note",
                [.integer],
                "INSERT INTO enrollment_gateway.version (version, migrated_at) VALUES ($1, clock_timestamp())"
            )
            try connection.runAll([[.ask(Query(note, [.integer(step + 1)]))]], until: deadline)
        }
        try run("COMMIT")
    }

    /// The right to create a schema is asked for only where there is none.
    private func createSchema() throws(LedgerFault) {
        let exists = Statement("schema", [], "SELECT to_regnamespace('enrollment_gateway') IS NOT NULL")
        var row = try connection.runAll([[.ask(Query(exists))]], until: deadline)?.first
        if try row?.bool() != true { try run("CREATE SCHEMA enrollment_gateway") }
        try run(
            """
            CREATE TABLE enrollment_gateway.version (
                version bigint PRIMARY KEY,
                migrated_at timestamptz NOT NULL
            )
            """
        )
    }

    private func run(_ sql: String) throws(LedgerFault) {
        try connection.runAll([[.ask(Query(Statement("step", [], sql)))]], until: deadline)
    }

    static func tooNew(_ version: Int) -> LedgerFault {
        LedgerFault(
            .tooNew,
            "the ledger's tables are of version \(version), and this gateway knows those up to \(Schema.version)",
            fix: "Start the version of the gateway that wrote them, or a later one"
        )
    }
}
