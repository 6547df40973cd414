import Synchronization
package import Tracing

/// A span of ``SpanTracer``. One that is not recorded does nothing but say which trace it belongs to.
package final class TraceSpan: Span {
    /// Events, and links; what is more is counted.
    static let most = 128

    package let trace: TraceContext
    private let tracer: SpanTracer
    /// What libraries have put there.
    private let surroundings: ServiceContext
    private let recording: Recording?

    init(_ trace: TraceContext, _ recording: Recording?, of tracer: SpanTracer, in surroundings: ServiceContext) {
        self.trace = trace
        self.recording = recording
        self.tracer = tracer
        self.surroundings = surroundings
    }

    /// That of the present task: of the request that is being answered.
    package static var current: TraceSpan? { ServiceContext.current?.span }

    /// A step inside of the present task's span, to be ended by whoever asks; `nil` where nothing is recorded, which costs next to
    /// nothing.
    package static func step(_ name: @autoclosure () -> String, _ kind: SpanKind = .internal) -> TraceSpan? {
        current?.step(name(), kind)
    }

    /// The same inside of this one.
    package func step(_ name: @autoclosure () -> String, _ kind: SpanKind = .internal) -> TraceSpan? {
        guard recording != nil else { return nil }
        return tracer.begin(name(), kind, under: trace, in: surroundings)
    }

    /// What an upstream is told of the trace; `nil` where it is to be told nothing.
    package var traceparent: String? { tracer.isPropagating ? trace.traceparent : nil }

    /// A fact of a closed kind, or one that may be seen by everybody who sees the log: never a secret, a query or a body.
    package func note(_ name: String, _ value: String?) {
        guard let value else { return }
        change { $0.attributes[name] = value }
    }

    package func note(_ name: String, _ value: Int?) {
        guard let value else { return }
        change { $0.attributes[name] = value }
    }

    /// It did not come to what it was for.
    ///
    /// - Parameter kind: from a closed list.
    package func fail(_ kind: String) {
        change { span in
            span.attributes["error.type"] = kind
            span.status = SpanStatus(code: .error)
        }
    }

    package func end() { end(at: DefaultTracerClock.now) }

    /// Does `body` as a part of this span: steps in it are inside of this one, and lines of the log name its trace.
    package func surround<Value, Failure: Error>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await ServiceContext.$current.withValue(context) {
            do throws(Failure) {
                return Result<Value, Failure>.success(try await body())
            } catch {
                return .failure(error)
            }
        }.get()
    }

    // MARK: Span

    package var context: ServiceContext {
        var context = surroundings
        context.span = self
        return context
    }

    package var isRecording: Bool { recording?.state.withLock { !$0.isOver } ?? false }

    package var operationName: String {
        get { recording?.state.withLock { $0.span.name } ?? "" }
        set { change { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { recording?.state.withLock { $0.span.attributes } ?? [:] }
        set { change { $0.attributes = newValue } }
    }

    package func setStatus(_ status: SpanStatus) { change { $0.status = status } }

    package func addEvent(_ event: SpanEvent) {
        change { span in
            if span.events.count < Self.most { span.events.append(event) } else { span.droppedEvents += 1 }
        }
    }

    package func addLink(_ link: SpanLink) {
        guard let trace = link.context.span?.trace else { return }
        change { span in
            if span.links.count < Self.most { span.links.append(trace) } else { span.droppedLinks += 1 }
        }
    }

    /// The type of the error alone: its description may hold anything.
    package func recordError(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> some TracerInstant
    ) {
        guard recording != nil else { return }
        fail("\(type(of: error))")
    }

    package func end(at instant: @autoclosure () -> some TracerInstant) {
        guard let recording else { return }
        let end = instant().nanosecondsSinceEpoch
        let finished = recording.state.withLock { state -> FinishedSpan? in
            guard !state.isOver else { return nil }
            state.isOver = true
            // The machine's time of day may have been set back.
            state.span.endNanoseconds = max(end, state.span.startNanoseconds)
            return state.span
        }
        if let finished { tracer.take(finished) }
    }

    private func change(_ body: (inout FinishedSpan) -> Void) {
        recording?.state.withLock { state in if !state.isOver { body(&state.span) } }
    }

    /// What is recorded of a span while it lasts.
    final class Recording: Sendable {
        struct State {
            var span: FinishedSpan
            var isOver = false
        }

        let state: Mutex<State>

        init(_ span: FinishedSpan) { state = Mutex(State(span: span)) }
    }
}

extension ServiceContext {
    private enum Key: ServiceContextKey {
        typealias Value = TraceSpan
        static var nameOverride: String? { "span" }
    }

    /// The innermost one.
    package var span: TraceSpan? {
        get { self[Key.self] }
        set { self[Key.self] = newValue }
    }
}
