import NIOCore

/// What is being done for one connection, on all of its streams. Only on its event loop.
final class ConnectionExchanges {
    private let channel: any Channel
    private let promise: EventLoopPromise<Void>
    private var handlers: [ObjectIdentifier: ExchangeHandler] = [:]
    private var isOpen = true
    private var isAbandoned = false
    private var cut: Scheduled<Void>?

    init(_ channel: any Channel) {
        self.channel = channel
        promise = channel.eventLoop.makePromise()
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            self.isOpen = false
            self.cut?.cancel()
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
        if isAbandoned { abandon(handler) }
    }

    /// Cancels what is being done and what comes, and ends the connection after that.
    func abandon() {
        isAbandoned = true
        for handler in handlers.values { abandon(handler) }
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        cutIfAtRest()
    }

    private func abandon(_ handler: ExchangeHandler) { handler.abandon { [weak self] in self?.cutIfAtRest() } }

    private var isAtRest: Bool { !handlers.values.contains(where: \.isBusy) }

    /// A caller that does not read its last answers, or does not close the connection, does not keep the server from ending.
    private func cutIfAtRest() {
        guard isOpen, cut == nil, isAtRest else { return }
        cut = channel.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(EdgeLimits.lastWords)) {
            self.cut = nil
            if self.isAtRest { self.channel.cut() }
        }
    }

    private func endIfDone() {
        if !isOpen, handlers.isEmpty { promise.succeed() }
    }
}
