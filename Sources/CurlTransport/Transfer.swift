import CCurl
import HTTPTypes
import NIOCore
import Transport

/// One exchange in flight: what came of the answer, and who waits for it. The transfer thread's own.
final class Transfer {
    let id: TransferQueue<Submission>.ID
    let easy: EasyHandle
    private(set) var sendGuard: SendGuard
    private(set) var head = ResponseHead()
    private(set) var body = ByteBuffer()
    /// Why a callback broke the transfer off.
    private(set) var fault: (kind: TransportError.Kind, detail: String)?
    /// The connection that it was to be written to must not be used: the far side has ended it, or it is condemned. Nothing was
    /// written.
    private(set) var metUselessConnection = false
    /// Where the request was written, the last time that it was.
    private var connection: OpenSockets.Connection?
    /// How many useless connections the request has met before.
    let detours: Int
    let submittedAt: ContinuousClock.Instant
    let attachedAt = ContinuousClock.now
    private let isHead: Bool
    private let maximumBodyBytes: Int
    let submission: Submission
    private let isSecure: Bool
    /// Where to say that the request begins to be written, if that changes anything.
    private let holder: TransferInbox?

    init(
        _ submission: Submission,
        id: TransferQueue<Submission>.ID,
        easy: EasyHandle,
        inbox: TransferInbox,
        detours: Int
    ) {
        self.detours = detours
        self.id = id
        self.easy = easy
        sendGuard = SendGuard(repetition: submission.request.repetition)
        submittedAt = submission.submittedAt
        isHead = submission.request.method == .head
        maximumBodyBytes = submission.request.maximumResponseBytes
        isSecure = submission.request.url.isSecure
        self.submission = submission
        holder = submission.request.cancellation == .untilSent ? inbox : nil
    }

    /// Hands the result to whoever waits. Called once: the loop forgets the transfer with it.
    func end(_ result: Result<UpstreamResponse, TransportError>) { submission.continuation.resume(returning: result) }

    /// Whether the whole answer is here, however its stream or connection ended.
    var isAnswered: Bool {
        guard head.isComplete else { return false }
        return !expectsBody || head.contentLength == body.readableBytes
    }

    private var expectsBody: Bool { !isHead && head.status != .noContent && head.status != .notModified }

    // MARK: - What the callbacks report

    /// Returns whether the request may be written.
    ///
    /// - Parameter ends: of the connection that it would be written to.
    func beginRequest(between ends: OpenSockets.Ends) -> Bool {
        let isFirst = !sendGuard.hasBegun
        let isNew = easy.number(CURLINFO_NUM_CONNECTS) > 0
        let next = easy.sockets.connection(ends)
        if !isNew { next.isShared = true }
        if isFirst, !isNew, isUseless(next) {
            metUselessConnection = true
            easy.condemnConnection()
            return false
        }
        let wasAlone = connection.map { !$0.isShared } ?? true
        let mayGo = sendGuard.requestBegins(
            newConnection: isNew,
            untouched: head.byteCount == 0 && !easy.hasErrorText,
            alone: wasAlone
        )
        if mayGo { connection = next }
        // Without TLS it is HTTP/1.1, which libcurl writes in one piece.
        if mayGo, isSecure { easy.sockets.holdBack(next) }
        if mayGo, isFirst { holder?.hold(id) }
        if mayGo, !isFirst {
            head = ResponseHead()
            body.clear()
        }
        return mayGo
    }

    private func isUseless(_ connection: OpenSockets.Connection) -> Bool {
        connection.isCondemned || (sendGuard.repetition == .never && connection.isOver(isSecure: isSecure))
    }

    /// No answer came in time: it may be that nothing comes through any more on the connection, though the system has not
    /// noticed, and nothing new must wait there. Those that are on it already go on.
    func condemnConnection() {
        connection?.isCondemned = true
        easy.condemnConnection()
    }

    /// Returns whether to go on.
    func receive(headerLine: some BidirectionalCollection<UInt8>) -> Bool {
        let wasComplete = head.isComplete
        do throws(ResponseHead.Fault) {
            try head.append(line: headerLine)
        } catch {
            fault = (.malformedResponse, error.rawValue)
            return false
        }
        guard head.isComplete, !wasComplete, expectsBody, let length = head.contentLength else { return true }
        guard length <= maximumBodyBytes else { return refuseSize() }
        body.reserveCapacity(min(length, Self.reserveAtMost))
        return true
    }

    /// Returns whether to go on.
    func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= maximumBodyBytes - body.readableBytes else { return refuseSize() }
        unsafe body.writeBytes(bytes)
        return true
    }

    /// A length is only a promise; memory is taken for this much of it.
    private static let reserveAtMost = 64 << 10

    private func refuseSize() -> Bool {
        fault = (.responseTooLarge, "the answer's body is larger than \(maximumBodyBytes) bytes")
        return false
    }
}

// The transfer thread's own: see above.
@available(*, unavailable)
extension Transfer: Sendable {}
