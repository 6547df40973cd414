package import Reloading
import ServiceLifecycle
package import Transport

/// A credential whose files may change while the gateway runs.
package protocol WatchedCredential: Sendable {
    /// Empty where it does not come from files.
    var files: [String] { get }

    /// The files may have something new, or the operator asks.
    func reload(_ cause: RotatingCredential.Cause) async

    /// Whether a token should be asked for now, because of what a reload found; told once for each time.
    func takeDueTrial() -> Bool
}

/// Keeps an eye on a credential's files: reads them when they change or SIGHUP asks for it, and has a token fetched when there is
/// a new content to try.
package struct CredentialWatch: Service {
    /// How often the files are looked at, and how often they are read in any case.
    static let interval: Duration = .seconds(1)
    static let readingInterval: Duration = .seconds(600)

    private let credential: any WatchedCredential
    private let requests: AsyncStream<Void>
    private let clock: any MonotonicClock
    private let renew: @Sendable () async -> Void

    /// - Parameter renew: has a token fetched now.
    package init(
        _ credential: any WatchedCredential,
        signal: ReloadSignal,
        clock: any MonotonicClock,
        renew: @escaping @Sendable () async -> Void
    ) {
        self.credential = credential
        self.clock = clock
        self.renew = renew
        requests = signal.requests()
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in requests {
                        await credential.reload(.signal)
                        await tryCandidate()
                    }
                }
                if !credential.files.isEmpty { group.addTask { await watch() } }
            }
        }
    }

    private func watch() async {
        var files = await FileWatch(credential.files)
        // They may have changed since the settings were read.
        await credential.reload(.start)
        var lastReading = clock.now
        while true {
            await tryCandidate()
            guard (try? await clock.sleep(for: Self.interval)) != nil else { return }
            if await files.look() {
                await credential.reload(.change)
                lastReading = clock.now
            } else if clock.now - lastReading >= Self.readingInterval {
                await credential.reload(.schedule)
                lastReading = clock.now
            }
        }
    }

    private func tryCandidate() async {
        if credential.takeDueTrial() { await renew() }
    }
}
