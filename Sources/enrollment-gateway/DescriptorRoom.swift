import Glibc
import Telemetry

/// Sees to it that callers' connections do not take the last descriptors of the process.
///
/// With none left nothing upstream can be reached, no file is read, and a busy process may even end: libdispatch (of Swift 6.3)
/// counts its waiting threads by files in `/proc`, and ends with SIGILL where it cannot open one.
enum DescriptorRoom {
    /// For the ledger, for files that are read again, for looking up names, and for connections between being accepted and counted.
    static let reserve = 128
    /// So many connections are taken in any case.
    static let leastConnections = 16

    /// Raises the process's own limit as far as it is needed, and as the system lets it. Those that are open now stay so.
    ///
    /// - Parameters:
    ///   - connections: of callers, at most.
    ///   - others: descriptors that are not open yet.
    ///   - more: others of which there may be fewer.
    /// - Returns: how many connections there is room for, and how many more descriptors besides.
    static func make(for connections: Int, besides others: Int, and more: Int) -> (connections: Int, more: Int) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return (connections, more) }
        let taken = Int(ProcessFacts.read().openDescriptors ?? 0) + others + reserve
        // Twice of what they take, so that the alert on few that are left keeps quiet while all are there.
        let wanted = rlim_t(taken + 2 * connections + more)
        if limit.rlim_cur < wanted {
            var raised = limit
            raised.rlim_cur = min(wanted, limit.rlim_max)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        let room = Int(clamping: limit.rlim_cur) - taken
        return (min(connections, max(room, leastConnections)), min(more, max(room - connections, 0)))
    }
}
