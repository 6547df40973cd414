import Console
import CoreMetrics
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import InMemoryLogging
import KeyRing
import Logging
import NIOCore
import ServiceLifecycle
import Settings
import Traces
import Transport

@testable import GatewayAPI
@testable import Graph

/// A gateway with a scripted creator behind it, and the requests that tests make of it.
struct Gateway: Sendable {
    static let key = "right-key-0123456789"
    static let profile = "7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6"
    static let path = "/profiles/\(profile)/token"

    let applications: GatewayApplications
    let tokens: ScriptedTokens
    let log: InMemoryLogHandler
    /// `nil` where nothing is kept.
    let kept: KeptLedger?

    /// - Parameter operations: what is behind it instead of the scripted creator.
    init(
        tokens: ScriptedTokens = ScriptedTokens(),
        operations: (any EnrollmentOperations)? = nil,
        settings: [String: String] = [:],
        limits: (inout EdgeLimits) -> Void = { _ in },
        checks: [any ReadinessCheck] = [],
        metrics: (any MetricsFactory)? = nil,
        metricsPage: MetricsPage? = nil,
        console: (@Sendable () -> ConsoleReading)? = nil,
        loops: [LoopWatch.Loop] = LoopWatch.common,
        ledger kept: KeptLedger? = nil,
        sharedQuota: SharedQuota? = nil,
        certificate: LiveCallerCertificate? = nil,
        clock: any MonotonicClock = ContinuousClock(),
        keys: [KeyEntry] = [],
        tracer: SpanTracer = SpanTracer(),
        logger ownLogger: Logger? = nil
    ) {
        let reader = SettingsReader(environment: settings)
        var configuration = GatewayConfiguration(reader)
        precondition(reader.problems.isEmpty, "\(reader.problems)")
        // A busy machine takes a while for what a caller sends; tests of these limits set their own.
        if settings["HTTP_HEADER_TIMEOUT"] == nil { configuration.limits.headerTimeout = .seconds(240) }
        if settings["HTTP_BODY_TIMEOUT"] == nil { configuration.limits.bodyTimeout = .seconds(240) }
        limits(&configuration.limits)
        var log = InMemoryLogHandler()
        log.logLevel = .trace
        let handler = log
        var logger = ownLogger ?? Logger(label: "test") { _ in handler }
        logger.logLevel = .trace
        self.log = log
        self.tokens = tokens
        self.kept = kept
        applications = GatewayApplications(
            configuration: configuration,
            keys: LiveKeyRing(
                document: KeyRingDocument(entries: keys),
                single: SingleKey(Secret(Self.key)),
                logger: logger
            ),
            operations: operations ?? tokens,
            ledger: kept?.ledger,
            sharedQuota: sharedQuota,
            certificate: certificate,
            checks: checks,
            metrics: metrics,
            metricsPage: metricsPage,
            console: console,
            loops: loops,
            tracer: tracer,
            clock: clock,
            logger: logger
        )
    }

    /// One request straight to the router.
    func send(
        _ method: HTTPRequest.Method = .post,
        _ uri: String = path,
        key: String? = key,
        _ fields: [(String, String)] = [],
        body: String? = nil
    ) async throws -> Answer {
        try await send(method, uri, key: key, fields, bytes: body.map { Array($0.utf8) })
    }

    func send(
        _ method: HTTPRequest.Method = .post,
        _ uri: String = path,
        key: String? = key,
        _ fields: [(String, String)] = [],
        bytes: [UInt8]?
    ) async throws -> Answer {
        try await applications.gateway().test(.router) { client in
            try await Self.send(with: client, method, uri, key: key, fields, bytes: bytes)
        }
    }

    /// A creation with more fields.
    func send(_ fields: [(String, String)], key: String? = key, body: String? = nil) async throws -> Answer {
        try await send(.post, Self.path, key: key, fields, body: body)
    }

    /// Several requests to one router, so that what it remembers between them counts.
    func withRouter<Value>(_ body: @Sendable (RouterSender) async throws -> Value) async throws -> Value {
        try await applications.gateway().test(.router) { try await body(RouterSender(client: $0)) }
    }

    /// The management side's answer.
    func manage(_ uri: String) async throws -> Answer { try await manage(.get, uri) }

    func manage(_ method: HTTPRequest.Method, _ uri: String) async throws -> Answer {
        try await applications.management().test(.router) { client in
            try await Self.send(with: client, method, uri, key: nil, [], bytes: nil)
        }
    }

    /// Runs the management side on a port.
    func withManagement<Value>(_ body: @Sendable (Int) async throws -> Value) async throws -> Value {
        try await applications.management().test(.live) { try await body($0.port!) }
    }

    /// Runs the callers' side on a port.
    func withServer<Value>(_ body: @Sendable (Int) async throws -> Value) async throws -> Value {
        try await applications.gateway().test(.live) { try await body($0.port!) }
    }

    /// Runs the callers' side as the service does until `body` has ended it, or has failed; returns when nothing of it is left.
    func withGroup(_ body: @escaping @Sendable (_ port: Int, _ group: ServiceGroup) async throws -> Void) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let application = applications.gateway { port.yield($0) }
        let group = ServiceGroup(configuration: .init(services: [application], logger: application.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                for await number in ports { return try await body(number, group) }
            }
            // The first failure ends the others; a server that nobody ends any more would hide it.
            for try await _ in tasks {}
        }
    }

    /// The facts on each access line so far, without the ids of its trace, which are new each time.
    var accessLines: [[String: String]] {
        lines("\(AccessLine.message)").map { $0.filter { $0.key != "trace.id" && $0.key != "span.id" } }
    }

    /// The facts on each line with this message so far.
    func lines(_ message: Logger.Message) -> [[String: String]] {
        log.entries.filter { $0.message == message }.map { $0.metadata.mapValues(\.description) }
    }

    /// All that was logged so far, of every layer.
    var everyLine: [String] { log.entries.map { "\($0.message) \($0.metadata)" } }

    fileprivate static func send(
        with client: any TestClientProtocol,
        _ method: HTTPRequest.Method,
        _ uri: String,
        key: String?,
        _ fields: [(String, String)],
        bytes: [UInt8]?
    ) async throws -> Answer {
        var headers = HTTPFields()
        if let key { headers.append(HTTPField(name: .apiKey, value: key)) }
        for (name, value) in fields { headers.append(HTTPField(name: .init(name)!, value: value)) }
        let response = try await client.executeRequest(
            uri: uri,
            method: method,
            headers: headers,
            body: bytes.map { ByteBuffer(bytes: $0) }
        )
        return Answer(
            status: response.status.code,
            fields: response.headers.map { ($0.name.rawName, $0.value) },
            body: String(buffer: response.body),
            bytes: Array(response.body.readableBytesView),
            toHEAD: method == .head
        )
    }
}

/// Sends to one router.
struct RouterSender {
    let client: any TestClientProtocol

    func send(
        _ method: HTTPRequest.Method = .post,
        _ uri: String = Gateway.path,
        key: String? = Gateway.key,
        _ fields: [(String, String)] = [],
        body: String? = nil
    ) async throws -> Answer {
        try await Gateway.send(with: client, method, uri, key: key, fields, bytes: body.map { Array($0.utf8) })
    }

    func send(
        _ fields: [(String, String)],
        key: String? = Gateway.key,
        body: String? = nil
    ) async throws -> Answer {
        try await send(.post, Gateway.path, key: key, fields, body: body)
    }
}

/// The fields of a request with a JSON body.
let jsonFields = [("Content-Type", "application/json")]
