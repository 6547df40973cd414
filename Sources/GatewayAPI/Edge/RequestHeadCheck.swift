import NIOHTTP1

/// Judges a request's head before anything else sees it: sizes, and the ambiguities that request smuggling lives on.
///
/// RFC 9112 §3.2 (request target and Host), §6.3 (message length); RFC 9110 §5.5 (field values).
struct RequestHeadCheck {
    let limits: EdgeLimits
    let carrier: EdgeHandler.Carrier

    /// - Throws: ``GatewayError`` when the request must not be handled; the connection is to be closed then.
    func check(_ head: HTTPRequestHead) throws(GatewayError) {
        // NIO has seen to the version of a stream.
        guard carrier == .stream || head.version == .http1_1 || head.version == .http1_0 else {
            throw .invalid("This is neither HTTP/1.1 nor HTTP/1.0.")
        }
        try checkTarget(head)
        try checkFields(head.headers)
        try checkHost(head)
        try checkLength(head)
    }

    private func checkTarget(_ head: HTTPRequestHead) throws(GatewayError) {
        let target = head.uri.utf8
        guard target.count <= limits.maximumURLBytes else { throw .urlTooLong(limits) }
        guard target.first == UInt8(ascii: "/"),
            target.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") })
        else {
            throw .invalid("The request target has to be a path that begins with '/', in printable ASCII, without '#'.")
        }
    }

    private func checkFields(_ headers: HTTPHeaders) throws(GatewayError) {
        guard headers.count <= limits.maximumHeaderFields else { throw .headersTooLarge(limits) }
        var bytes = 0
        for (name, value) in headers {
            bytes += name.utf8.count + value.utf8.count
            guard value.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else {
                throw .invalid("A header field contains a control character.")
            }
        }
        guard bytes <= limits.maximumHeaderBytes else { throw .headersTooLarge(limits) }
    }

    private func checkHost(_ head: HTTPRequestHead) throws(GatewayError) {
        let hosts = head.headers["Host"]
        guard hosts.count == 1 || (hosts.isEmpty && head.version == .http1_0) else {
            throw .invalid("The request needs exactly one Host field.", member: "Host")
        }
        let allowed = hosts.allSatisfy { host in
            host.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x3A, 0x41...0x5B, 0x5D, 0x61...0x7A: true
                case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
                default: false
                }
            }
        }
        guard allowed else { throw .invalid("The Host field is not a host name and port.", member: "Host") }
    }

    private func checkLength(_ head: HTTPRequestHead) throws(GatewayError) {
        let lengths = head.headers["Content-Length"]
        let codings = head.headers["Transfer-Encoding"]
        if !codings.isEmpty {
            guard codings.count == 1, codings[0].lowercased() == "chunked", lengths.isEmpty, head.version != .http1_0
            else {
                throw .invalid("The body's length is ambiguous.", member: "Transfer-Encoding")
            }
        }
        guard let length = lengths.first else { return }
        guard lengths.count == 1, !length.isEmpty, length.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .invalid("Content-Length has to be one decimal number.", member: "Content-Length")
        }
        guard let bytes = Int(length), bytes <= limits.maximumBodyBytes else { throw .bodyTooLarge(limits) }
    }
}

extension GatewayError {
    static func invalid(_ detail: String, member: String? = nil) -> GatewayError {
        GatewayError(.requestInvalid, detail, member: member)
    }

    static func urlTooLong(_ limits: EdgeLimits) -> GatewayError {
        GatewayError(.urlTooLong, "The URL may have at most \(limits.maximumURLBytes) bytes.")
    }

    static func headersTooLarge(_ limits: EdgeLimits) -> GatewayError {
        GatewayError(
            .headersTooLarge,
            "The header fields may have at most \(limits.maximumHeaderBytes) bytes together, and be at most \(limits.maximumHeaderFields)."
        )
    }

    static func bodyTooLarge(_ limits: EdgeLimits) -> GatewayError {
        GatewayError(.bodyTooLarge, "The body may have at most \(limits.maximumBodyBytes) bytes.")
    }

    static func tooSlow(_ limit: Duration) -> GatewayError {
        GatewayError(.requestTimeout, "The request did not arrive in full within \(limit).")
    }
}
