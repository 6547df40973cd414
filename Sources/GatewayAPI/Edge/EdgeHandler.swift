import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTP2
import Transport

/// The first to see a caller's request: reads it whole within its limits, and answers by itself what cannot be handled.
///
/// What is refused here gets a problem document, the connection is closed, and nothing of it gets any further. It is also the
/// one that ends the connection: after a last answer, when it is idle for too long, and when the server stops.
final class EdgeHandler: ChannelDuplexHandler, RemovableChannelHandler {
    /// What brings the requests.
    enum Carrier: Sendable {
        /// Of HTTP/1: one request after another, told apart by the parser.
        case connection
        /// Of HTTP/2: one request, and its end is not the connection's.
        case stream
    }

    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = CallerRequest
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private var assembly: RequestAssembly
    private let connections: CallerConnections
    private let carrier: Carrier
    /// Shared with the other streams of a connection.
    private let budget: BodyBudget?
    /// Of the budget, by the body that is coming.
    private var taken = 0
    private let log: EdgeLog
    private let origins: AllowedOrigins
    /// Requests handed on whose answers are not out yet.
    private var inFlight = 0
    /// Requests handed on so far.
    private var requests = 0
    /// A refusal that has to wait for the answers before it.
    private var pending: (error: GatewayError, head: HTTPRequestHead?)?
    /// The request last handed on is the connection's last; the connection is closed after its answer.
    private var closesAfterAnswer = false
    private var timer: Scheduled<Void>?
    private var question: Scheduled<Void>?
    private var stall: Scheduled<Void>?
    /// Done when all answers so far have been taken by the system, or cannot be.
    private var lastWrite: EventLoopFuture<Void>?
    private var lingered = 0
    private var idleTimer: Scheduled<Void>?
    private var lastLook: Scheduled<Void>?
    private var lastActive = NIODeadline.now()
    /// The caller sends no more.
    private var isInputOver = false
    /// The server is stopping.
    private var isStopping = false
    /// The request last handed on speaks HTTP/1.1.
    private var knowsInformational = false

