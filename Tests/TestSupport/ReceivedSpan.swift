import Foundation

/// One span, as a collector got it.
package struct ReceivedSpan: Sendable {
    package enum Kind: Int, Sendable {
        case `internal` = 1
        case server
        case client
        case producer
        case consumer
    }

    package var traceID = ""
    package var spanID = ""
    package var parentID: String?
    package var name = ""
    package var kind = Kind.internal
    package var start: UInt64 = 0
    package var end: UInt64 = 0
    /// Numbers in decimal digits.
    package var attributes: [String: String] = [:]
    package var isError = false
    package var eventCount = 0
    package var linkCount = 0

    package subscript(_ attribute: String) -> String? { attributes[attribute] }
}

/// Reads an `ExportTraceServiceRequest`; throws for any member that the protocol does not have, lacks or has in another form.
struct SpanDocumentReader: Decodable {
    var spans: [ReceivedSpan] = []
    var resource: [String: String] = [:]

    init(_ text: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(text.utf8)) }

    init(from decoder: any Decoder) throws {
        let document = try Members(decoder, required: ["resourceSpans"])
        for group in try document.array("resourceSpans") {
            let members = try Members(group, required: ["scopeSpans", "resource"], allowed: ["schemaUrl"])
            let about = try Members(
                members.object("resource"),
                required: ["attributes"],
                allowed: ["droppedAttributesCount"]
            )
            resource = try Self.attributes(about)
            for scope in try members.array("scopeSpans") {
                let members = try Members(scope, required: ["scope", "spans"], allowed: ["schemaUrl"])
                _ = try Members(members.object("scope"), required: ["name"], allowed: ["version", "attributes"])
                spans += try members.array("spans").map(Self.span)
            }
        }
        guard Set(spans.map(\.spanID)).count == spans.count else { throw Fault("a span is there twice") }
        guard !spans.isEmpty else { throw Fault("it has no spans") }
        guard resource["service.name"]?.isEmpty == false else { throw Fault("the service has no name") }
    }

    private static func span(_ decoder: any Decoder) throws -> ReceivedSpan {
        let members = try Members(
            decoder,
            required: ["traceId", "spanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano"],
            allowed: [
                "traceState", "parentSpanId", "flags", "attributes", "droppedAttributesCount", "events",
                "droppedEventsCount", "links", "droppedLinksCount", "status",
            ]
        )
        var span = ReceivedSpan()
        span.traceID = try members.id("traceId", digits: 32)
        span.spanID = try members.id("spanId", digits: 16)
        span.parentID = members.has("parentSpanId") ? try members.id("parentSpanId", digits: 16) : nil
        span.name = try members.text("name")
        guard !span.name.isEmpty, let kind = ReceivedSpan.Kind(rawValue: try members.number("kind")) else {
            throw Fault("it has no name, or no such kind")
        }
        span.kind = kind
        span.start = try members.nanoseconds("startTimeUnixNano")
        span.end = try members.nanoseconds("endTimeUnixNano")
        guard span.start <= span.end else { throw Fault("\(span.name) ends before it begins") }
        if members.has("flags"), try members.number("flags") & 1 == 0 { throw Fault("\(span.name) is not sampled") }
        if members.has("attributes") { span.attributes = try attributes(members) }
        if members.has("events") { span.eventCount = try members.array("events").map(event).count }
        if members.has("links") { span.linkCount = try members.array("links").map(link).count }
        if members.has("status") {
            let status = try Members(members.object("status"), required: [], allowed: ["code", "message"])
            let code = status.has("code") ? try status.number("code") : 0
            guard (0...2).contains(code) else { throw Fault("\(span.name) has no such status") }
            span.isError = code == 2
        }
        return span
    }

    private static func event(_ decoder: any Decoder) throws {
        let members = try Members(
            decoder,
            required: ["timeUnixNano", "name"],
            allowed: ["attributes", "droppedAttributesCount"]
        )
        _ = try members.nanoseconds("timeUnixNano")
        if members.has("attributes") { _ = try attributes(members) }
    }

    private static func link(_ decoder: any Decoder) throws {
        let members = try Members(
            decoder,
            required: ["traceId", "spanId"],
            allowed: ["traceState", "attributes", "droppedAttributesCount", "flags"]
        )
        _ = try (members.id("traceId", digits: 32), members.id("spanId", digits: 16))
    }

    private static func attributes(_ members: Members) throws -> [String: String] {
        var attributes: [String: String] = [:]
        for pair in try members.array("attributes") {
            let members = try Members(pair, required: ["key", "value"])
            let key = try members.text("key")
            guard !key.isEmpty, attributes[key] == nil else {
                throw Fault("the attribute '\(key)' has no name, or is there twice")
            }
            attributes[key] = try value(members.object("value"))
        }
        return attributes
    }

    /// One of `AnyValue`, and only one.
    private static func value(_ decoder: any Decoder) throws -> String {
        let known = ["stringValue", "boolValue", "intValue", "doubleValue", "arrayValue"]
        let members = try Members(decoder, required: [], allowed: known)
        let given = known.filter(members.has)
        guard given.count == 1 else { throw Fault("a value is \(given.isEmpty ? "nothing" : "more than one thing")") }
        switch given[0] {
        case "stringValue": return try members.text("stringValue")
        case "boolValue": return String(try members.container.decode(Bool.self, forKey: AnyKey("boolValue")))
        case "intValue":
            let text = try members.text("intValue")
            guard Int64(text) != nil else { throw Fault("'\(text)' is no 64-bit number") }
            return text
        case "doubleValue": return try members.double("doubleValue")
        default:
            let list = try Members(members.object("arrayValue"), required: ["values"])
            return try list.array("values").map(value).joined(separator: ",")
        }
    }
}

