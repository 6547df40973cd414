import ServiceLifecycle
import Synchronization
import UnixSignals

/// SIGHUP, which asks the process to read its files again, for as many listeners as there are.
///
/// While it runs as a service the signal does not end the process.
package final class ReloadSignal: Service {
    private let listeners = Mutex<[AsyncStream<Void>.Continuation]>([])

    package init() {}

    /// Hears each request from now on; several that come at once may be heard as one.
    package func requests() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        listeners.withLock { $0.append(continuation) }
        return stream
    }

    /// Asks all listeners, as the signal does.
    package func send() {
        for listener in listeners.withLock({ $0 }) { listener.yield() }
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) { self.send() }
        }
    }
}
