/// Which traces are recorded: the standard values of `OTEL_TRACES_SAMPLER`.
package struct TraceSampler: Sendable, Equatable {
    package enum Root: Sendable, Equatable {
        case always
        case never
        /// From 0 to 1.
        case ratio(Double)
    }

    package var root: Root
    /// Whether a trace that has begun elsewhere is recorded here if it is recorded there.
    package var followsParent: Bool

    package init(_ root: Root, followsParent: Bool = true) {
        self.root = root
        self.followsParent = followsParent
    }

    /// The default: all that begin here, and of others those that are recorded there.
    package static let standard = TraceSampler(.always)

    func samples(_ trace: TraceContext.TraceID, parent: TraceContext?) -> Bool {
        if followsParent, let parent { return parent.isSampled }
        switch root {
        case .always: return true
        case .never: return false
        case .ratio(let ratio):
            // By the trace's id, so that all services that sample so choose the same ones (OpenTelemetry SDK, TraceIdRatioBased).
            return Double(trace.low >> 1) < ratio * 0x1p63
        }
    }
}
