import CurlTransport
import GatewayAPI
import Logging
import ServiceLifecycle
import Telemetry
import Traces
import Transport

/// How the service's traces are made and where they go.
struct TraceExport: Sendable {
    let tracer: SpanTracer
    /// `nil` where none are exported.
    let queue: SpanQueue?
    /// The same.
    let service: (any Service)?

    /// - Throws: ``CurlTransportError``.
    init(_ configuration: TraceConfiguration, logger: Logger) throws(CurlTransportError) {
        guard let endpoint = configuration.endpoint else {
            tracer = SpanTracer(isPropagating: configuration.isPropagating)
            (queue, service) = (nil, nil)
            return
        }
        var configuration = configuration
        if !configuration.resource.contains(where: { $0.name == "service.version" }) {
            configuration.resource.append(("service.version", GatewayVersion.text))
        }
        let queue = SpanQueue(capacity: configuration.queueCapacity, batch: configuration.batch)
        // The collector's own: what it is slow at holds up no request.
        let transport = try CurlTransport(
            configuration: CurlConfiguration(
                maximumConnectionsPerHost: 1,
                maximumTotalConnections: 2,
                certificateAuthoritiesPath: configuration.certificate?.path
            )
        )
        tracer = SpanTracer(
            queue: queue,
            sampler: configuration.sampler,
            isPropagating: configuration.isPropagating
        )
        self.queue = queue
        service = Sending(
            exporter: SpanExporter(to: endpoint, configuration, queue: queue, transport: transport, logger: logger),
            transport: transport
        )
        logger.notice("Exporting traces", metadata: ["collector": "\(configuration.summary)"])
    }

    /// The exporter, with a transport that lasts as long as it does.
    private struct Sending: Service {
        let exporter: SpanExporter
        let transport: CurlTransport

        func run() async throws {
            try await exporter.run()
            await transport.shutDown()
        }
    }
}
