import Synchronization

/// The callers whose names are told apart: the first ones that come, up to a limit.
final class KnownCallers: Sendable {
    private let limit: Int
    private let names = Mutex<Set<String>>([])

    init(limit: Int) { self.limit = limit }

    /// The caller's own name, or that of all who are too many.
    func label(_ name: String) -> String {
        names.withLock { names in
            if names.contains(name) { return name }
            guard names.count < limit else { return RequestMetrics.otherCallers }
            names.insert(name)
            return name
        }
    }
}
