package import Settings

/// Where the ledger is kept, and for how long.
package struct LedgerConfiguration: Sendable {
    /// Where it is kept.
    package enum Place: Sendable, CustomStringConvertible {
        /// Nothing is kept.
        case none
        /// A file of this machine.
        case sqlite(path: String)
        /// A database that several gateways may share: its URL, which may hold a password.
        case postgresql(Secret)

        /// For people, without what the URL may hold.
        package var description: String {
            switch self {
            case .none: "none: nothing is kept, and an Idempotency-Key is refused"
            case .sqlite(let path): "the file \(path)"
            case .postgresql: "PostgreSQL"
            }
        }

        var isShared: Bool { if case .postgresql = self { true } else { false } }
    }

    package static let defaultPath = "data/ledger.sqlite"
    package static let defaultRetention = Duration.seconds(90 * 86_400)
    package static let retentionRange = Duration.seconds(86_400)...Duration.seconds(3_660 * 86_400)
    package static let defaultKeyLifetime = Duration.seconds(86_400)
    package static let keyLifetimeRange = Duration.seconds(60)...Duration.seconds(30 * 86_400)

    package var place: Place
    /// Records are deleted when they are older.
    package var retention: Duration
    /// So long a decided request is answered again under its Idempotency-Key.
    package var keyLifetime: Duration
    /// Whether the rates of API keys hold for all gateways that share the ledger together.
    package var sharesRateLimits: Bool
    /// A file to which every decided record is written as one line of JSON.
    package var auditLogPath: String?

    /// Reads `LEDGER_URL`, `LEDGER_RETENTION`, `IDEMPOTENCY_KEY_LIFETIME`, `SHARED_RATE_LIMITS` and
    /// `AUDIT_LOG_PATH`; what is wrong is noted in `settings`.
    package init(_ settings: SettingsReader) {
        place = Self.place(settings)
        retention = settings.duration("LEDGER_RETENTION", default: Self.defaultRetention, in: Self.retentionRange)
        keyLifetime = settings.duration(
            "IDEMPOTENCY_KEY_LIFETIME",
            default: Self.defaultKeyLifetime,
            in: Self.keyLifetimeRange
        )
        sharesRateLimits = settings.flag("SHARED_RATE_LIMITS", default: false)
        auditLogPath = settings.text("AUDIT_LOG_PATH")
        if retention < keyLifetime {
            settings.report(
                "LEDGER_RETENTION",
                "it is shorter than IDEMPOTENCY_KEY_LIFETIME, so that a repeated request could not be recognized",
                fix: "Give as much or more"
            )
        }
        if sharesRateLimits, !place.isShared {
            settings.report(
                "SHARED_RATE_LIMITS",
                "the ledger is not in PostgreSQL, so that there is nothing to share them by",
                fix: "Leave it out, or give a LEDGER_URL such as postgresql://USER:PASSWORD@HOST/DATABASE"
            )
        }
        if case .none = place, auditLogPath != nil {
            settings.report(
                "AUDIT_LOG_PATH",
                "without a ledger there is nothing to write there",
                fix: "Leave it out, or give a LEDGER_URL other than none"
            )
        }
    }

    /// A URL may hold a password, so that it is read like a secret: never as a flag, and from a file where `LEDGER_URL_FILE` names one.
    private static func place(_ settings: SettingsReader) -> Place {
        guard let url = settings.secret("LEDGER_URL") else { return .sqlite(path: defaultPath) }
        let place: Place? = url.reveal { text in
            if text == "none" { return Place.none }
            if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") { return .postgresql(url) }
            guard text.hasPrefix("sqlite:") else { return nil }
            var path = text.dropFirst("sqlite:".count)
            if path.hasPrefix("//") { path = path.dropFirst(2) }
            return path.isEmpty || path.hasSuffix("/") ? nil : .sqlite(path: String(path))
        }
        if let place { return place }
        settings.report(
            "LEDGER_URL",
            "it is neither sqlite:PATH nor postgresql://USER:PASSWORD@HOST/DATABASE nor none",
            fix: "Give one of these, or leave it out for sqlite:\(defaultPath)"
        )
        return .none
    }
}
