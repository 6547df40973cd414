import CoreMetrics
import CurlTransport
import Entra
import GatewayAPI
import Graph
import KeyRing
import Ledger
import Logging
import NIOCore
import Reloading
import ServiceLifecycle
import Settings
import Telemetry
import Tracing
import Transport

/// The parts put together: transport, access tokens, Graph, and the two servers.
struct GatewayService {
    private let configuration: ServiceConfiguration
    private let transport: CurlTransport
    private let credential: CredentialInUse
    private let cache: TokenCache
    private let keys: LiveKeyRing
    private let ledger: Ledger?
    private let tokens: EnrollmentTokens
    private let traces: TraceExport
    private let reloadSignal = ReloadSignal()
    /// Of TLS to callers.
    private let certificate: LiveCallerCertificate?
    private let applications: GatewayApplications
    private let logger: Logger

    /// - Throws: ``CurlTransportError``, or ``LedgerFault`` where the ledger cannot be used.
    init(_ configuration: ServiceConfiguration, logger: Logger) async throws {
        self.configuration = configuration
        self.logger = logger
        transport = try CurlTransport(configuration: configuration.curl)
        traces = try TraceExport(configuration.traces, logger: logger)
        let clock = ContinuousClock()
        let registry = configuration.measures ? MetricsRegistry(MetricDescription.gateway) : nil
        let metrics: any MetricsFactory = registry ?? NOOPMetricsHandler.instance as any MetricsFactory
        // What libraries measure comes along.
        if let registry { MetricsSystem.bootstrap(registry) }
        credential = configuration.access.credential(transport: transport, clock: clock, logger: logger)
        cache = TokenCache(
            source: credential.source,
            clock: clock,
            logger: logger,
            metrics: metrics,
            tracer: traces.tracer
        )
        let (transport, cache, credential) = (transport, cache, credential)
        keys = LiveKeyRing(configuration.gateway.keys, logger: logger)
        let keys = keys
        let store = configuration.ledger.place.store()
        ledger = try await Self.ledger(
            store,
            configuration,
            metrics: LedgerMetrics(metrics),
            clock: clock,
            logger: logger
        )
        let ledger = ledger
        tokens = EnrollmentTokens(
            configuration: configuration.graph,
            transport: transport,
            tokens: cache,
            peers: store.map { store in
                LedgerPeers(
                    store: store,
                    limit: configuration.graph.writeLimit,
                    tenant: configuration.access.applicationName,
                    clock: clock
                )
            },
            metrics: GraphMetrics(metrics),
            clock: clock
        )
        certificate = try Self.certificate(configuration.gateway, logger: logger)
        let console = ConsoleSources(
            startedAt: .now,
            transport: transport,
            upstreamLimit: configuration.curl.maximumActive,
            credential: credential,
            cache: cache,
            keys: keys,
            ledger: ledger,
            tokens: tokens,
            certificate: certificate
        )
        let loops = LoopWatch.common + [LoopWatch.Loop(name: "transfers") { transport.watchNextTurn($0) }]
        applications = GatewayApplications(
            configuration: Self.fitted(configuration, logger: logger),
            keys: keys,
            operations: tokens,
            ledger: ledger,
            sharedQuota: configuration.ledger.sharesRateLimits ? store?.sharing.map { SharedQuota($0) } : nil,
            certificate: certificate,
            checks: [
                AccessTokenCheck { cache.health }, PermissionCheck { cache.health },
                CredentialCheck { credential.facts }, KeyRingCheck { keys.facts },
                LedgerCheck { ledger?.health },
            ],
            metrics: registry,
            metricsPage: registry.map { registry in
                MetricsPage(mediaType: MetricsReading.mediaType) { await registry.read().text }
            },
            console: console.read,
            loops: loops,
            phase: .starting,
            tracer: traces.tracer,
            clock: clock,
            logger: logger
        )
        guard let registry else { return }
        MetricSources(
            transport: transport,
            credential: credential,
            cache: cache,
            keys: keys,
            ledger: ledger,
            tokens: tokens,
            applications: applications,
            certificate: certificate,
            spans: traces.queue
        ).add(to: registry)
    }

    /// Whether the management side has the operator's console.
    var hasConsole: Bool { applications.hasConsole }

