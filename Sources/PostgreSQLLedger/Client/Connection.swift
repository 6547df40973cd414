import CPostgreSQL
import Glibc
import Ledger

/// One connection to the server, in libpq's pipeline mode. No call blocks past its deadline.
///
/// Only the thread that made it may use it (libpq, "Behavior in Threaded Programs"); it closes when it is let go.
@safe final class Connection {
    /// Whole from `init` to `deinit`, and known to nobody else.
    let handle: OpaquePointer
    /// The names of the statements that the server knows.
    private(set) var prepared: Set<String> = []

    /// - Throws: when there is no connection by the deadline. Looking up the host's name is libpq's and may take longer.
    init(to address: ServerAddress, until deadline: Deadline) throws(LedgerFault) {
        guard let handle = unsafe address.startConnecting() else {
            throw LedgerFault(.unavailable, "no memory is left")
        }
        unsafe self.handle = unsafe handle
        guard unsafe PQstatus(handle) != CONNECTION_BAD else { throw unsafe ConnectFailure.fault(handle) }
        // So that errors carry their SQLSTATE, which libpq does not tell otherwise before there is a connection.
        unsafe PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
        try connect(until: deadline)
        guard unsafe PQsetnonblocking(handle, 1) == 0, unsafe PQenterPipelineMode(handle) == 1 else {
            throw ConnectionLoss.cut.fault
        }
    }

    deinit { unsafe PQfinish(handle) }

    private func connect(until deadline: Deadline) throws(LedgerFault) {
        var status = PGRES_POLLING_WRITING
        while true {
            switch status {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING, PGRES_POLLING_WRITING:
                guard wait(for: status == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: deadline) else {
                    throw ConnectionLoss.timeout.fault
                }
            default: throw unsafe ConnectFailure.fault(handle)
            }
            status = unsafe PQconnectPoll(handle)
        }
    }

    /// Blocks until the socket is ready. False when the deadline came first.
    func wait(for events: Int32, until deadline: Deadline) -> Bool {
        while true {
            // It may be another one after each step of connecting.
            var descriptor = pollfd(fd: unsafe PQsocket(handle), events: Int16(events), revents: 0)
            let count = unsafe poll(&descriptor, 1, deadline.millisecondsLeft)
            if count > 0 { return true }
            if count == 0 || errno != EINTR { return false }
            if deadline.isOver { return false }
        }
    }

    /// Whether the server has closed it while nothing was asked.
    func isDead() -> Bool {
        guard unsafe PQstatus(handle) == CONNECTION_OK else { return true }
        // A server that was asked nothing says something only when it goes. (Or when its configuration is read anew: then a new
        // connection does no harm.)
        return wait(for: POLLIN, until: .now)
    }

    func notePrepared(_ statement: Statement) { prepared.insert(statement.name) }
}

@available(*, unavailable)
extension Connection: Sendable {}