    init(
        limits: EdgeLimits,
        connections: CallerConnections = CallerConnections(),
        carrier: Carrier = .connection,
        budget: BodyBudget? = nil,
        log: EdgeLog,
        origins: AllowedOrigins = AllowedOrigins()
    ) {
        assembly = RequestAssembly(limits: limits, carrier: carrier)
        self.carrier = carrier
        self.budget = budget
        self.connections = connections
        self.log = log
        self.origins = origins
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // A stream begins with its request.
        if carrier == .connection { startIdling(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stopTimers()
        giveBack()
    }

    // MARK: In

    /// - Returns: whether the bytes are to be parsed at all.
    func bytesArrived(_ bytes: ByteBuffer, context: ChannelHandlerContext) -> Bool {
        // What follows a last request is no request any more (RFC 9112 §9.6).
        guard !closesAfterAnswer else { return false }
        if assembly.isRefused {
            lingered += bytes.readableBytes
            if lingered > EdgeLimits.lingerBytes, inFlight == 0 { context.close(promise: nil) }
            return false
        }
        carryOut(assembly.bytesArrived(bytes), context)
        return true
    }

    func bytesParsed(context: ChannelHandlerContext) { carryOut(assembly.bytesParsed(), context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if let budget, case .body(let bytes) = part, !assembly.isRefused {
            guard budget.take(bytes.readableBytes) else { return carryOut(assembly.overloaded(), context) }
            taken += bytes.readableBytes
        }
        carryOut(assembly.received(part), context)
    }

    private func giveBack() {
        budget?.giveBack(taken)
        taken = 0
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError {
            carryOut(assembly.failed(error), context)
        } else if carrier == .stream, inFlight == 0, !(error is NIOHTTP2Errors.StreamClosed) {
            carryOut(assembly.failed(), context)
        } else if !assembly.isRefused {
            context.fireErrorCaught(error)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isInputOver = true
            endUnlessBusy(context)
            askWhetherGone(after: EdgeLimits.questionPauses, context)
        case is ChannelShouldQuiesceEvent:
            isStopping = true
            carryOut(assembly.stopped(), context)
            takeLastLook(context)
        default:
            break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// A caller that reads nothing of its answers loses its connection.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable, context.channel.isActive {
            let channel = context.channel
            stall = context.eventLoop.scheduleTask(in: TimeAmount(assembly.limits.writeTimeout)) { channel.cut() }
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopTimers()
        context.fireChannelInactive()
    }

    // MARK: Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where inFlight == 1 && endsAfterAnswer:
            // Said once, it holds for the answer's end too, whatever begins or changes meanwhile.
            closesAfterAnswer = true
            if carrier == .connection { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end where inFlight == 1 && closesAfterAnswer && pending == nil:
            inFlight = 0
            endLastAnswer(context, promise: promise)
        case .end:
            let written = promise ?? context.eventLoop.makePromise()
            lastWrite = written.futureResult
            context.write(data, promise: written)
            answered(context)
        default:
            context.write(data, promise: promise)
        }
    }

    private func answered(_ context: ChannelHandlerContext) {
        inFlight -= 1
        guard inFlight == 0 else { return }
        if let pending {
            self.pending = nil
            answer(pending.error, to: pending.head, context)
        } else {
            startIdling(context)
        }
    }

    // MARK: The connection's end

    /// The answer that is under way is the last, where no other follows it.
    private var endsAfterAnswer: Bool {
        (closesAfterAnswer || isInputOver || isStopping || connections.areEnding) && pending == nil
    }

    /// Ends a connection on which nothing is owed to the caller but what is written already. A refusal sees to its end by itself.
    private func endUnlessBusy(_ context: ChannelHandlerContext) {
        guard inFlight == 0, !assembly.isRefused else { return }
        guard let lastWrite else { return context.close(promise: nil) }
        if !closesAfterAnswer {
            closesAfterAnswer = true
            closeTimer(assembly.limits.writeTimeout, context)
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        lastWrite.whenComplete { _ in bound.value.close(promise: nil) }
    }

    /// A request may be here that nobody has read yet: closing now would answer it with a reset. So what there is is read before.
    private func takeLastLook(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        lastLook = context.eventLoop.scheduleTask(in: TimeAmount(EdgeLimits.lastLook)) {
            let (handler, context) = bound.value
            handler.endUnlessBusy(context)
        }
    }

    /// Ends an answer, closes the sending side, and goes on reading for a moment, so that the answer is not lost to a reset (RFC
    /// 9112 §9.6).
    private func endLastAnswer(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>? = nil) {
        closeTimer(assembly.limits.writeTimeout, context)
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        lastWrite = written
        written.cascade(to: promise)
        written.whenComplete { _ in
            let (handler, context) = bound.value
            guard context.channel.isActive else { return }
            // A stream's has ended with the answer (RFC 9113 §8.1).
            if handler.carrier == .connection { context.close(mode: .output, promise: nil) }
            handler.closeTimer(EdgeLimits.lingerTime, context)
        }
    }

    /// Closes the connection after `time`, whatever is left to do there.
    private func closeTimer(_ time: Duration, _ context: ChannelHandlerContext) {
        stopTimer()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: TimeAmount(time)) { bound.value.close(promise: nil) }
    }

    /// One timer at a time, which looks whether there was something to do meanwhile: setting one for each request would cost more.
    private func startIdling(_ context: ChannelHandlerContext) {
        lastActive = .now()
        if idleTimer == nil { scheduleIdleEnd(context) }
    }

    private func scheduleIdleEnd(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let end = lastActive + TimeAmount(assembly.limits.idleTimeout)
        idleTimer = context.eventLoop.scheduleTask(deadline: end) {
            let (handler, context) = bound.value
            handler.idleTimer = nil
            guard handler.inFlight == 0 else { return }
            if handler.lastActive + TimeAmount(handler.assembly.limits.idleTimeout) <= .now() {
                handler.endUnlessBusy(context)
            } else {
                handler.scheduleIdleEnd(context)
            }
        }
    }

    // MARK: Orders

    private func carryOut(_ order: RequestAssembly.Order, _ context: ChannelHandlerContext) {
        guard !closesAfterAnswer else { return }
        switch order {
        case .none:
            break
        case .startHeaderTimer:
            startTimer(assembly.limits.headerTimeout, context)
        case .startBodyTimer:
            startTimer(assembly.limits.bodyTimeout, context)
        case .sendContinue:
            // Behind an answer that is not out yet the caller goes on by itself after a moment (RFC 9110 §10.1.1).
            if inFlight == 0 {
                context.writeAndFlush(wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
            }
        case .deliver(let head, let body):
            deliver(head, body, context)
        case .refuse(let error, let head):
            stopTimer()
            giveBack()
            if inFlight > 0 {
                pending = (error, head)
            } else {
                answer(error, to: head, context)
            }
        }
    }

    /// The end of what a caller sends may be the end of the caller: TCP shows a closed socket and one whose sending side alone is
    /// closed in the same way, until something is sent there. So a `100 Continue` is sent, which every client skips (RFC 9110
    /// §15.2): where nobody is left, the far system answers it with a reset. More than once, because some close the sending
    /// side first and the rest a moment later.
    private func askWhetherGone(after pauses: ArraySlice<Duration>, _ context: ChannelHandlerContext) {
        guard let pause = pauses.first, inFlight > 0, knowsInformational else { return }
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        question = context.eventLoop.scheduleTask(in: TimeAmount(pause)) {
            let (handler, context) = bound.value
            guard handler.inFlight > 0 else { return }
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(handler.wrapOutboundOut(.head(head)), promise: nil)
            handler.askWhetherGone(after: pauses.dropFirst(), context)
        }
    }

    private func deliver(_ head: HTTPRequestHead, _ body: ByteBuffer?, _ context: ChannelHandlerContext) {
        stopTimer()
        giveBack()
        inFlight += 1
        requests += 1
        knowsInformational = head.version == .http1_1
        if carrier == .stream { closesAfterAnswer = true }
        // An upgrade that was offered is declined, but the parser takes nothing more behind the offer.
        if !head.isKeepAlive || head.headers.contains(name: "Upgrade") { closesAfterAnswer = true }
        // Reading stops long before, but what one read brought, or a caller's end behind it, may be many requests.
        if inFlight >= EdgeLimits.longestPipeline { closesAfterAnswer = true }
        if let most = assembly.limits.maximumRequestsPerConnection, requests >= most { closesAfterAnswer = true }
        // Trailers are dropped: nothing may be authenticated by them.
        context.fireChannelRead(wrapInboundOut(CallerRequest(head: head, body: body)))
    }

    /// Answers by itself, and ends the connection.
    private func answer(_ error: GatewayError, to head: HTTPRequestHead?, _ context: ChannelHandlerContext) {
        let requestID = GatewayRequestID.adopting(head?.headers["X-Request-ID"] ?? [])
        let problem = Problem(error, requestID: requestID)
        let body = ByteBuffer(string: problem.body)
        var fields = problem.fields
        origins.mark(&fields, for: head?.headers["Origin"] ?? [])
        var headers = HTTPHeaders(fields.map { ($0.name.rawName, $0.value) })
        headers.add(name: "Content-Length", value: String(body.readableBytes))
        headers.add(name: "X-Request-ID", value: requestID)
        headers.add(name: "Cache-Control", value: "no-store")
        headers.add(name: "Date", value: Timestamp.now.httpDate)
        if carrier == .connection { headers.add(name: "Connection", value: "close") }
        log.refused(error, requestID: requestID, head: head)

        let status = HTTPResponseStatus(statusCode: error.status.code, reasonPhrase: error.status.reasonPhrase)
        context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
        if head?.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        endLastAnswer(context)
    }

    private func startTimer(_ limit: Duration, _ context: ChannelHandlerContext) {
        stopTimer()
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: TimeAmount(limit)) {
            let (handler, context) = bound.value
            handler.carryOut(handler.assembly.timedOut(), context)
        }
    }

    private func stopTimer() {
        timer?.cancel()
        timer = nil
    }

    private func stopTimers() {
        stopTimer()
        question?.cancel()
        question = nil
        idleTimer?.cancel()
        idleTimer = nil
        lastLook?.cancel()
        lastLook = nil
        stall?.cancel()
        stall = nil
    }
}
