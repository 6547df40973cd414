import JSONText
import Traces
import Tracing

/// Spans as OTLP has them in JSON: `ExportTraceServiceRequest` of opentelemetry-proto 1, field names in lowerCamelCase, ids in
/// hexadecimal, 64-bit numbers as strings (OTLP specification, "JSON Protobuf Encoding").
struct SpanDocument {
    /// What is said of the process once in each document.
    let resource: [(String, String)]
    /// Who made them: this service.
    let scope: String

    func text(_ spans: [FinishedSpan]) -> String {
        var own = JSONObjectText()
        own.add("name", scope)
        var group = JSONObjectText()
        group.add("scope", own)
        group.add("spans", spans.map(\.json))
        var about = JSONObjectText()
        about.add("attributes", resource.map { JSONObjectText.attribute($0.0, .string($0.1)) })
        var process = JSONObjectText()
        process.add("resource", about)
        process.add("scopeSpans", [group])
        var document = JSONObjectText()
        document.add("resourceSpans", [process])
        return document.text
    }
}

extension FinishedSpan {
    /// Numbers of `Span.SpanKind`.
    private var kindNumber: Int {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    fileprivate var json: JSONObjectText {
        var json = JSONObjectText()
        json.add("traceId", context.trace.description)
        json.add("spanId", context.span.description)
        json.add("parentSpanId", parent?.description)
        json.add("flags", context.isSampled ? 1 : 0)
        json.add("name", name)
        json.add("kind", kindNumber)
        json.add("startTimeUnixNano", String(startNanoseconds))
        json.add("endTimeUnixNano", String(endNanoseconds))
        json.add("attributes", attributes.json)
        if !events.isEmpty { json.add("events", events.map(\.json)) }
        if !links.isEmpty { json.add("links", links.map(\.link)) }
        if droppedEvents > 0 { json.add("droppedEventsCount", droppedEvents) }
        if droppedLinks > 0 { json.add("droppedLinksCount", droppedLinks) }
        if let status { json.add("status", status.json) }
        return json
    }
}

extension SpanStatus {
    fileprivate var json: JSONObjectText {
        var json = JSONObjectText()
        json.add("message", message)
        json.add("code", code == .ok ? 1 : 2)
        return json
    }
}

extension SpanEvent {
    fileprivate var json: JSONObjectText {
        var json = JSONObjectText()
        json.add("timeUnixNano", String(nanosecondsSinceEpoch))
        json.add("name", name)
        json.add("attributes", attributes.json)
        return json
    }
}

extension TraceContext {
    fileprivate var link: JSONObjectText {
        var json = JSONObjectText()
        json.add("traceId", trace.description)
        json.add("spanId", span.description)
        return json
    }
}

extension SpanAttributes {
    fileprivate var json: [JSONObjectText] {
        var pairs: [(String, SpanAttribute)] = []
        forEach { pairs.append(($0, $1)) }
        return pairs.sorted { $0.0 < $1.0 }.map(JSONObjectText.attribute)
    }
}

extension JSONObjectText {
    /// `KeyValue`.
    fileprivate static func attribute(_ name: String, _ value: SpanAttribute) -> JSONObjectText {
        var json = JSONObjectText()
        json.add("key", name)
        json.add("value", value.json)
        return json
    }
}

extension SpanAttribute {
    /// `AnyValue`.
    fileprivate var json: JSONObjectText {
        var json = JSONObjectText()
        switch self {
        case .bool(let value): json.add("boolValue", value)
        case .int32(let value): json.add("intValue", String(value))
        case .int64(let value): json.add("intValue", String(value))
        case .double(let value): json.add("doubleValue", value)
        case .string(let value): json.add("stringValue", value)
        case .stringArray(let values): json.add("arrayValue", Self.list(values.map(SpanAttribute.string)))
        case .boolArray(let values): json.add("arrayValue", Self.list(values.map(SpanAttribute.bool)))
        case .int32Array(let values): json.add("arrayValue", Self.list(values.map(SpanAttribute.int32)))
        case .int64Array(let values): json.add("arrayValue", Self.list(values.map(SpanAttribute.int64)))
        case .doubleArray(let values): json.add("arrayValue", Self.list(values.map(SpanAttribute.double)))
        case .stringConvertible(let value): json.add("stringValue", "\(value)")
        case .stringConvertibleArray(let values):
            json.add("arrayValue", Self.list(values.map { SpanAttribute.string("\($0)") }))
        default: json.add("stringValue", "")
        }
        return json
    }

    private static func list(_ values: [SpanAttribute]) -> JSONObjectText {
        var json = JSONObjectText()
        json.add("values", values.map(\.json))
        return json
    }
}
