import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Has the requests of one connection answered: one after another in their order, each in a task of its own.
///
/// The task is cancelled when the caller hangs up. What it does to its end all the same is waited for by ``end``.
final class ExchangeHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = CallerRequest
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    typealias Respond = @Sendable (CallerRequest, any Channel, RequestRecord) async -> CallerAnswer

    /// More requests of one caller than this are left unread while they wait for those before them.
    private static let longestQueue = 4

    private let respond: Respond
    private let executor: LoopExecutor
    private var waiting = CircularBuffer<CallerRequest>(initialCapacity: 1)
    private var current: (task: Task<Void, Never>, record: RequestRecord)?
    private var holdsRead = false
    private var isOpen = true
    /// The task of a request is being started, and may come to its end before that is done.
    private var isBeginning = false
    private var isServing = false
    private var early: CallerAnswer?
    /// Set where it is abandoned.
    private var onRest: (() -> Void)?
    private var context: ChannelHandlerContext?
    private var promise: EventLoopPromise<Void>?

    init(executor: LoopExecutor, respond: @escaping Respond) {
        self.executor = executor
        self.respond = respond
    }

    /// The connection is closed, and no task of it is left. Only on the event loop, once the handler is in its pipeline.
    var end: EventLoopFuture<Void> {
        guard let promise else { preconditionFailure("asked before the handler was added") }
        return promise.futureResult
    }

    /// A task is at work.
    var isBusy: Bool { current != nil }

    /// Cancels what is being done and what comes.
    ///
    /// - Parameter onRest: is called each time when nothing is being done any more.
    func abandon(onRest: @escaping () -> Void) {
        self.onRest = onRest
        current?.task.cancel()
        context?.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        promise = context.eventLoop.makePromise()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        hangUp()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        hangUp()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        waiting.append(unwrapInboundIn(data))
        serve(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        serve(context)
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        holdsRead = waiting.count >= Self.longestQueue
        if !holdsRead { context.read() }
    }

    /// Begins with the next request when the one before is answered, and the caller reads its answers. A loop, since many answers
    /// need no waiting at all; each may change whether more can be written, and so come here again.
    private func serve(_ context: ChannelHandlerContext) {
        guard !isServing else { return }
        isServing = true
        while isOpen, current == nil, context.channel.isWritable, let request = waiting.popFirst() {
            begin(request, context)
        }
        isServing = false
        if holdsRead { read(context: context) }
    }

    /// The task begins here and now, and goes on here after each wait: that a request changes threads as little as can be is most
    /// of what it saves.
    private func begin(_ request: CallerRequest, _ context: ChannelHandlerContext) {
        let record = RequestRecord()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        isBeginning = true
        let task = Task.immediate(executorPreference: executor) { [respond, channel = context.channel] in
            let answer = await respond(request, channel, record)
            bound.value.finish(answer)
        }
        isBeginning = false
        if let early {
            self.early = nil
            write(early, context)
        } else {
            if onRest != nil { task.cancel() }
            current = (task, record)
        }
    }

    private func finish(_ answer: CallerAnswer) {
        guard !isBeginning else {
            early = answer
            return
        }
        current = nil
        guard isOpen, let context else {
            promise?.succeed()
            return
        }
        write(answer, context)
        serve(context)
        if current == nil { onRest?() }
    }

    private func write(_ answer: CallerAnswer, _ context: ChannelHandlerContext) {
        let status = HTTPResponseStatus(statusCode: answer.status.code, reasonPhrase: answer.status.reasonPhrase)
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: HTTPHeaders(answer.fields))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if answer.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Nobody waits for an answer any more.
    private func hangUp() {
        guard isOpen else { return }
        isOpen = false
        waiting.removeAll()
        guard let current else {
            promise?.succeed()
            return
        }
        if onRest == nil { current.record.note { $0.callerLeft = true } }
        current.task.cancel()
    }
}
