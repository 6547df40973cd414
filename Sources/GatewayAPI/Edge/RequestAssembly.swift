import NIOCore
import NIOHTTP1

/// What one connection is receiving, as a value: bytes and parts go in, orders come out.
///
/// A request is handed on only when all of it is here, so that nothing behind the edge ever waits for a slow caller.
struct RequestAssembly {
    enum Order {
        case none
        /// A head has begun and has more to come: it has to end within the header time.
        case startHeaderTimer
        /// A body has more to come: it has to end within the body time.
        case startBodyTimer
        /// A body follows for which the caller may be waiting.
        case sendContinue
        /// All of a request is here.
        case deliver(HTTPRequestHead, ByteBuffer?)
        case refuse(GatewayError, head: HTTPRequestHead?)
    }

    /// `idle` → `head` → `body` → `idle`; every one → `refused`, which is the last.
    private enum State {
        case idle
        case head(bytes: Int, sawLine: Bool)
        case body(HTTPRequestHead, ByteBuffer)
        case refused
    }

    /// What has to end in time. Most requests come in one piece, and need no timer at all.
    private enum Timed {
        case nothing, head, body
    }

    let limits: EdgeLimits
    private let check: RequestHeadCheck
    private var state = State.idle
    private var timed = Timed.nothing
    /// Bytes of the body as they came, with what surrounds its chunks (RFC 9112 §7.1); not those that came along with the head.
    private var rawBytes = 0

    init(limits: EdgeLimits, carrier: EdgeHandler.Carrier) {
        self.limits = limits
        check = RequestHeadCheck(limits: limits, carrier: carrier)
    }

    /// The next bytes begin a request.
    var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    var isRefused: Bool {
        if case .refused = state { true } else { false }
    }

    /// Bytes are here and about to be parsed.
    mutating func bytesArrived(_ bytes: ByteBuffer) -> Order {
        switch state {
        case .idle:
            state = .head(bytes: bytes.readableBytes, sawLine: bytes.readableBytesView.contains(UInt8(ascii: "\n")))
            timed = .nothing
            return .none
        case .head(let count, let sawLine):
            let sawLine = sawLine || bytes.readableBytesView.contains(UInt8(ascii: "\n"))
            state = .head(bytes: count + bytes.readableBytes, sawLine: sawLine)
            return .none
        case .body:
            rawBytes += bytes.readableBytes
            return .none
        case .refused:
            return .none
        }
    }

    /// The bytes have been parsed. What is still not complete must not have grown past its limits.
    mutating func bytesParsed() -> Order {
        if case .body(let head, _) = state, rawBytes > limits.maximumRawBodyBytes {
            return refuse(.bodyTooLarge(limits), head: head)
        }
        guard case .head(let count, let sawLine) = state else { return startBodyTimer() }
        if !sawLine, count > limits.maximumURLBytes + 32 { return refuse(.urlTooLong(limits)) }
        if count > limits.maximumHeaderBytes + limits.maximumURLBytes { return refuse(.headersTooLarge(limits)) }
        guard timed == .nothing else { return .none }
        timed = .head
        return .startHeaderTimer
    }

    private mutating func startBodyTimer() -> Order {
        guard case .body = state, timed != .body else { return .none }
        timed = .body
        return .startBodyTimer
    }

    mutating func received(_ part: HTTPServerRequestPart) -> Order {
        switch (part, state) {
        case (_, .refused):
            return .none
        case (.head(let head), _):
            return begin(head)
        case (.body(var bytes), .body(let head, var body)):
            guard body.readableBytes + bytes.readableBytes <= limits.maximumBodyBytes else {
                return refuse(.bodyTooLarge(limits), head: head)
            }
            body.writeBuffer(&bytes)
            state = .body(head, body)
            return .none
        case (.end, .body(let head, let body)):
            state = .idle
            timed = .nothing
            return .deliver(head, body.readableBytes > 0 ? body : nil)
        case (.body, _), (.end, _):
            return .none
        }
    }

    /// The parser gave up.
    mutating func failed(_ error: HTTPParserError) -> Order {
        // A connection that ends behind a refusal is an error to the parser, and no news.
        guard !isRefused else { return .none }
        let refusal: GatewayError =
            switch error {
            case .headerOverflow: .headersTooLarge(limits)
            default: .invalid("The request is not valid HTTP/1.1.")
            }
        if case .body(let head, _) = state { return refuse(refusal, head: head) }
        return refuse(refusal)
    }

    /// The frames of a stream are no request.
    mutating func failed() -> Order {
        guard !isRefused else { return .none }
        let refusal = GatewayError.invalid("The request is not valid HTTP/2.")
        if case .body(let head, _) = state { return refuse(refusal, head: head) }
        return refuse(refusal)
    }

    /// There is no room for more of the body.
    mutating func overloaded() -> Order {
        let refusal = GatewayError(
            .overloaded,
            "Too many bodies are on their way on this connection. Send the request again later.",
            retryAfter: Admission.retryAfter
        )
        if case .body(let head, _) = state { return refuse(refusal, head: head) }
        return .none
    }

    /// The time for the head, or for the body, is over.
    mutating func timedOut() -> Order {
        switch state {
        case .idle, .refused: .none
        case .head: refuse(.tooSlow(limits.headerTimeout))
        case .body(let head, _): refuse(.tooSlow(limits.bodyTimeout), head: head)
        }
    }

    /// Nothing new is begun with: who is still sending is told so, instead of being cut off.
    mutating func stopped() -> Order {
        switch state {
        case .idle, .refused: .none
        case .head: refuse(.shuttingDown)
        case .body(let head, _): refuse(.shuttingDown, head: head)
        }
    }

    private mutating func begin(_ head: HTTPRequestHead) -> Order {
        do {
            try check.check(head)
        } catch {
            return refuse(error, head: head)
        }
        state = .body(head, ByteBuffer())
        rawBytes = 0
        let hasBody =
            head.headers.contains(name: "Transfer-Encoding")
            || (head.headers.first(name: "Content-Length") ?? "0") != "0"
        guard hasBody else { return .none }
        let expectsContinue =
            head.version != .http1_0 && head.headers["Expect"].contains { $0.lowercased() == "100-continue" }
        return expectsContinue ? .sendContinue : .none
    }

    private mutating func refuse(_ error: GatewayError, head: HTTPRequestHead? = nil) -> Order {
        state = .refused
        var error = error
        // By the method alone, since the path may be what is wrong. Without a head it may have been for anything.
        error.outcome =
            switch head?.method {
            case .GET, .HEAD: nil
            case .DELETE: .notRevoked
            default: .notCreated
            }
        return .refuse(error, head: head)
    }
}
