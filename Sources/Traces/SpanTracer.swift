package import Tracing

/// Makes spans, and hands those that are sampled to a ``SpanQueue`` once they are over.
///
/// Bootstrapped for the process it takes libraries' spans along. What is the service's own needs no lookup of the tracer: each span
/// makes the steps inside of it, see ``TraceSpan/step(_:_:)``.
package final class SpanTracer: Tracer {
    private let queue: SpanQueue?
    private let sampler: TraceSampler
    /// Whether callers' `traceparent` is read, and one sent to upstreams.
    package let isPropagating: Bool

    /// - Parameter queue: `nil` where nothing is exported: requests have their ids all the same.
    package init(queue: SpanQueue? = nil, sampler: TraceSampler = .standard, isPropagating: Bool = true) {
        self.queue = queue
        self.sampler = sampler
        self.isPropagating = isPropagating
    }

    /// - Parameters:
    ///   - name: asked for where the span is recorded.
    ///   - parent: `nil` for a new trace.
    package func begin(
        _ name: @autoclosure () -> String,
        _ kind: SpanKind = .internal,
        under parent: TraceContext? = nil,
        in surroundings: ServiceContext = .topLevel,
        at start: UInt64? = nil
    ) -> TraceSpan {
        let id = parent?.trace ?? .random()
        let isSampled = queue != nil && sampler.samples(id, parent: parent)
        let trace = TraceContext(trace: id, span: .random(), isSampled: isSampled)
        guard isSampled else { return TraceSpan(trace, nil, of: self, in: surroundings) }
        let now = start ?? DefaultTracerClock.now.nanosecondsSinceEpoch
        let span = FinishedSpan(
            name: name(),
            kind: kind,
            context: trace,
            parent: parent?.span,
            startNanoseconds: now,
            endNanoseconds: now
        )
        return TraceSpan(trace, .init(span), of: self, in: surroundings)
    }

    func take(_ span: FinishedSpan) { queue?.add(span) }

    // MARK: Tracer

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> ServiceContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> TraceSpan {
        let context = context()
        return begin(
            operationName,
            kind,
            under: context.span?.trace,
            in: context,
            at: instant().nanosecondsSinceEpoch
        )
    }

    package func activeSpan(identifiedBy context: ServiceContext) -> TraceSpan? { context.span }

    /// The exporter flushes at its own end.
    package func forceFlush() {}

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout ServiceContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard isPropagating, let text = extractor.extract(key: "traceparent", from: carrier),
            let parent = TraceContext(traceparent: text)
        else { return }
        context.span = TraceSpan(parent, nil, of: self, in: context)
    }

    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let traceparent = context.span?.traceparent else { return }
        injector.inject(traceparent, forKey: "traceparent", into: &carrier)
    }
}
