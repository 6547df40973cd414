package import Logging
import NIOCore
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

    /// From now on there are no new connections, and those that have begun are taken in the time until this returns, so that the port
    /// can be closed without one of them being reset. It returns at once when the task is cancelled; see ``LastConnections``.
    package func takeNoMore() async { await takeNoMore(patience: LoopWatch.limit) }

    /// - Parameter patience: with each look at a loop.
    func takeNoMore(patience: Duration) async {
        guard let (port, loops) = port.withLock({ $0 }) else { return }
        await LastConnections(port: port, loops: loops, logger: logger, patience: patience).take()
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