    /// Serves until it is asked to end, finishes what is in flight, and returns. Where that takes too long the process ends here.
    ///
    /// - Parameters:
    ///   - stopping: is asked for the end.
    ///   - onRunning: is told the ports once both are open.
    /// - Throws: ``ListenError`` when a port cannot be opened.
    func run(
        _ stopping: Stopping,
        onRunning: @escaping @Sendable (_ callers: Int, _ management: Int) async -> Void = { _, _ in }
    ) async throws {
        let logger = logger
        let admission = applications.admission
        let (managementPorts, managementPort) = AsyncStream.makeStream(of: Int.self)
        let gateway = applications.gateway { port in
            admission.enter(.open)
            logger.notice("Serving callers", metadata: ["http.port": "\(port)"])
            for await management in managementPorts { return await onRunning(port, management) }
        }
        let management = applications.management { port in
            managementPort.yield(port)
            logger.notice("Serving management", metadata: ["management.port": "\(port)"])
        }
        // What libraries have to tell comes along.
        if traces.queue != nil { InstrumentationSystem.bootstrap(traces.tracer) }
        logger.notice("Credential in use", metadata: credential.facts.metadata)
        if !configuration.access.unused.isEmpty {
            logger.warning(
                "Settings of another credential are given too and not used",
                metadata: ["settings": "\(configuration.access.unused.joined(separator: ", "))"]
            )
        }
        if ledger == nil {
            logger.warning(
                "No ledger is kept: an Idempotency-Key is refused, what is under way when the gateway ends by force is not looked into, and nobody can be told later who asked for what",
                metadata: ["setting": "LEDGER_URL=none"]
            )
        }
        // Stopped in reverse: first the servers as their requests end, then the transport, and last what tells of all of them.
        let services = ServiceGroup(
            services: [traces.service].compactMap(\.self)
                + [transport, reloadSignal, TokenRefresher(cache: cache)]
                + [ledger.map { LedgerService($0, settling: tokens) }].compactMap(\.self) + watches + [
                    Listener(
                        service: management,
                        address: .init(
                            configuration.gateway.managementHost,
                            configuration.gateway.managementPort,
                            "MANAGEMENT_PORT"
                        )
                    ),
                    CallersListener(
                        listener: Listener(
                            service: gateway,
                            address: .init(configuration.gateway.host, configuration.gateway.port, "HTTP_PORT")
                        ),
                        firstToken: FirstAccessToken(
                            of: cache,
                            limit: configuration.gateway.startupLimit,
                            clock: ContinuousClock()
                        ),
                        logger: logger
                    ),
                ],
            logger: logger
        )
        let stoppable = StoppableServices(
            services: services,
            applications: applications,
            configuration: configuration.gateway,
            logger: logger
        )
        try await stoppable.run(until: stopping)
        logger.notice("Stopped")
    }
}

extension GatewayService {
    private static func ledger(
        _ store: (any LedgerStore)?,
        _ configuration: ServiceConfiguration,
        metrics: LedgerMetrics,
        clock: any MonotonicClock,
        logger: Logger
    ) async throws(LedgerFault) -> Ledger? {
        guard let store else { return nil }
        var audit: AuditLog?
        if let path = configuration.ledger.auditLogPath { audit = try AuditLog(path: path, logger: logger) }
        let ledger = Ledger(
            store: store,
            configuration: configuration.ledger,
            deadline: configuration.graph.deadline,
            audit: audit,
            metrics: metrics,
            clock: clock,
            logger: logger
        )
        try await ledger.openStore()
        await ledger.startIfNothingIsLeft()
        return ledger
    }

    private static func certificate(
        _ configuration: GatewayConfiguration,
        logger: Logger
    ) throws(SettingsError) -> LiveCallerCertificate? {
        guard let files = configuration.certificateFiles, let first = configuration.certificate else { return nil }
        do throws(SettingsProblem) {
            return try LiveCallerCertificate(files, first: first, logger: logger)
        } catch {
            throw SettingsError(problems: [error])
        }
    }

    /// With as many connections as there are descriptors for. What is to be open for good is open by now.
    private static func fitted(_ configuration: ServiceConfiguration, logger: Logger) -> GatewayConfiguration {
        var gateway = configuration.gateway
        let wanted = gateway.limits.maximumConnections
        let least = GatewayApplications.leastManagementConnections
        let room = DescriptorRoom.make(
            for: wanted,
            besides: least + configuration.curl.maximumTotalConnections,
            and: GatewayApplications.managementConnections - least
        )
        gateway.limits.maximumConnections = room.connections
        gateway.managementConnections = least + room.more
        if gateway.limits.maximumConnections < wanted {
            logger.warning(
                "Too few files may be open for HTTP_MAX_CONNECTIONS: fewer connections of callers are taken",
                metadata: ["connections.limit": "\(gateway.limits.maximumConnections)"]
            )
        }
        return gateway
    }

    /// What keeps an eye on the key ring's file, and on the ends of the certificate and the credential and their files.
    private var watches: [any Service] {
        let (cache, credential, clock) = (cache, credential, ContinuousClock())
        var watches: [any Service] = [
            KeyRingWatch(keys, signal: reloadSignal, clock: clock),
            ExpiryWatch(clock: clock, logger: logger) { credential.facts.expiry },
        ]
        if let watched = credential.watched {
            watches.append(CredentialWatch(watched, signal: reloadSignal, clock: clock) { cache.renewNow() })
        }
        if let certificate {
            watches.append(CallerCertificateWatch(certificate, signal: reloadSignal, clock: clock))
            watches.append(ExpiryWatch(clock: clock, logger: logger) { certificate.expiry })
        }
        return watches
    }
}
