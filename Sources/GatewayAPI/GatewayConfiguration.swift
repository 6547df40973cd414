import Graph
package import KeyRing
package import Settings

/// The callers' side and the management side, as the operator has set them.
package struct GatewayConfiguration: Sendable {
    package var host: String
    package var port: Int
    package var managementHost: String
    package var managementPort: Int
    /// So many the management port takes; fewer where there are not descriptors for all.
    package var managementConnections = GatewayApplications.managementConnections
    package var limits: EdgeLimits
    /// Of TLS to callers; `nil` for plain HTTP.
    package var certificateFiles: CallerCertificateFiles?
    /// What they hold, once they are read.
    package var certificate: CallerCertificate?
    package var rules: TokenRules
    /// Wrong keys from one address.
    package var badKeyLimit: SettingRate?
    /// Whose `X-Forwarded-For` is believed.
    package var trustedProxies: TrustedProxies
    /// Whose web pages may read answers of the callers' side.
    package var allowedOrigins: AllowedOrigins
    /// The try-it page and the reference; `nil`: not served.
    package var docs: Docs?
    /// Whether that is the operator's choice.
    package let choosesDocs: Bool
    /// At least one key is needed to serve.
    package var keys: KeyRingConfiguration
    /// How long the callers' port waits for the first access token.
    package var startupLimit: Duration
    /// How long new requests are served after SIGTERM.
    package var shutdownGrace: Duration
    /// How long to finish what is in flight after that.
    package var shutdownLimit: Duration

    package struct Docs: Sendable {
        /// What the page names to whoever has none; a sandbox alone has a key that everybody may know.
        package var sandboxKey: String?

        package init(sandboxKey: String? = nil) { self.sandboxKey = sandboxKey }
    }

    package static let defaultBadKeyLimit = SettingRate(count: 60, interval: .seconds(60))
    package static let defaultStartupLimit = Duration.seconds(10)
    package static let defaultShutdownGrace = Duration.zero
    package static let defaultShutdownLimit = Duration.seconds(35)
    package static let defaultPort = 8080
    package static let defaultManagementPort = 9090

    /// Reads `HTTP_…`, `MANAGEMENT_…`, `TOKEN_…`, `TRUSTED_PROXIES`, `CORS_ALLOWED_ORIGINS`, `DOCS`, `GRAPH_PROFILE_KIND`, `API_KEY…`,
    /// `STARTUP_LIMIT` and `SHUTDOWN_…`; what is wrong is noted in `settings`.
    package init(_ settings: SettingsReader) {
        host = settings.text("HTTP_HOST") ?? "127.0.0.1"
        port = settings.integer("HTTP_PORT", default: Self.defaultPort, in: 0...65535)
        managementHost = settings.text("MANAGEMENT_HOST") ?? "127.0.0.1"
        managementPort = settings.integer("MANAGEMENT_PORT", default: Self.defaultManagementPort, in: 0...65535)
        limits = EdgeLimits(settings)
        certificateFiles = CallerCertificateFiles(settings)
        rules = TokenRules(settings)
        badKeyLimit =
            settings.rate("HTTP_MAX_BAD_KEYS", default: Self.defaultBadKeyLimit, mayBeOff: true)
        trustedProxies = TrustedProxies(settings)
        allowedOrigins = AllowedOrigins(settings)
        choosesDocs = settings.isGiven("DOCS")
        docs = settings.flag("DOCS", default: false) ? Docs() : nil
        let lifecycle = Duration.zero...Duration.seconds(600)
        startupLimit = settings.duration("STARTUP_LIMIT", default: Self.defaultStartupLimit, in: lifecycle)
        shutdownGrace = settings.duration("SHUTDOWN_GRACE", default: Self.defaultShutdownGrace, in: lifecycle)
        shutdownLimit = settings.duration(
            "SHUTDOWN_LIMIT",
            default: Self.defaultShutdownLimit,
            in: .seconds(1)...(.seconds(600))
        )
        keys = KeyRingConfiguration(settings)
        if port != 0, port == managementPort {
            settings.report(
                "MANAGEMENT_PORT",
                "it is the same as HTTP_PORT",
                fix: "Give the management side a port of its own"
            )
        }
    }
}

