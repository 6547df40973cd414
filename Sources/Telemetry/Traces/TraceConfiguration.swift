package import HTTPTypes
package import Settings
package import Traces
package import Transport

/// The standard `OTEL_…` settings of traces (OpenTelemetry, "Environment Variable Specification" and "OpenTelemetry Protocol
/// Exporter"). Where a setting has a name for traces alone, that goes before the common one.
package struct TraceConfiguration: Sendable {
    /// Where spans are sent; `nil` where none are.
    package var endpoint: UpstreamURL?
    /// Added to each request to the collector; any of them may be a secret.
    package var fields: [(name: HTTPField.Name, value: Secret)] = []
    /// For one request to the collector.
    package var timeout = Duration.seconds(10)
    /// For one batch, repetitions included.
    package var exportTimeout = Duration.seconds(30)
    package var sampling = Sampling.parentBasedAlways
    /// The share of traces that is recorded, where ``sampling`` has one.
    package var ratio = 1.0
    /// `service.name` and the like.
    package var resource: [(name: String, value: String)] = []
    /// How long a span waits for others at most.
    package var scheduleDelay = Duration.seconds(5)
    package var queueCapacity = 2048
    package var batch = 512
    /// What else than the system's certificates is trusted to vouch for the collector, and the setting that says so.
    package var certificate: (setting: String, path: String)?
    /// Whether `traceparent` is read and sent.
    package var isPropagating = true

    package static let defaultServiceName = "enrollment-gateway"
    /// Where a collector listens that is on the same machine.
    private static let defaultEndpoint = "http://localhost:4318"

    /// The words of `OTEL_TRACES_SAMPLER`.
    package enum Sampling: String, Sendable, CaseIterable {
        case always = "always_on"
        case never = "always_off"
        case ratio = "traceidratio"
        case parentBasedAlways = "parentbased_always_on"
        case parentBasedNever = "parentbased_always_off"
        case parentBasedRatio = "parentbased_traceidratio"

        package var hasRatio: Bool { self == .ratio || self == .parentBasedRatio }
    }

    package init() { resource = Self.complete([], name: nil) }

    package init(_ settings: SettingsReader) {
        readExporter(settings)
        readSampler(settings)
        readResource(settings)
        readBatches(settings)
        readPropagators(settings)
    }

    package var sampler: TraceSampler {
        switch sampling {
        case .always: TraceSampler(.always, followsParent: false)
        case .never: TraceSampler(.never, followsParent: false)
        case .ratio: TraceSampler(.ratio(ratio), followsParent: false)
        case .parentBasedAlways: TraceSampler(.always)
        case .parentBasedNever: TraceSampler(.never)
        case .parentBasedRatio: TraceSampler(.ratio(ratio))
        }
    }

    /// For people: where spans are sent, without a query, which may be a secret, and which are.
    package var summary: String {
        guard let endpoint else { return "not exported" }
        return endpoint.appending(path: "").description + ", " + sampling.rawValue
            + (sampling.hasRatio ? " \(ratio)" : "")
    }
}

extension TraceConfiguration {
    private mutating func readExporter(_ settings: SettingsReader) {
        let isDisabled = settings.flag("OTEL_SDK_DISABLED", default: false)
        let isChosen = choosesThisExporter(settings)
        endpoint = endpoint(settings)
        if isDisabled || !isChosen { endpoint = nil }
        refuseUnavailable(settings)
        timeout = milliseconds(Self.names("TIMEOUT"), timeout, settings)
        certificate = Self.names("CERTIFICATE").lazy.compactMap { name in settings.text(name).map { (name, $0) } }.first
        readFields(settings)
    }

    /// `OTEL_TRACES_EXPORTER` is a list: of others in it nothing is said where the one that is here is among them.
    private func choosesThisExporter(_ settings: SettingsReader) -> Bool {
        let name = "OTEL_TRACES_EXPORTER"
        guard let text = settings.text(name) else { return true }
        let exporters = Self.list(text)
        if exporters.contains("otlp") { return true }
        if exporters != ["none"] {
            settings.report(
                name,
                "spans are exported as otlp alone, and '\(clipped(text))' is not that",
                fix: "Give otlp, or none to export nothing"
            )
        }
        return false
    }

    /// `OTEL_PROPAGATORS` is a list: baggage is not handed on, as its absence from what is sent says well enough.
    private mutating func readPropagators(_ settings: SettingsReader) {
        let name = "OTEL_PROPAGATORS"
        guard let text = settings.text(name) else { return }
        let propagators = Self.list(text)
        isPropagating = propagators.contains("tracecontext")
        if !isPropagating, propagators != ["none"], !propagators.contains("baggage") {
            settings.report(
                name,
                "traces are propagated as tracecontext alone, and '\(clipped(text))' is not that",
                fix: "Give tracecontext, or none"
            )
        }
    }

    private static func list(_ text: String) -> [String] { text.split(separator: ",").map { String(trimmed($0)) } }

    /// The setting's name for traces alone, and the common one.
    private static func names(_ end: String) -> [String] {
        ["OTEL_EXPORTER_OTLP_TRACES_" + end, "OTEL_EXPORTER_OTLP_" + end]
    }

