import NIOCore
import Synchronization

/// Which callers are still there, for those who work for them.
///
/// Hummingbird (2.28.1) does not tell a handler that its caller hung up.
final class CallerConnections: Sendable {
    private typealias Watches = [UInt64: @Sendable () -> Void]

    private struct State {
        var open: [ObjectIdentifier: Watches] = [:]
        var lastID: UInt64 = 0
    }

    private let state = Mutex(State())

    /// How many are open.
    var count: Int { state.withLock { $0.open.count } }

    func opened(_ channel: any Channel) { state.withLock { $0.open[ObjectIdentifier(channel)] = [:] } }

    /// Harmless when it is said twice.
    func ended(_ channel: any Channel) {
        let watches = state.withLock { $0.open.removeValue(forKey: ObjectIdentifier(channel)) }
        for tell in (watches ?? [:]).values { tell() }
    }

    /// Does `work` in a task that is cancelled when the caller hangs up, and waits for it all the same.
    ///
    /// - Returns: what came of it, and whether the caller is gone.
    func whileConnected<Value: Sendable>(
        _ channel: any Channel,
        _ work: @escaping @Sendable () async -> Value
    ) async -> (value: Value, hasLeft: Bool) {
        let task = Task { await work() }
        let id = watch(channel) { task.cancel() }
        defer { unwatch(channel, id) }
        let value = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        return (value, task.isCancelled && !Task.isCancelled)
    }

    private func watch(_ channel: any Channel, _ tell: @escaping @Sendable () -> Void) -> UInt64 {
        let id = state.withLock { state -> UInt64? in
            guard state.open[ObjectIdentifier(channel)] != nil else { return nil }
            state.lastID += 1
            state.open[ObjectIdentifier(channel)]?[state.lastID] = tell
            return state.lastID
        }
        if let id { return id }
        // It has ended already, or is none of the edge's.
        channel.closeFuture.whenComplete { _ in tell() }
        return 0
    }

    private func unwatch(_ channel: any Channel, _ id: UInt64) {
        state.withLock { state in _ = state.open[ObjectIdentifier(channel)]?.removeValue(forKey: id) }
    }
}
