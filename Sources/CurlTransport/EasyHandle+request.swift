import CCurl
import HTTPTypes
import NIOCore
import Transport

extension EasyHandle {
    /// Fields that are the transport's own business: framing and connection (RFC 9110 §7.6.1), and `Expect`, since libcurl
    /// sends a request again after 417 (Expectation Failed).
    private static let ownedFields: Set<HTTPField.Name> = [
        .contentLength, .transferEncoding, .connection, .upgrade, .te, .trailer, .expect, HTTPField.Name("Host")!,
    ]

    /// Sets everything that depends on the request; what many requests have in common only where the last one was of
    /// another shape.
    ///
    /// - Throws: ``TransportError`` of kind `internal` when an option was refused.
    func prepare(
        _ request: UpstreamRequest,
        by path: ConnectionPath,
        configuration: CurlConfiguration
    ) throws(TransportError) {
        takeShape(RequestShape(request, by: path), for: request, configuration: configuration)
        set(CURLOPT_URL, request.url.description)
        if let body = request.bodyToSend { useBody(body) }
        try setPath(path, to: configuration.hop(toward: request.url))
        useHeaders(try Self.headerList(for: request))
        try checkOptions()
    }

    private func takeShape(_ shape: RequestShape, for request: UpstreamRequest, configuration: CurlConfiguration) {
        guard shape != self.shape else { return }
        reset()
        applyDefaults(configuration)
        setReach(request, configuration: configuration)
        if shape.isLiteral { unsafe setResolverStart(nil) }
        setMethod(request)
        self.shape = shape
    }

    private func setPath(_ path: ConnectionPath, to hop: UpstreamURL) throws(TransportError) {
        switch path.addresses {
        case .known(give: nil):
            break
        case .known(let addresses?):
            var list = TextList()
            let texts = addresses.map { $0.isVersion6 ? "[\($0)]" : "\($0)" }.joined(separator: ",")
            guard list.append(line: Array("\(hop.host):\(hop.port):\(texts)\0".utf8)) else {
                throw TransportError(.internal, delivery: .notSent, detail: "no memory for the addresses")
            }
            useAddresses(list)
        case .literal:
            break
        }
        // What is left of it after waiting for the name.
        if let timeLeft = path.timeLeft {
            set(CURLOPT_CONNECTTIMEOUT_MS, timeLeft.wholeMilliseconds)
            shape = nil
        }
    }

    private func setReach(_ request: UpstreamRequest, configuration: CurlConfiguration) {
        // UpstreamURL is http for loopback addresses and the endpoints of managed identities only.
        set(CURLOPT_PROTOCOLS_STR, request.url.isSecure ? "https" : "http")
        set(CURLOPT_HTTP_VERSION, Int(request.url.isSecure ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1))
        // An empty name, not none: with none libcurl looks at the *_proxy variables.
        let proxy = configuration.proxy(for: request.url)
        set(CURLOPT_PROXY, proxy?.description ?? "")
        // libcurl's own default for http is 1080, the port of SOCKS.
        if let proxy { set(CURLOPT_PROXYPORT, proxy.port) }
        let idleAge =
            switch request.repetition {
            case .never: min(configuration.maximumIdleAge, configuration.maximumIdleAgeForSingleSends)
            case .harmless: configuration.maximumIdleAge
            }
        set(CURLOPT_MAXAGE_CONN, idleAge.wholeSeconds)
    }

    /// libcurl has a way of its own for each of the common methods; the rest are told by name.
    private func setMethod(_ request: UpstreamRequest) {
        guard request.bodyToSend == nil else {
            set(CURLOPT_POST, true)
            if request.method != .post { set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
            return
        }
        switch request.method {
        case .get:
            set(CURLOPT_HTTPGET, true)
        case .head:
            set(CURLOPT_NOBODY, true)
        default:
            set(CURLOPT_HTTPGET, true)
            set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
    }

    private static func headerList(for request: UpstreamRequest) throws(TransportError) -> TextList {
        var list = TextList()
        var isComplete = list.append(line: noExpect)
        // libcurl's own defaults for these are taken out, except where the request has the field.
        if !request.fields.contains(.accept) { isComplete = list.append(line: noAccept) && isComplete }
        if !request.fields.contains(.contentType) { isComplete = list.append(line: noContentType) && isComplete }
        var line: [UInt8] = []
        for field in request.fields where !ownedFields.contains(field.name) {
            write(field, to: &line)
            isComplete = list.append(line: line) && isComplete
        }
        guard isComplete else {
            throw TransportError(.internal, delivery: .notSent, detail: "no memory for the header list")
        }
        return list
    }

    private static let noExpect = Array("Expect:\0".utf8)
    private static let noAccept = Array("Accept:\0".utf8)
    private static let noContentType = Array("Content-Type:\0".utf8)

    /// `Name: value`, or `Name;` for an empty value, ended by NUL. A field's value holds neither NUL nor a line end: HTTPTypes
    /// sees to that.
    ///
    /// - Parameter line: for one field after the other, so that it is allocated once. A secret may be in it until it dies.
    private static func write(_ field: HTTPField, to line: inout [UInt8]) {
        line.removeAll(keepingCapacity: true)
        line.append(contentsOf: field.name.rawName.utf8)
        unsafe field.withUnsafeBytesOfValue { value in
            if value.isEmpty {
                line.append(UInt8(ascii: ";"))
            } else {
                line.append(UInt8(ascii: ":"))
                line.append(UInt8(ascii: " "))
                unsafe line.append(contentsOf: value)
            }
        }
        line.append(0)
    }
}

extension UpstreamRequest {
    /// The body, with a length even when it is 0 (RFC 9110 §8.6), unless the request is of a kind that has none.
    fileprivate var bodyToSend: ByteBuffer? {
        if let body { return body }
        switch method {
        case .get, .head, .delete, .options, .trace: return nil
        default: return ByteBuffer()
        }
    }
}
