import NIOCore
import NIOHTTP1
import NIOHTTP2

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
    private var course: ConnectionCourse
    private var timers = EdgeTimers()
    /// Done when all answers so far have been taken by the system, or cannot be.
    private var lastWrite: EventLoopFuture<Void>?
    private var lingered = 0
    private var lastActive = NIODeadline.now()
    /// When the first bytes came of the request that is coming; a stream begins with them.
    private var begun = NIODeadline.now()

    init(
        limits: EdgeLimits,
        connections: CallerConnections = CallerConnections(),
        carrier: Carrier = .connection,
        budget: BodyBudget? = nil,
        log: EdgeLog,
        origins: AllowedOrigins = AllowedOrigins()
    ) {
        assembly = RequestAssembly(limits: limits, carrier: carrier)
        course = ConnectionCourse(carrier, mostRequests: limits.maximumRequestsPerConnection)
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
        timers.cancelAll()
        giveBack()
    }

    // MARK: In

    /// - Returns: whether the bytes are to be parsed at all.
    func bytesArrived(_ bytes: ByteBuffer, context: ChannelHandlerContext) -> Bool {
        // What follows a last request is no request any more (RFC 9112 §9.6).
        guard !course.closesAfterAnswer else { return false }
        if assembly.isRefused {
            lingered += bytes.readableBytes
            if lingered > EdgeLimits.lingerBytes, course.inFlight == 0 { context.close(promise: nil) }
            return false
        }
        if assembly.isIdle { begun = .now() }
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
        } else if carrier == .stream, course.inFlight == 0, !(error is NIOHTTP2Errors.StreamClosed) {
            carryOut(assembly.failed(), context)
        } else if !assembly.isRefused {
            context.fireErrorCaught(error)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            course.isInputOver = true
            endUnlessBusy(context)
            askWhetherGone(after: EdgeLimits.questionPauses, context)
        case is ChannelShouldQuiesceEvent:
            course.isStopping = true
            carryOut(assembly.stopped(), context)
            takeLastLook(context)
        default:
            break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// A caller that reads nothing of its answers loses its connection.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        timers.stall = nil
        if !context.channel.isWritable, context.channel.isActive {
            let channel = context.channel
            timers.stall = context.eventLoop.scheduleTask(in: TimeAmount(assembly.limits.writeTimeout)) {
                channel.cut()
            }
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timers.cancelAll()
        context.fireChannelInactive()
    }

    // MARK: Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            guard course.beginsLastAnswer(areEnding: connections.areEnding), carrier == .connection else {
                return context.write(data, promise: promise)
            }
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            if course.endsLastAnswer() { return endLastAnswer(context, promise: promise) }
            let written = promise ?? context.eventLoop.makePromise()
            lastWrite = written.futureResult
            context.write(data, promise: written)
            answered(context)
        }
    }

    private func answered(_ context: ChannelHandlerContext) {
        guard course.inFlight == 0 else { return }
        if let refusal = course.takeRefusal() {
            answer(refusal.error, to: refusal.head, context)
        } else {
            startIdling(context)
        }
    }

    // MARK: The connection's end

    /// Ends a connection on which nothing is owed to the caller but what is written already. A refusal sees to its end by itself.
    private func endUnlessBusy(_ context: ChannelHandlerContext) {
        guard course.inFlight == 0, !assembly.isRefused else { return }
        guard let lastWrite else { return context.close(promise: nil) }
        if !course.closesAfterAnswer {
            course.close()
            closeTimer(assembly.limits.writeTimeout, context)
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        lastWrite.whenComplete { _ in bound.value.close(promise: nil) }
    }

    /// A request may be here that nobody has read yet: closing now would answer it with a reset. So what there is is read before.
    private func takeLastLook(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let time = course.requests == 0 ? assembly.limits.lastFirstRequest : EdgeLimits.lastLook
        timers.lastLook = context.eventLoop.scheduleTask(in: TimeAmount(time)) {
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
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        timers.deadline = context.eventLoop.scheduleTask(in: TimeAmount(time)) { bound.value.close(promise: nil) }
    }

    /// One timer at a time, which looks whether there was something to do meanwhile: setting one for each request would cost more.
    private func startIdling(_ context: ChannelHandlerContext) {
        lastActive = .now()
        if timers.idle == nil { scheduleIdleEnd(context) }
    }

    private func scheduleIdleEnd(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let end = lastActive + TimeAmount(assembly.limits.idleTimeout)
        timers.idle = context.eventLoop.scheduleTask(deadline: end) {
            let (handler, context) = bound.value
            handler.timers.idle = nil
            guard handler.course.inFlight == 0 else { return }
            if handler.lastActive + TimeAmount(handler.assembly.limits.idleTimeout) <= .now() {
                handler.endUnlessBusy(context)
            } else {
                handler.scheduleIdleEnd(context)
            }
        }
    }

    // MARK: Orders

    private func carryOut(_ order: RequestAssembly.Order, _ context: ChannelHandlerContext) {
        guard !course.closesAfterAnswer else { return }
        switch order {
        case .none:
            break
        case .startHeaderTimer:
            startTimer(assembly.limits.headerTimeout, context)
        case .startBodyTimer:
            startTimer(assembly.limits.bodyTimeout, context)
        case .sendContinue:
            // Behind an answer that is not out yet the caller goes on by itself after a moment (RFC 9110 §10.1.1).
            if course.inFlight == 0 {
                context.writeAndFlush(wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
            }
        case .deliver(let head, let body):
            deliver(head, body, context)
        case .refuse(let error, let head):
            timers.deadline = nil
            giveBack()
            if course.refused(error, head) { answer(error, to: head, context) }
        }
    }

    /// The end of what a caller sends may be the end of the caller: TCP shows a closed socket and one whose sending side alone is
    /// closed in the same way, until something is sent there. So a `100 Continue` is sent, which every client skips (RFC 9110
    /// §15.2): where nobody is left, the far system answers it with a reset. More than once, because some close the sending
    /// side first and the rest a moment later.
    private func askWhetherGone(after pauses: ArraySlice<Duration>, _ context: ChannelHandlerContext) {
        guard let pause = pauses.first, course.inFlight > 0, course.knowsInterimAnswers else { return }
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        timers.question = context.eventLoop.scheduleTask(in: TimeAmount(pause)) {
            let (handler, context) = bound.value
            guard handler.course.inFlight > 0 else { return }
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(handler.wrapOutboundOut(.head(head)), promise: nil)
            handler.askWhetherGone(after: pauses.dropFirst(), context)
        }
    }

    private func deliver(_ head: HTTPRequestHead, _ body: ByteBuffer?, _ context: ChannelHandlerContext) {
        timers.deadline = nil
        giveBack()
        course.began(head)
        // Trailers are dropped: nothing may be authenticated by them.
        context.fireChannelRead(wrapInboundOut(CallerRequest(head: head, body: body)))
    }

    /// Answers by itself, and ends the connection.
    private func answer(_ error: GatewayError, to head: HTTPRequestHead?, _ context: ChannelHandlerContext) {
        let answer = EdgeAnswer(error, to: head, origins: origins, isLast: carrier == .connection)
        let duration = Duration.nanoseconds((NIODeadline.now() - begun).nanoseconds)
        log.refused(error, requestID: answer.requestID, head: head, after: duration)
        context.write(wrapOutboundOut(.head(answer.head)), promise: nil)
        if let body = answer.body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        endLastAnswer(context)
    }

    private func startTimer(_ limit: Duration, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        timers.deadline = context.eventLoop.scheduleTask(in: TimeAmount(limit)) {
            let (handler, context) = bound.value
            handler.carryOut(handler.assembly.timedOut(), context)
        }
    }
}
