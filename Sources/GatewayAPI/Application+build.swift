import Activity
package import Console
package import CoreMetrics
import Graph
import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import KeyRing
package import Ledger
package import Logging
import NIOCore
import NIOPosix
package import Traces
package import Transport

/// Everything that the HTTP face is made of. The order of the middleware is read here.
package struct GatewayApplications: Sendable {
    package typealias GatewayApplication = Application<RouterResponder<GatewayContext>>

    private let configuration: GatewayConfiguration
    private let keys: LiveKeyRing
    private let operations: PermittedOperations
    private let ledger: Ledger?
    private let sharedQuota: SharedQuota?
    private let certificate: LiveCallerCertificate?
    private let checks: [any ReadinessCheck]
    /// `nil` where nothing is measured.
    private let metrics: RequestMetrics?
    private let metricsPage: MetricsPage?
    /// `nil` where the port is open to more than this machine.
    private let console: ConsoleRoutes?
    package var hasConsole: Bool { console != nil }
    /// What is kept for it.
    let history: RequestHistory?
    /// `nil` where they are not served.
    private let docs: DocsRoutes?
    /// The callers' side.
    private let routes: RouteTable
    private let loops: LoopWatch
    private let tracer: SpanTracer
    private let clock: any MonotonicClock
    private let logger: Logger
    package let admission: Admission
    /// Those of the callers' side.
    package let connections: CallerConnections

    /// - Parameters:
    ///   - certificate: for TLS to callers; without one they are served over plain HTTP.
    ///   - console: what the operator's console shows of the other parts. It is served where the management port is on a loopback
    ///     address.
    package init(
        configuration: GatewayConfiguration,
        keys: LiveKeyRing,
        operations: any EnrollmentOperations,
        ledger: Ledger? = nil,
        sharedQuota: SharedQuota? = nil,
        certificate: LiveCallerCertificate? = nil,
        checks: [any ReadinessCheck],
        metrics: (any MetricsFactory)? = nil,
        metricsPage: MetricsPage? = nil,
        console: (@Sendable () -> ConsoleReading)? = nil,
        loops: [LoopWatch.Loop] = LoopWatch.common,
        phase: Admission.Phase = .open,
        tracer: SpanTracer = SpanTracer(),
        clock: any MonotonicClock = ContinuousClock(),
        logger: Logger
    ) {
        self.configuration = configuration
        self.keys = keys
        self.operations = PermittedOperations(operations)
        self.ledger = ledger
        self.sharedQuota = sharedQuota
        self.certificate = certificate
        self.checks = checks
        self.metrics = metrics.map { RequestMetrics($0) }
        self.metricsPage = metricsPage
        docs = configuration.docs.map {
            DocsRoutes(sandboxKey: $0.sandboxKey, expiringInSeconds: configuration.rules.expiringInSeconds)
        }
        routes = docs == nil ? .gateway : .gatewayWithDocs
        self.loops = LoopWatch(loops, clock: clock, logger: logger)
        self.tracer = tracer
        self.clock = clock
        self.logger = logger
        admission = Admission(capacity: configuration.limits.maximumInFlight, phase: phase)
        connections = CallerConnections(
            mostPerAddress: configuration.limits.maximumConnectionsPerAddress,
            proxies: configuration.trustedProxies,
            logger: logger
        )
        guard let console, LoopbackName.isLoopback(host: configuration.managementHost) else {
            (self.console, history) = (nil, nil)
            return
        }
        let source = ConsoleSource(
            others: console,
            checks: [AdmissionCheck(admission: admission)] + checks,
            admission: admission,
            connections: connections,
            limits: configuration.limits,
            history: RequestHistory(clock: clock)
        )
        history = source.history
        self.console = ConsoleRoutes(source.pages, clock: clock) { ConsolePages.keyPages(of: keys.facts) }
    }

    /// The callers' side.
    package func gateway(onRunning: @escaping @Sendable (Int) async -> Void = { _ in }) -> GatewayApplication {
        build(
            gatewayRouter(),
            host: configuration.host,
            port: configuration.port,
            maximumConnections: configuration.limits.maximumConnections,
            connections: connections,
            certificate: certificate,
            origins: configuration.allowedOrigins,
            metrics: metrics,
            history: history,
            tracer: tracer,
            onRunning: onRunning
        )
    }

    /// The management side.
    package func management(onRunning: @escaping @Sendable (Int) async -> Void = { _ in }) -> GatewayApplication {
        build(
            managementRouter(),
            host: configuration.managementHost,
            port: configuration.managementPort,
            maximumConnections: configuration.managementConnections,
            connections: CallerConnections(logger: logger),
            eventLoops: Self.managementLoops,
            onRunning: onRunning
        )
    }

    /// A loop of its own, so that what holds up the others is seen from here. It lives as long as the process.
    private static let managementLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// A flood of callers must not use up those of health checks and scrapers, nor they the callers'; and a hundred open consoles,
    /// whose browsers have up to six each, must leave room for the probes.
    package static let managementConnections = 1024
    /// Where few files may be open, so many of them there are all the same.
    package static let leastManagementConnections = 128

    package func gatewayRouter() -> Router<GatewayContext> {
        let router = Router(context: GatewayContext.self)
        router.add(middleware: RequestIDMiddleware(routes: routes))
        router.add(middleware: TraceMiddleware(tracer: tracer, routes: routes))
        let log = AccessLog(logger)
        let report = ReportMiddleware(log: log, metrics: metrics, history: history, routes: routes, clock: clock)
        router.add(middleware: report)
        router.add(middleware: CORSMiddleware(origins: configuration.allowedOrigins, routes: .gateway))
        router.add(middleware: RateLimitFieldsMiddleware())
        router.add(middleware: ProblemMiddleware(routes: routes))
        router.add(middleware: AdmissionMiddleware(admission: admission))
        router.get(RouterPath(RouteTable.contract.path), use: ContractRoutes().read)
        docs?.add(to: router)

        let keyMiddleware = APIKeyMiddleware(
            keys: keys,
            failures: configuration.badKeyLimit.map { FailureTable(limit: $0, clock: clock) },
            proxies: configuration.trustedProxies,
            shared: sharedQuota,
            clock: clock
        )
        let authenticated = router.group().add(middleware: keyMiddleware).group(context: AuthenticatedContext.self)
        addRoutes(to: authenticated)
        return router
    }

    private func addRoutes(to group: RouterGroup<AuthenticatedContext>) {
        let rules = configuration.rules
        let token = TokenRoutes(
            operations: operations,
            recorded: RecordedOperations(operations, ledger),
            rules: rules
        )
        let tokenPath = RouterPath(RouteTable.token.path)
        group.post(tokenPath, use: token.create)
        group.get(tokenPath, use: token.read)
        group.delete(tokenPath, use: token.revoke)
        group.get(RouterPath(RouteTable.qrCode.path), use: QRCodeRoutes(operations: operations, rules: rules).read)
        let profiles = ProfileRoutes(operations: operations, rules: rules)
        group.get(RouterPath(RouteTable.profiles.path), use: profiles.list)
        group.get(RouterPath(RouteTable.profile.path), use: profiles.read)
    }

    private func managementRouter() -> Router<GatewayContext> {
        let router = Router(context: GatewayContext.self)
        router.add(middleware: RequestIDMiddleware(routes: managementRoutes))
        router.add(middleware: ProblemMiddleware(routes: managementRoutes))
        let routes = HealthRoutes(checks: readinessChecks, loops: loops)
        router.get("/livez", use: routes.alive)
        router.get("/readyz", use: routes.ready)
        if let metricsPage {
            router.get(RouterPath(MetricsRoutes.path.path), use: MetricsRoutes(page: metricsPage).read)
        }
        console?.add(to: router)
        return router
    }

    private var managementRoutes: RouteTable {
        var table = HealthRoutes.table
        if metricsPage != nil { table.entries.append(MetricsRoutes.path) }
        if console != nil { table.entries += [ConsoleRoutes.overview, ConsoleRoutes.request, ConsoleRoutes.asset] }
        return table
    }

    private var readinessChecks: [any ReadinessCheck] { [AdmissionCheck(admission: admission)] + checks }

    /// What `/readyz` says, check by check.
    package func readiness() async -> [(check: String, status: ReadinessFinding.Status)] {
        var findings: [(check: String, status: ReadinessFinding.Status)] = []
        for check in readinessChecks { findings.append((check.name, await check.finding().status)) }
        return findings
    }

    private func build(
        _ router: Router<GatewayContext>,
        host: String,
        port: Int,
        maximumConnections: Int,
        connections: CallerConnections,
        certificate: LiveCallerCertificate? = nil,
        origins: AllowedOrigins = AllowedOrigins(),
        metrics: RequestMetrics? = nil,
        history: RequestHistory? = nil,
        tracer: SpanTracer? = nil,
        eventLoops: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        onRunning: @escaping @Sendable (Int) async -> Void
    ) -> GatewayApplication {
        let responder = router.buildResponder()
        let channel = CallerChannel(
            limits: configuration.limits,
            connections: connections,
            security: certificate?.context,
            log: EdgeLog(log: AccessLog(logger), metrics: metrics, history: history, tracer: tracer),
            origins: origins,
            respond: CallerResponder(responder: responder, logger: logger).answer
        )
        return Application(
            responder: responder,
            // Hummingbird's closure around the responder writes to an asynchronous channel, which this server has none of.
            server: HTTPServerBuilder { _ in channel },
            configuration: .init(
                address: .hostname(host, port: port),
                // All callers may come at the same moment, as they do when a stop ends their connections: what the queue has no room for
                // is begun anew by its system later, maybe when the port is closed.
                backlog: max(maximumConnections, EdgeLimits.leastBacklog),
                availableConnectionsDelegate: ConnectionCapacity(maximumConnections, connections)
            ),
            onServerRunning: {
                connections.opened($0, loops: eventLoops)
                await onRunning($0.localAddress?.port ?? port)
            },
            eventLoopGroupProvider: .shared(eventLoops),
            logger: logger
        )
    }
}
