import Synchronization

/// On which profiles somebody waits to revoke: what only looks on in its turn makes way then.
final class AwaitedRevocations: Sendable {
    private let counts = Mutex<[ProfileReference: Int]>([:])

    func isAwaited(on profile: ProfileReference) -> Bool { counts.withLock { $0[profile] != nil } }

    func begin(on profile: ProfileReference) { counts.withLock { $0[profile, default: 0] += 1 } }

    func end(on profile: ProfileReference) {
        counts.withLock { counts in
            let left = (counts[profile] ?? 1) - 1
            counts[profile] = left > 0 ? left : nil
        }
    }
}
