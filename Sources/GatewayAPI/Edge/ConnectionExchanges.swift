import NIOCore

/// What is being done for one connection, on all of its streams. Only on its event loop.
final class ConnectionExchanges {
    private let channel: any Channel
    private let promise: EventLoopPromise<Void>
    private var handlers: [ObjectIdentifier: ExchangeHandler] = [:]
    private var isOpen = true
    private var isAbandoned = false

    init(_ channel: any Channel) {
        self.channel = channel
        promise = channel.eventLoop.makePromise()
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            self.isOpen = false
            self.endIfDone()
        }
    }

    /// The connection is closed, and nothing is being done for it any more.
    var end: EventLoopFuture<Void> { promise.futureResult }

    /// - Parameter handler: in its pipeline already.
    func add(_ handler: ExchangeHandler) {
        handlers[ObjectIdentifier(handler)] = handler
        handler.end.assumeIsolated().whenComplete { _ in
            self.handlers[ObjectIdentifier(handler)] = nil
            self.endIfDone()
        }
        if isAbandoned { handler.abandon() }
    }

    /// Cancels what is being done and what comes, and ends the connection after that.
    func abandon() {
        isAbandoned = true
        for handler in handlers.values { handler.abandon() }
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    private func endIfDone() {
        if !isOpen, handlers.isEmpty { promise.succeed() }
    }
}