extension GatewayConfiguration {
    /// Reads the files that callers need: the key ring and the certificate. For who lets callers in, and for nobody else. What is
    /// wrong is noted in `settings`.
    package mutating func readFiles(_ settings: SettingsReader) {
        keys.readFile(settings)
        do throws(SettingsProblem) {
            certificate = try certificateFiles?.read()
        } catch {
            settings.report(error)
        }
    }
}

extension EdgeLimits {
    fileprivate init(_ settings: SettingsReader) {
        self.init()
        let time = Duration.milliseconds(100)...Duration.seconds(3600)
        headerTimeout = settings.duration("HTTP_HEADER_TIMEOUT", default: headerTimeout, in: time)
        bodyTimeout = settings.duration("HTTP_BODY_TIMEOUT", default: bodyTimeout, in: time)
        idleTimeout = settings.duration("HTTP_IDLE_TIMEOUT", default: idleTimeout, in: time)
        writeTimeout = settings.duration("HTTP_WRITE_TIMEOUT", default: writeTimeout, in: time)
        maximumBodyBytes = settings.integer("HTTP_MAX_BODY_BYTES", default: maximumBodyBytes, in: 64...1_048_576)
        maximumHeaderBytes = settings.integer(
            "HTTP_MAX_HEADER_BYTES",
            default: maximumHeaderBytes,
            in: 1024...1_048_576
        )
        maximumHeaderFields = settings.integer("HTTP_MAX_HEADER_FIELDS", default: maximumHeaderFields, in: 10...1000)
        maximumURLBytes = settings.integer("HTTP_MAX_URL_BYTES", default: maximumURLBytes, in: 256...65_536)
        maximumConnections = settings.integer("HTTP_MAX_CONNECTIONS", default: maximumConnections, in: 1...1_000_000)
        maximumConnectionsPerAddress = settings.limit(
            "HTTP_MAX_CONNECTIONS_PER_ADDRESS",
            default: maximumConnectionsPerAddress,
            in: 1...1_000_000
        )
        maximumRequestsPerConnection = settings.limit(
            "HTTP_MAX_REQUESTS_PER_CONNECTION",
            default: maximumRequestsPerConnection,
            in: 1...1_000_000_000
        )
        maximumInFlight = settings.integer("HTTP_MAX_IN_FLIGHT", default: maximumInFlight, in: 1...1024)
    }
}

extension TokenRules {
    fileprivate init(_ settings: SettingsReader) {
        let range = Self.leastValidity...Self.validityCeiling
        self.init(
            defaultKind: settings.choice("GRAPH_PROFILE_KIND", default: ProfileKind.androidForWork),
            defaultValidityInSeconds: settings.integer(
                "TOKEN_DEFAULT_VALIDITY_SECONDS",
                default: Self.defaultValidity,
                in: range
            ),
            greatestValidityInSeconds: settings.integer(
                "TOKEN_MAX_VALIDITY_SECONDS",
                default: Self.defaultGreatestValidity,
                in: range
            ),
            expiringInSeconds: settings.integer(
                "TOKEN_EXPIRING_SECONDS",
                default: Self.defaultExpiring,
                in: 0...Self.validityCeiling
            )
        )
        guard defaultValidityInSeconds > greatestValidityInSeconds else { return }
        if settings.isGiven("TOKEN_DEFAULT_VALIDITY_SECONDS") {
            settings.report(
                "TOKEN_DEFAULT_VALIDITY_SECONDS",
                "it is above TOKEN_MAX_VALIDITY_SECONDS (\(greatestValidityInSeconds))",
                fix: "Lower it, or raise the other"
            )
        } else {
            // A ceiling below the built-in default is meant: then it is the default too.
            defaultValidityInSeconds = greatestValidityInSeconds
        }
    }
}
