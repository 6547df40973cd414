import NIOCore
import NIOPosix
import NIOSSL

/// One connection, byte by byte: what an HTTP library would hide, tests want to see.
struct Wire {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let channel: any Channel
    private var received = ByteBuffer()
    /// There is no whole answer in less.
    private var bytesOfAnswer = 0
    private var isAtEnd = false

    /// Connects to a port of this machine for the time of `body`.
    ///
    /// - Parameters:
    ///   - tls: for a connection over TLS, to the address 127.0.0.1.
    ///   - release: what is sent after the first bytes leaves with this.
    static func connect<Value: Sendable>(
        _ port: Int,
        host: String? = nil,
        tls: NIOSSLContext? = nil,
        holdingUntil release: EventLoopFuture<Void>? = nil,
        _ body: (inout Wire) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: host ?? (tls == nil ? "localhost" : "127.0.0.1"), port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let release { try channel.pipeline.syncOperations.addHandler(HeldWrites(until: release)) }
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: nil)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var wire = Wire(outbound: outbound, inbound: inbound.makeAsyncIterator(), channel: channel.channel)
            return try await body(&wire)
        }
    }

    /// What the handshake came to, once something was received over TLS.
    var handshake: (version: TLSVersion?, certificate: [UInt8]?) {
        get async throws {
            let certificate = try await channel.nioSSL_peerCertificate().get()
            return (try await channel.nioSSL_tlsVersion().get(), try certificate?.toDERBytes())
        }
    }

    /// What only sends; another task may have it.
    var sender: Sender { Sender(outbound: outbound) }

    struct Sender: Sendable {
        fileprivate let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }
    }

    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }
    func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// Nothing more will be sent; answers are still read.
    func finishSending() async throws { try await channel.close(mode: .output).get() }

    /// The next answer, informational ones included; `nil` when the connection ended before one was complete.
    ///
    /// - Parameter toHEAD: it has no body, whatever its length says.
    mutating func answer(toHEAD: Bool = false) async throws -> Answer? {
        while true {
            if let answer = takeAnswer(toHEAD) { return answer }
            guard try await receive() else { return nil }
        }
    }

    /// The next bytes; `nil` when the connection ended before there were so many.
    mutating func bytes(_ count: Int) async throws -> [UInt8]? {
        while received.readableBytes < count {
            guard try await receive() else { return nil }
        }
        return received.readBytes(length: count)
    }

    /// Everything until the connection's end that was not read as an answer.
    mutating func rest() async throws -> String {
        while try await receive() {}
        return String(buffer: received)
    }

    /// - Returns: `false` at the connection's end, by whatever means it came.
    private mutating func receive() async throws -> Bool {
        guard !isAtEnd else { return false }
        do {
            if let bytes = try await inbound.next() {
                received.writeImmutableBuffer(bytes)
                return true
            }
        } catch is IOError {
            // A reset ends it as well.
        }
        isAtEnd = true
        return false
    }

    /// Most heads are short, and what is behind them may be long.
    private func head() -> (text: String, end: Range<String.Index>)? {
        for length in [2048, received.readableBytes] {
            let text = String(decoding: received.readableBytesView.prefix(length), as: UTF8.self)
            if let end = text.firstRange(of: "\r\n\r\n") { return (text, end) }
        }
        return nil
    }

    private mutating func takeAnswer(_ toHEAD: Bool) -> Answer? {
        guard received.readableBytes > 0, received.readableBytes >= bytesOfAnswer else { return nil }
        guard let (text, end) = head() else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let fields = lines.dropFirst().map { line -> (String, String) in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        let headLength = text[..<end.upperBound].utf8.count
        let bodyless = toHEAD || status == 204 || status / 100 == 1
        let lengths = fields.filter { $0.0.lowercased() == "content-length" }.map(\.1)
        let length = bodyless || lengths.count != 1 ? 0 : Int(lengths[0]) ?? 0
        bytesOfAnswer = headLength + length
        guard received.readableBytes >= bytesOfAnswer else { return nil }
        bytesOfAnswer = 0
        received.moveReaderIndex(forwardBy: headLength)
        let body = received.readString(length: length) ?? ""
        received.discardReadBytes()
        return Answer(status: status, fields: fields, body: body, toHEAD: toHEAD)
    }
}

/// A request as it goes over the wire.
enum RawRequest {
    /// A POST for a token with the right key.
    static func post(
        _ target: String = Gateway.path,
        version: String = "HTTP/1.1",
        host: String? = "gateway.test",
        key: String? = Gateway.key,
        _ fields: [String] = [],
        body: String? = nil
    ) -> String {
        make("POST", target, version: version, host: host, key: key, fields, body: body)
    }

    /// The same with more fields.
    static func post(_ fields: [String], body: String? = nil) -> String {
        make("POST", Gateway.path, key: Gateway.key, fields, body: body)
    }

    static func make(
        _ method: String,
        _ target: String,
        version: String = "HTTP/1.1",
        host: String? = "gateway.test",
        key: String? = nil,
        _ fields: [String] = [],
        body: String? = nil
    ) -> String {
        var lines = ["\(method) \(target) \(version)"]
        if let host { lines.append("Host: \(host)") }
        if let key { lines.append("X-API-Key: \(key)") }
        lines += fields
        if let body { lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"] }
        return (lines + ["", body ?? ""]).joined(separator: "\r\n")
    }
}
