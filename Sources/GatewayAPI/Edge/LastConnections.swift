import Logging
import NIOCore
import SocketFilter

/// What a port takes before it is closed: all that had begun, so that closing resets none of it.
///
/// Everything here is asked of event loops, which answer late where the machine is busy, and that is waited for: a port that is closed
/// meanwhile loses what waits there. The wait ends with a loop that is stuck, and when the task is cancelled.
struct LastConnections: Sendable {
    /// A socket that listens.
    let port: any Channel
    /// The loops that its connections are spread over.
    let loops: [any EventLoop]
    let logger: Logger
    /// A loop that does not answer for so long is stuck: nothing that waits for it would be served.
    var patience = LoopWatch.limit

    /// So often is a connection that was accepted handed to its own loop and back to the port's, which closes it where the port is
    /// closed by then: once for its options, once for its handlers (swift-nio 2.101, `ServerBootstrap.bind0`).
    private static let setupTurns = 2

    /// Returns when the system makes no new connections, and those that it had begun to make are set up. At once when the task is
    /// cancelled. Where the system does not allow that, new ones come on, and the wait ends all the same.
    func take() async {
        guard let filtered = await result(of: SocketFilter.dropNewConnections(to: port)) else { return }
        if case .failure(let error) = filtered {
            logger.debug("The port cannot be closed gently", metadata: ["error.type": "\(type(of: error))"])
        }
        try? await Task.sleep(for: EdgeLimits.lastHandshakes)
        await untilAccepted()
        for _ in 0..<Self.setupTurns {
            guard await result(of: turn()) != nil else { return }
        }
    }

    /// Returns when nobody waits to be accepted, or when looks in vain are enough.
    private func untilAccepted() async {
        var fewest = Int.max
        var inVain = 0
        while inVain < EdgeLimits.lastLooksInVain {
            // Where the system does not tell there is nothing to wait for.
            guard case .success(let count) = await result(of: SocketFilter.waitingConnections(to: port)), count > 0
            else {
                return
            }
            inVain = count < fewest ? 0 : inVain + 1
            fewest = min(fewest, count)
            guard (try? await Task.sleep(for: EdgeLimits.lastLooksPause)) != nil else { return }
        }
    }

    /// Done when each loop, and after it that of the port, has done what it had to do before.
    private func turn() -> EventLoopFuture<Void> {
        // Back by way of the port's loop each, behind what that loop had sent before.
        .andAllComplete(loops.map { loop in loop.submit {}.hop(to: port.eventLoop) }, on: port.eventLoop)
    }

    /// - Returns: `nil` where the task was cancelled before, or the loop is stuck.
    private func result<Value: Sendable>(of future: EventLoopFuture<Value>) async -> Result<Value, any Error>? {
        let (results, continuation) = AsyncStream.makeStream(of: Result<Value, any Error>.self)
        future.whenComplete { result in
            continuation.yield(result)
            continuation.finish()
        }
        let timer = Task { [patience] in
            try await Task.sleep(for: patience)
            continuation.finish()
        }
        defer { timer.cancel() }
        return await results.first { _ in true }
    }
}