    /// What would change how spans are sent, and is not done. Where none are sent it may stand there for others.
    private func refuseUnavailable(_ settings: SettingsReader) {
        let known: [(String, only: String, String)] = [
            ("PROTOCOL", "http/json", "spans are sent as http/json, which collectors take on their port 4318"),
            ("COMPRESSION", "none", "spans are sent as they are"),
        ]
        for (end, only, reason) in known {
            guard let name = Self.names(end).first(where: settings.isGiven), settings.text(name) != only,
                endpoint != nil
            else { continue }
            settings.report(name, reason, fix: "Give \(only), or leave it out")
        }
        for name in Self.names("CLIENT_CERTIFICATE") + Self.names("CLIENT_KEY")
        where settings.isGiven(name) && endpoint != nil {
            settings.report(name, "this version has no such setting", fix: "Leave it out")
        }
    }

    /// The one for traces as it is; the common one with `/v1/traces` behind it. None without a word of it.
    private func endpoint(_ settings: SettingsReader) -> UpstreamURL? {
        let names = Self.names("ENDPOINT")
        let name = names.first(where: settings.isGiven) ?? names[1]
        let fallback = settings.isGiven("OTEL_TRACES_EXPORTER") ? Self.defaultEndpoint : nil
        guard let text = settings.text(name) ?? fallback else { return nil }
        do throws(UpstreamURLError) {
            let url = try UpstreamURL(text, allowingPlainHTTP: true)
            return name == names[0] ? url : url.appending(path: "/v1/traces", query: url.query)
        } catch {
            settings.report(name, error.rawValue, fix: "Give the URL of a collector, such as http://collector:4318")
            return nil
        }
    }

    private mutating func readFields(_ settings: SettingsReader) {
        guard let name = Self.names("HEADERS").first(where: settings.isGiven), let secret = settings.secret(name)
        else { return }
        let pairs = secret.reveal { Self.pairs($0) }
        let valid = pairs?.compactMap { pair in
            HTTPField.isValidValue(pair.value) ? HTTPField.Name(pair.name).map { ($0, Secret(pair.value)) } : nil
        }
        guard let valid, valid.count == pairs?.count else {
            settings.report(name, "it is no list of header fields", fix: "Give name=value,name=value")
            return
        }
        fields = valid
    }

    private mutating func readSampler(_ settings: SettingsReader) {
        sampling = settings.choice("OTEL_TRACES_SAMPLER", default: sampling)
        guard sampling.hasRatio, let text = settings.text("OTEL_TRACES_SAMPLER_ARG") else { return }
        guard let value = Double(text), (0...1).contains(value) else {
            settings.report(
                "OTEL_TRACES_SAMPLER_ARG",
                "'\(clipped(text))' is no number from 0 to 1",
                fix: "Give the share of traces that are to be recorded, for example 0.01"
            )
            return
        }
        ratio = value
    }

    private mutating func readResource(_ settings: SettingsReader) {
        var attributes: [(name: String, value: String)] = []
        let name = "OTEL_RESOURCE_ATTRIBUTES"
        if let text = settings.text(name) {
            if let pairs = Self.pairs(text) {
                attributes = pairs
            } else {
                settings.report(name, "it is no list of name=value", fix: "Give name=value,name=value")
            }
        }
        resource = Self.complete(attributes, name: settings.text("OTEL_SERVICE_NAME"))
    }

    /// With the service's name, which by itself goes before one among the attributes, and with an id of this process.
    private static func complete(
        _ given: [(name: String, value: String)],
        name: String?
    ) -> [(name: String, value: String)] {
        var attributes = given
        if let name { attributes.removeAll { $0.name == "service.name" && $0.value != name } }
        for (key, value) in [
            ("service.name", name ?? defaultServiceName), ("service.instance.id", RandomID.guid()),
        ] where !attributes.contains(where: { $0.name == key }) {
            attributes.append((key, value))
        }
        return attributes
    }

    private mutating func readBatches(_ settings: SettingsReader) {
        scheduleDelay = milliseconds(["OTEL_BSP_SCHEDULE_DELAY"], scheduleDelay, settings)
        exportTimeout = milliseconds(["OTEL_BSP_EXPORT_TIMEOUT"], exportTimeout, settings)
        queueCapacity = settings.integer("OTEL_BSP_MAX_QUEUE_SIZE", default: queueCapacity, in: 1...65_536)
        let name = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"
        batch = settings.integer(name, default: min(batch, queueCapacity), in: 1...65_536)
        if batch > queueCapacity {
            settings.report(
                name,
                "it is above OTEL_BSP_MAX_QUEUE_SIZE, which is \(queueCapacity)",
                fix: "Give a smaller one, or raise the other"
            )
        }
    }

    /// The standard has all times in milliseconds, without a unit.
    private func milliseconds(_ names: [String], _ fallback: Duration, _ settings: SettingsReader) -> Duration {
        let name = names.first(where: settings.isGiven) ?? names[0]
        return .milliseconds(settings.integer(name, default: fallback.milliseconds, in: 1...3_600_000))
    }

    /// `name=value,name=value` with white space around, values percent-encoded (W3C Baggage, which the settings' description refers
    /// to); `nil` for anything else.
    private static func pairs(_ text: String) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: ",") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, let value = decoded(trimmed(halves[1])) else { return nil }
            let name = String(trimmed(halves[0]))
            guard !name.isEmpty, !pairs.contains(where: { $0.name == name }) else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return text
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "f") ~= $0 }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest.removeFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