/// What is wrong with a document.
private struct Fault: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// The members of an object, none of them unknown.
private struct Members {
    let container: KeyedDecodingContainer<AnyKey>

    init(_ decoder: any Decoder, required: [String], allowed: [String] = []) throws {
        container = try decoder.container(keyedBy: AnyKey.self)
        let names = container.allKeys.map(\.stringValue)
        for name in names where !(required + allowed).contains(name) { throw Fault("there is no member '\(name)'") }
        for name in required where !names.contains(name) { throw Fault("the member '\(name)' is missing") }
    }

    func has(_ name: String) -> Bool { container.contains(AnyKey(name)) }
    func text(_ name: String) throws -> String { try container.decode(String.self, forKey: AnyKey(name)) }
    func number(_ name: String) throws -> Int { try container.decode(Int.self, forKey: AnyKey(name)) }
    func object(_ name: String) throws -> any Decoder { try container.superDecoder(forKey: AnyKey(name)) }

    func array(_ name: String) throws -> [any Decoder] {
        var list = try container.nestedUnkeyedContainer(forKey: AnyKey(name))
        var elements: [any Decoder] = []
        while !list.isAtEnd { elements.append(try list.superDecoder()) }
        return elements
    }

    /// A number, or one of the three that JSON does not have.
    func double(_ name: String) throws -> String {
        if let text = try? text(name) {
            guard ["NaN", "Infinity", "-Infinity"].contains(text) else { throw Fault("'\(text)' is no number") }
            return text
        }
        return String(try container.decode(Double.self, forKey: AnyKey(name)))
    }

    /// Of bytes, in hexadecimal instead of Protobuf's Base64, and not all zero.
    func id(_ name: String, digits: Int) throws -> String {
        let text = try text(name)
        guard text.count == digits, text.allSatisfy({ "0123456789abcdef".contains($0) }),
            text.contains(where: { $0 != "0" })
        else { throw Fault("'\(text)' is no \(name)") }
        return text
    }

    /// `fixed64`: a text of decimal digits.
    func nanoseconds(_ name: String) throws -> UInt64 {
        guard let number = UInt64(try text(name)), number > 1_700_000_000_000_000_000 else {
            throw Fault("\(name) is no time of these days")
        }
        return number
    }
}
