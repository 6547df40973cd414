package import Reloading
import ServiceLifecycle
import Synchronization
package import Transport

/// Keeps an eye on the key ring's file: has it read when it changes, and when SIGHUP asks for it.
package struct KeyRingWatch: Service {
    /// How often the file is looked at. A change is told when it has come to rest, at the second look.
    static let interval: Duration = .milliseconds(150)

    /// After so many looks a file that could not be read is tried again, though it has not changed: there may have been no
    /// descriptor left, or a network file system was away.
    static let looksBeforeRetry = 5

    private let ring: LiveKeyRing
    private let requests: AsyncStream<Void>
    private let clock: any MonotonicClock

    package init(_ ring: LiveKeyRing, signal: ReloadSignal, clock: any MonotonicClock) {
        self.ring = ring
        self.clock = clock
        requests = signal.requests()
    }

    package func run() async throws {
        guard let file = ring.file else {
            try? await gracefulShutdown()
            return
        }
        let asked = Asked()
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in requests { asked.note() } }
                // One task reads, so that an older content never comes behind a newer one.
                group.addTask { await watch(file, asked) }
            }
        }
    }

    private func watch(_ file: KeyRingFile, _ asked: Asked) async {
        var watch = await FileWatch([file.path])
        // It may have changed since the settings were read.
        var wasRead = await ring.reload(.start)
        var looks = 0
        while (try? await clock.sleep(for: Self.interval)) != nil {
            let hasChanged = await watch.look()
            looks += 1
            let cause: LiveKeyRing.Cause
            switch (asked.take(), hasChanged) {
            case (true, _): cause = .signal
            case (false, true): cause = .change
            case (false, false) where !wasRead && looks >= Self.looksBeforeRetry: cause = .retry
            case (false, false): continue
            }
            wasRead = await ring.reload(cause)
            looks = 0
        }
    }
}

/// Whether somebody has asked for a reload.
private final class Asked: Sendable {
    private let isAsked = Mutex(false)

    func note() { isAsked.withLock { $0 = true } }

    func take() -> Bool {
        isAsked.withLock { isAsked in
            defer { isAsked = false }
            return isAsked
        }
    }
}
