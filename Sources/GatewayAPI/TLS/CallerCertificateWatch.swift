package import Reloading
import ServiceLifecycle
package import Transport

/// Keeps an eye on the files of the certificate that callers are shown: has them read when they change, and when SIGHUP asks for
/// it.
package struct CallerCertificateWatch: Service {
    /// How often the files are looked at. A change is told when it has come to rest, at the second look.
    static let interval: Duration = .seconds(1)
    /// After so many looks files that could not be used are tried again, though they have not changed.
    static let looksBeforeRetry = 60

    private let certificate: LiveCallerCertificate
    private let requests: AsyncStream<Void>
    private let clock: any MonotonicClock

    package init(_ certificate: LiveCallerCertificate, signal: ReloadSignal, clock: any MonotonicClock) {
        self.certificate = certificate
        self.clock = clock
        requests = signal.requests()
    }

    package func run() async throws {
        let (causes, cause) = AsyncStream.makeStream(of: LiveCallerCertificate.Cause.self)
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in requests { cause.yield(.signal) } }
                group.addTask { await look { cause.yield($0) } }
                // One task reads, so that an older content never comes behind a newer one.
                group.addTask { for await cause in causes { await certificate.reload(cause) } }
            }
        }
    }

    private func look(_ tell: (LiveCallerCertificate.Cause) -> Void) async {
        var watch = await FileWatch([certificate.files.certificate, certificate.files.key])
        // They may have changed since the settings were read.
        tell(.start)
        var looks = 0
        while (try? await clock.sleep(for: Self.interval)) != nil {
            looks += 1
            if await watch.look() {
                tell(.change)
                looks = 0
            } else if looks >= Self.looksBeforeRetry {
                if certificate.hasFault { tell(.retry) }
                looks = 0
            }
        }
    }
}
