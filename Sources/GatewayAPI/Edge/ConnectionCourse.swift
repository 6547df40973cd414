import NIOHTTP1

/// How far one connection has come: what is owed to its caller, and whether it goes on after that.
struct ConnectionCourse {
    private let carrier: EdgeHandler.Carrier
    private let mostRequests: Int?
    /// Requests handed on whose answers are not out yet.
    private(set) var inFlight = 0
    /// Requests handed on so far.
    private(set) var requests = 0
    /// A refusal that has to wait for the answers before it.
    private var refusal: (error: GatewayError, head: HTTPRequestHead?)?
    /// The request last handed on is the connection's last; the connection is closed after its answer.
    private(set) var closesAfterAnswer = false
    /// The request last handed on speaks HTTP/1.1, which has interim answers.
    private(set) var knowsInterimAnswers = false
    /// The caller sends no more.
    var isInputOver = false
    /// The server is stopping.
    var isStopping = false

    init(_ carrier: EdgeHandler.Carrier, mostRequests: Int?) {
        self.carrier = carrier
        self.mostRequests = mostRequests
    }

    /// A request is handed on.
    mutating func began(_ head: HTTPRequestHead) {
        inFlight += 1
        requests += 1
        knowsInterimAnswers = head.version == .http1_1
        if carrier == .stream { closesAfterAnswer = true }
        // An upgrade that was offered is declined, but the parser takes nothing more behind the offer.
        if !head.isKeepAlive || head.headers.contains(name: "Upgrade") { closesAfterAnswer = true }
        // Reading stops long before, but what one read brought, or a caller's end behind it, may be many requests.
        if inFlight >= EdgeLimits.longestPipeline { closesAfterAnswer = true }
        if let mostRequests, requests >= mostRequests { closesAfterAnswer = true }
    }

    /// A request is not handed on.
    ///
    /// - Returns: whether it can be answered at once.
    mutating func refused(_ error: GatewayError, _ head: HTTPRequestHead?) -> Bool {
        if inFlight > 0 { refusal = (error, head) }
        return inFlight == 0
    }

    /// No further request is taken.
    mutating func close() { closesAfterAnswer = true }

    /// An answer begins.
    ///
    /// - Returns: whether it is the connection's last, which holds for its end, too, whatever begins or changes meanwhile.
    mutating func beginsLastAnswer(areEnding: @autoclosure () -> Bool) -> Bool {
        guard inFlight == 1, refusal == nil, closesAfterAnswer || isInputOver || isStopping || areEnding() else {
            return false
        }
        closesAfterAnswer = true
        return true
    }

    /// An answer has come to its end.
    ///
    /// - Returns: whether it was the connection's last.
    mutating func endsLastAnswer() -> Bool {
        let isLast = inFlight == 1 && closesAfterAnswer && refusal == nil
        inFlight -= 1
        return isLast
    }

    /// The refusal whose turn it is.
    mutating func takeRefusal() -> (error: GatewayError, head: HTTPRequestHead?)? {
        guard inFlight == 0 else { return nil }
        defer { refusal = nil }
        return refusal
    }
}
