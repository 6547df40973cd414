package import Tracing

/// A span that is over, as it is handed to the exporter.
package struct FinishedSpan: Sendable {
    package var name: String
    package var kind: SpanKind
    package var context: TraceContext
    package var parent: TraceContext.SpanID?
    /// Since 1970.
    package var startNanoseconds: UInt64
    package var endNanoseconds: UInt64
    package var attributes: SpanAttributes = [:]
    package var events: [SpanEvent] = []
    package var links: [TraceContext] = []
    package var status: SpanStatus?
    /// What was more than a span may have.
    package var droppedEvents = 0
    package var droppedLinks = 0
}
