package import Entra
package import Transport

/// How Graph is used.
package struct GraphConfiguration: Sendable {
    /// Where Microsoft Graph is in a cloud. The resources exist in `beta` only.
    package static func baseURL(in cloud: Cloud) -> UpstreamURL { cloud.graph.appending(path: "/beta") }

    package static let defaultDeadline = Duration.seconds(25)
    package static let deadlineRange = Duration.seconds(1)...Duration.seconds(300)

    package var baseURL: UpstreamURL
    /// All upstream work of one request.
    package var deadline: Duration
    /// `nil`: no pacing of our own.
    package var writeLimit: WriteLimit?

    package init(baseURL: UpstreamURL, deadline: Duration = Self.defaultDeadline, writeLimit: WriteLimit? = .default) {
        self.baseURL = baseURL
        self.deadline = deadline
        self.writeLimit = writeLimit
    }

    /// The part of ``deadline`` that is kept for reading back: 5 s, at most a fifth.
    package var readBackReserve: Duration { min(.seconds(5), deadline / 5) }

    /// Nothing is sent with less time than this left before the reserve begins.
    package var leastSendTime: Duration { min(.seconds(1), deadline / 10) }
}

/// So many writes in so much time.
package struct WriteLimit: Sendable, Equatable {
    /// Stays under Graph's limit for these resources, 100 writes per 20 s per app and tenant.
    package static let `default` = WriteLimit(count: 80, interval: .seconds(20))

    package var count: Int
    package var interval: Duration

    package init(count: Int, interval: Duration) {
        self.count = count
        self.interval = interval
    }
}
