package import Logging
import Traces

extension Logger.MetadataProvider {
    /// `trace.id` and `span.id` of the request that the present task is at work on, for each line, whoever writes it.
    ///
    /// Nothing is made of them before a line is written.
    package static let trace = Logger.MetadataProvider { TraceSpan.current?.metadata ?? [:] }
}
