package import HTTPTypes
package import NIOCore

/// The final answer to an ``UpstreamRequest``: never an informational (1xx) one.
package struct UpstreamResponse: Sendable {
    package var status: HTTPResponse.Status
    package var fields: HTTPFields
    package var body: ByteBuffer
    package var timings: Timings

    package init(
        status: HTTPResponse.Status,
        fields: HTTPFields = [:],
        body: ByteBuffer = ByteBuffer(),
        timings: Timings = Timings()
    ) {
        self.status = status
        self.fields = fields
        self.body = body
        self.timings = timings
    }

    /// Where an exchange's time went, each counted from its start.
    package struct Timings: Sendable, Equatable {
        /// The connection, TLS included, was ready. Zero on a kept-alive one.
        package var connected: Duration
        /// The answer's first byte was here.
        package var firstByte: Duration
        package var total: Duration
        /// Whether the exchange used a connection that an earlier one had opened.
        package var reusedConnection: Bool

        package init(
            connected: Duration = .zero,
            firstByte: Duration = .zero,
            total: Duration = .zero,
            reusedConnection: Bool = false
        ) {
            self.connected = connected
            self.firstByte = firstByte
            self.total = total
            self.reusedConnection = reusedConnection
        }
    }
}
