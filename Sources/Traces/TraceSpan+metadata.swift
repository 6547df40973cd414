package import Logging

extension TraceSpan {
    /// For a line of the log: `trace.id` and `span.id`.
    package var metadata: Logger.Metadata {
        ["trace.id": .string(trace.trace.description), "span.id": .string(trace.span.description)]
    }
}
