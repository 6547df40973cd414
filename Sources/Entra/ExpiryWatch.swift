package import Logging
import ServiceLifecycle
package import Transport

/// Tells the operator's log in time that a credential ends: at start and whenever another one is in use, and from
/// ``CredentialExpiry/warningDays`` before its end on once a day.
package struct ExpiryWatch: Service {
    /// How often it looks; a credential may be replaced at any time, and the day changes.
    static let interval: Duration = .seconds(60)

    private let expiry: @Sendable () -> CredentialExpiry?
    private let clock: any MonotonicClock
    private let wallClock: @Sendable () -> Timestamp
    private let logger: Logger

    /// - Parameter expiry: of the credential in use now; `nil` while it is not known.
    package init(
        clock: any MonotonicClock,
        wallClock: @escaping @Sendable () -> Timestamp = { .now },
        logger: Logger,
        expiry: @escaping @Sendable () -> CredentialExpiry?
    ) {
        self.expiry = expiry
        self.clock = clock
        self.wallClock = wallClock
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var told: Told?
            while !Task.isCancelled {
                told = look(told)
                try? await clock.sleep(for: Self.interval)
            }
        }
    }

    /// What was said last.
    struct Told: Equatable {
        let expiry: CredentialExpiry
        let days: Int
    }

    /// Looks once, and speaks if there is something new to say.
    func look(_ last: Told?) -> Told? {
        guard let expiry = expiry() else { return nil }
        let now = wallClock()
        let told = Told(expiry: expiry, days: expiry.daysLeft(at: now))
        let standing = expiry.standing(at: now)
        guard last?.expiry != expiry || (standing != .distant && last != told) else { return last }
        let level: Logger.Level =
            switch standing {
            case .distant: .info
            case .near: .warning
            case .ended: .error
            }
        logger.log(
            level: level,
            "credential's end",
            metadata: [
                expiry.subject == .callerCertificate ? "http.detail" : "entra.detail": "\(expiry.remark(at: now))",
                "credential.days_left": "\(told.days)",
                "credential.ends_at": "\(expiry.endsAt.rfc3339)",
            ]
        )
        return told
    }
}
