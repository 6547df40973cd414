import HTTPTypes
import Settings
import Telemetry
import Testing
import Traces
import Transport

@Suite("TraceConfiguration")
struct TraceConfigurationTests {
    private func read(_ environment: [String: String]) throws -> TraceConfiguration {
        let settings = SettingsReader(environment: environment)
        let configuration = TraceConfiguration(settings)
        try settings.finish()
        return configuration
    }

    @Test("without a word of it nothing is exported, and traceparent goes in and out")
    func nothing() throws {
        let configuration = try read([:])
        #expect(configuration.endpoint == nil)
        #expect(configuration.isPropagating)
        #expect(configuration.summary == "not exported")
    }

    @Test(
        "the endpoint is the common one with a path of its own, or that for traces as it is",
        arguments: [
            (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"], "http://collector:4318/v1/traces"),
            (["OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector/otlp/"], "https://collector/otlp/v1/traces"),
            (
                [
                    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://traces:1/in",
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318",
                ], "http://traces:1/in"
            ),
            (["OTEL_TRACES_EXPORTER": "otlp"], "http://localhost:4318/v1/traces"),
            (["OTEL_TRACES_EXPORTER": "console, otlp"], "http://localhost:4318/v1/traces"),
            (["OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"], nil),
            (["OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"], nil),
        ] as [([String: String], String?)]
    )
    func endpoint(environment: [String: String], expected: String?) throws {
        #expect(try read(environment).endpoint?.description == expected)
    }

    @Test(
        "of the propagators there is one here, and the others in the list are nobody's business",
        arguments: [
            ("tracecontext,baggage", true), ("baggage, tracecontext", true), ("b3,tracecontext", true),
            ("baggage", false), ("none", false),
        ]
    )
    func propagators(list: String, isPropagating: Bool) throws {
        #expect(try read(["OTEL_PROPAGATORS": list]).isPropagating == isPropagating)
    }

    @Test(
        "how spans are sent is judged only where any are",
        arguments: [
            ["OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"],
            ["OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"], [:],
        ]
    )
    func unused(environment: [String: String]) throws {
        let unavailable = [
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "gzip",
            "OTEL_EXPORTER_OTLP_CLIENT_KEY": "/key",
        ]
        #expect(try read(environment.merging(unavailable) { $1 }).endpoint == nil)
        // Flags are known whether they are judged or not.
        let flags = SettingsReader(arguments: ["--otel-exporter-otlp-protocol", "grpc"], environment: environment)
        _ = TraceConfiguration(flags)
        try flags.finish()
    }

    @Test("an exporter that is not here is told with the ones that are")
    func otherExporter() {
        let settings = SettingsReader(environment: ["OTEL_TRACES_EXPORTER": "console,zipkin"])
        _ = TraceConfiguration(settings)
        #expect(settings.problems.first?.reason == "spans are exported as otlp alone, and 'console,zipkin' is not that")
    }

    @Test("all else has the standard's defaults")
    func defaults() throws {
        let configuration = try read(["OTEL_TRACES_EXPORTER": "otlp"])
        #expect(configuration.sampler == TraceSampler(.always))
        #expect(configuration.timeout == .seconds(10) && configuration.exportTimeout == .seconds(30))
        #expect(configuration.scheduleDelay == .seconds(5))
        #expect(configuration.queueCapacity == 2048 && configuration.batch == 512)
        #expect(configuration.resource.map(\.name) == ["service.name", "service.instance.id"])
        #expect(configuration.resource.first?.value == "enrollment-gateway")
        #expect(configuration.fields.isEmpty && configuration.certificate == nil)
    }

    @Test("what is given for traces alone goes before what is given for all")
    func specific() throws {
        let configuration = try read([
            "OTEL_EXPORTER_OTLP_TIMEOUT": "1000", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "250",
            "OTEL_EXPORTER_OTLP_HEADERS": "a=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": " api-key = c%20d%2C, other=e=f ",
            "OTEL_EXPORTER_OTLP_CERTIFICATE": "/all", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE": "/traces",
            "OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_BSP_EXPORT_TIMEOUT": "2000", "OTEL_BSP_MAX_QUEUE_SIZE": "20",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none", "OTEL_PROPAGATORS": "none",
        ])
        #expect(configuration.timeout == .milliseconds(250) && configuration.exportTimeout == .seconds(2))
        #expect(configuration.fields.map(\.name.canonicalName) == ["api-key", "other"])
        #expect(configuration.fields.map { $0.value.reveal(\.self) } == ["c d,", "e=f"])
        #expect(configuration.certificate?.path == "/traces")
        #expect(configuration.certificate?.setting == "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE")
        #expect(configuration.scheduleDelay == .milliseconds(100))
        #expect(configuration.queueCapacity == 20 && configuration.batch == 10)
        #expect(!configuration.isPropagating)
    }

    @Test(
        "the samplers are the standard's",
        arguments: [
            ("always_on", TraceSampler(.always, followsParent: false)),
            ("always_off", TraceSampler(.never, followsParent: false)),
            ("traceidratio", TraceSampler(.ratio(0.25), followsParent: false)),
            ("parentbased_always_on", TraceSampler(.always)), ("parentbased_always_off", TraceSampler(.never)),
            ("parentbased_traceidratio", TraceSampler(.ratio(0.25))),
        ]
    )
    func samplers(name: String, sampler: TraceSampler) throws {
        let configuration = try read(["OTEL_TRACES_SAMPLER": name, "OTEL_TRACES_SAMPLER_ARG": "0.25"])
        #expect(configuration.sampler == sampler)
    }

    @Test("the service's name goes before one among the attributes")
    func resource() throws {
        let attributes = "service.name=a,deployment.environment.name=pro%64,service.instance.id=i"
        let given = try read(["OTEL_RESOURCE_ATTRIBUTES": attributes])
        #expect(given.resource.map(\.name) == ["service.name", "deployment.environment.name", "service.instance.id"])
        #expect(given.resource.map(\.value) == ["a", "prod", "i"])
        let named = try read(["OTEL_RESOURCE_ATTRIBUTES": attributes, "OTEL_SERVICE_NAME": "b"])
        #expect(named.resource.filter { $0.name == "service.name" }.map(\.value) == ["b"])
        #expect(named.resource.count == 3)
    }

    @Test(
        "each mistake is told with its name",
        arguments: [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://a b"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"), ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/key"),
            ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "/certificate"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
            ("OTEL_TRACES_EXPORTER", "console"), ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
            ("OTEL_SDK_DISABLED", "perhaps"), ("OTEL_RESOURCE_ATTRIBUTES", "service.name"),
            ("OTEL_RESOURCE_ATTRIBUTES", "a=%ZZ"), ("OTEL_RESOURCE_ATTRIBUTES", "a=1,a=2"), ("OTEL_PROPAGATORS", "b3"),
            ("OTEL_BSP_SCHEDULE_DELAY", "0"), ("OTEL_BSP_EXPORT_TIMEOUT", "x"), ("OTEL_BSP_MAX_QUEUE_SIZE", "1000000"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4096"),
        ]
    )
    func mistakes(name: String, value: String) {
        let collector = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"]
        let settings = SettingsReader(environment: collector.merging([name: value]) { $1 })
        _ = TraceConfiguration(settings)
        #expect(settings.problems.map(\.name) == [name])
    }

    @Test("a ratio is from 0 to 1", arguments: ["-0.1", "1.1", "nan", "half"])
    func ratio(text: String) {
        let settings = SettingsReader(environment: [
            "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": text,
        ])
        _ = TraceConfiguration(settings)
        #expect(settings.problems.map(\.name) == ["OTEL_TRACES_SAMPLER_ARG"])
    }

    @Test(
        "no header field is shown, right or wrong",
        arguments: ["api-key=canary", "canary", "a b=canary", "a=canary%0A"]
    )
    func secrecy(text: String) {
        let settings = SettingsReader(environment: [
            "OTEL_EXPORTER_OTLP_HEADERS": text,
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector/in?key=canary",
        ])
        let configuration = TraceConfiguration(settings)
        #expect(settings.problems.count == (text == "api-key=canary" ? 0 : 1))
        #expect(!"\(settings.problems) \(configuration.summary) \(configuration.fields)".contains("canary"))
        let flags = SettingsReader(arguments: ["--otel-exporter-otlp-headers", "api-key=canary"], environment: [:])
        _ = TraceConfiguration(flags)
        #expect(flags.problems.map(\.name) == ["OTEL_EXPORTER_OTLP_HEADERS"])
    }
}
