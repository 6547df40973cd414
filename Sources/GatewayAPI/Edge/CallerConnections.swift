package import Logging
import NIOCore
import SocketFilter
import Synchronization

/// The connections of all callers together: how many there are, which were refused, and whether they are to end.
package final class CallerConnections: Sendable {
    private let ending = Atomic(false)
    private let open = Atomic(0)
    private let refusals: ConnectionRefusals
    private let logger: Logger
    /// How the connections are told that do not look by themselves.
    private let listeners = Mutex<[ObjectIdentifier: @Sendable () -> Void]>([:])

    /// What the connections come to, once it is open, and the loops that they are spread over.
    private let port = Mutex<(channel: any Channel, loops: [any EventLoop])?>(nil)
    /// The system has no connection any more that it could hand out.
    private let nobodyWaits = Atomic(false)
    /// What it has handed out is set up.
    private let allAreTaken = Atomic(false)

    /// From each address.
    private let addresses = Mutex<[SourceNetwork: Int]>([:])
    private let mostPerAddress: Int?
    private let proxies: TrustedProxies

    /// - Parameters:
    ///   - mostPerAddress: how many one address may have open.
    ///   - proxies: who may have any number, since they speak for many.
    package init(
        mostPerAddress: Int? = nil,
        proxies: TrustedProxies = TrustedProxies(),
        logger: Logger = Logger(label: "connections") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.mostPerAddress = mostPerAddress
        self.proxies = proxies
        self.logger = logger
        refusals = ConnectionRefusals(logger: logger)
    }

    /// How many are open.
    package var count: Int { open.load(ordering: .relaxed) }

    /// How many were refused since the start, by reason.
    package var refused: [ConnectionRefusal: Int] { refusals.counts }

    /// From now on each connection ends with the next answer on it, which says so; what is idle stays open until it is used, so
    /// that no request meets a connection that is being closed. HTTP/2 connections are told to bring no more (GOAWAY). New
    /// connections are served in the same way.
    ///
    /// From any thread, and any number of times.
    package func beginEnding() {
        ending.store(true, ordering: .relaxed)
        for tell in listeners.withLock({ $0.values }) { tell() }
    }

    func opened(_ port: any Channel, loops: any EventLoopGroup) {
        self.port.withLock { $0 = (port, Array(loops.makeIterator())) }
    }

    /// From now on there are no new connections, and those that have begun are taken in the time until this returns
    /// (``EdgeLimits/lastHandshakes``, and ``EdgeLimits/lastAccepts`` where the loops are behind), so that the port can be closed
    /// without one of them being reset. Where the system does not allow that the port goes on as before.
    package func takeNoMore() async { await takeNoMore(within: EdgeLimits.lastAccepts) }

    /// - Parameter time: for the loops to take what there is.
    func takeNoMore(within time: Duration) async {
        guard let (port, loops) = port.withLock({ $0 }) else { return }
        // Its loop is not waited for: one that is stuck must not keep the gateway from its end.
        SocketFilter.dropNewConnections(to: port).whenFailure { [logger] error in
            logger.debug("The port cannot be closed gently", metadata: ["error.type": "\(type(of: error))"])
        }
        try? await Task.sleep(for: EdgeLimits.lastHandshakes)
        let end = ContinuousClock.now.advanced(by: time)
        while !nobodyWaits.load(ordering: .relaxed), ContinuousClock.now < end {
            SocketFilter.waitingConnections(to: port).whenComplete { count in
                // Where the system does not tell there is nothing to wait for.
                if (try? count.get()) ?? 0 == 0 { self.nobodyWaits.store(true, ordering: .relaxed) }
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
        turn(loops, and: port.eventLoop, times: Self.setupTurns) { self.allAreTaken.store(true, ordering: .relaxed) }
        while !allAreTaken.load(ordering: .relaxed), ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// So often is a connection that was accepted handed to its own loop and back to the port's, which closes it where the port is
    /// closed by then: once for its options, once for its handlers (swift-nio 2.101, `ServerBootstrap.bind0`).
    private static let setupTurns = 2

    /// Calls `done` when each loop, and after it that of the port, has done what it had to do before, `times` times over.
    private func turn(
        _ loops: [any EventLoop],
        and last: any EventLoop,
        times: Int,
        done: @escaping @Sendable () -> Void
    ) {
        guard times > 0 else { return done() }
        // Back by way of the port's loop each, behind what that loop had sent before.
        let turns = loops.map { loop in loop.submit {}.hop(to: last) }
        EventLoopFuture.andAllComplete(turns, on: last).whenComplete { _ in
            self.turn(loops, and: last, times: times - 1, done: done)
        }
    }

    /// Has the connection told, on its event loop, when they begin to end; what comes after that has to look.
    func tellOfEnd(_ channel: any Channel, _ tell: @escaping @Sendable () -> Void) {
        let id = ObjectIdentifier(channel)
        listeners.withLock { $0[id] = { channel.eventLoop.execute(tell) } }
        channel.closeFuture.whenComplete { _ in self.listeners.withLock { $0[id] = nil } }
    }

    /// The answer under way is to be its connection's last.
    var areEnding: Bool { ending.load(ordering: .relaxed) }

    /// Counts a connection until it is closed.
    ///
    /// - Returns: `false` for one that may not be opened.
    func admit(_ channel: any Channel) -> Bool {
        let address = IPAddress(channel.remoteAddress)
        if let mostPerAddress, let address, !proxies.contains(address) {
            let network = SourceNetwork(address)
            guard enter(network, mostPerAddress) else {
                refuse(.addressLimit, channel)
                return false
            }
            channel.closeFuture.whenComplete { _ in self.leave(network) }
        }
        open.add(1, ordering: .relaxed)
        channel.closeFuture.whenComplete { _ in self.open.subtract(1, ordering: .relaxed) }
        return true
    }

    private func enter(_ network: SourceNetwork, _ most: Int) -> Bool {
        addresses.withLock { addresses in
            let count = addresses[network, default: 0]
            guard count < most else { return false }
            addresses[network] = count + 1
            return true
        }
    }

    private func leave(_ network: SourceNetwork) {
        addresses.withLock { addresses in
            let count = addresses[network, default: 1] - 1
            addresses[network] = count > 0 ? count : nil
        }
    }

    func refuse(_ reason: ConnectionRefusal, _ channel: (any Channel)? = nil) {
        refusals.note(reason, from: channel?.remoteAddress)
    }
}
