import Ledger
import Transport

/// How a connection is set up before it serves.
struct Session: Sendable {
    private(set) var address: ServerAddress
    let limits: Limits
    /// Of the server, for this connection.
    let settings: [(name: String, value: String)]
    /// Prepared at once, so that what cannot work shows before there is work.
    let statements: [Statement]
    /// Whether tables that are missing, or of a later version, are a fault.
    let checksVersion: Bool

    init(
        _ address: ServerAddress,
        _ limits: Limits,
        statementLimit: Duration? = nil,
        settings: [(name: String, value: String)] = [],
        statements: [Statement] = [],
        checksVersion: Bool = false
    ) {
        let milliseconds = (statementLimit ?? limits.statement).milliseconds * 5 / 6
        self.address = address
        self.limits = limits
        self.settings =
            [
                // The server gives up first: then it is certain that nothing was done.
                ("statement_timeout", "\(milliseconds)"),
                ("default_transaction_isolation", "read committed"),
                // Every name is spelled out with its schema.
                ("search_path", "pg_catalog, pg_temp"),
                // No statement of a request may ever read a table whole, whatever the planner takes its size for.
                ("enable_seqscan", "off"),
                // A gateway that vanishes in the middle of a transaction must not hold its locks for hours.
                ("tcp_keepalives_idle", "10"), ("tcp_keepalives_interval", "5"), ("tcp_keepalives_count", "3"),
            ] + settings
        self.statements = statements
        self.checksVersion = checksVersion
    }

    func connect() throws(LedgerFault) -> Connection {
        let deadline = Deadline.after(limits.connect)
        let connection = try Connection(to: address, until: deadline)
        for setting in settings {
            precondition(setting.name.utf8.allSatisfy { $0 == 0x5F || (0x61...0x7A).contains($0) })
        }
        let calls = settings.indices.map { "set_config($\($0 * 2 + 1), $\($0 * 2 + 2), false)" }
        let configure = Query(
            Statement(
                "configure",
                Array(repeating: .text, count: settings.count * 2),
                "SELECT \(calls.joined(separator: ", "))"
            ),
            settings.flatMap { [.text($0.name), .text($0.value)] }
        )
        let messages = [Connection.Message.ask(Query(Self.insist)), .ask(configure)] + statements.map { .prepare($0) }
        try connection.runAll(messages.map { [$0] }, until: deadline)
        for statement in statements { connection.notePrepared(statement) }
        if checksVersion { try checkVersion(connection, until: deadline) }
        return connection
    }

    /// A server may forgo the flush of its log for all. What has to survive a loss of power asks for it; what does not says so.
    private static let insist = Statement(
        "insist",
        [],
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )

    /// To the next of several servers, after one of them kept silent.
    mutating func turnToNextServer() { address = address.rotated }

    private func checkVersion(_ connection: Connection, until deadline: Deadline) throws(LedgerFault) {
        let version = try Migration.version(connection, until: deadline)
        if version > Schema.version { throw Migration.tooNew(version) }
        guard version == 0 else { return }
        throw LedgerFault(.corrupt, "there is no ledger in this database", fix: "Start the gateway with it once")
    }
}

extension Connection {
    /// Runs what must work as a whole.
    ///
    /// - Returns: the rows of the last message.
    @discardableResult
    func runAll(_ transactions: [[Message]], until deadline: Deadline) throws(LedgerFault) -> Rows? {
        var error: ServerError?
        var rows: Rows?
        do throws(ConnectionLoss) {
            try run(transactions, until: deadline) { _, outcomes in
                for outcome in outcomes {
                    switch outcome {
                    case .rows(let found): rows = found
                    case .refused(let refusal): error = error ?? refusal
                    case .undone: break
                    }
                }
            }
        } catch {
            throw error.fault
        }
        if let error { throw error.fault }
        return rows
    }
}
