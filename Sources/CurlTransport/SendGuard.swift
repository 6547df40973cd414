import Transport

/// Keeps libcurl from sending a request a second time by itself, and draws what can be known from the attempt.
///
/// libcurl sends again when a reused connection ends before an answer, and when HTTP/2 refuses a stream (`Curl_retry_request`,
/// <https://github.com/curl/curl/issues/18417>); no option forbids it. Each attempt passes `CURLOPT_PREREQFUNCTION`
/// (<https://curl.se/libcurl/c/CURLOPT_PREREQFUNCTION.html>) after the connection is ready and before its first byte is written.
struct SendGuard: Equatable {
    /// What a second attempt, stopped, says of the first.
    enum Finding: Equatable {
        /// The first one was refused unread.
        case refused
        /// Its connection ended; nobody can tell whether the request was read.
        case lost
    }

    let repetition: UpstreamRequest.Repetition
    /// Whether the request began to be written, on any connection.
    var hasBegun: Bool { attempts > 0 }
    /// How often it began to be written.
    private(set) var attempts = 0
    private(set) var finding: Finding?
    private var usedNewConnection = false

    init(repetition: UpstreamRequest.Repetition) { self.repetition = repetition }

    /// The request is about to be written. Returns whether it may.
    ///
    /// - Parameters:
    ///   - newConnection: this transfer has opened a connection by now.
    ///   - untouched: nothing of an answer came, and libcurl has noted no error. On a new connection that leaves one cause
    ///     for a second attempt: REFUSED_STREAM, or a GOAWAY below the stream (RFC 9113 §8.7). The other one,
    ///     HTTP_1_1_REQUIRED, leaves its words in the error buffer, and is no proof that the request was not acted upon.
    ///   - alone: no other transfer has used the connection of the first attempt. Where one has, libcurl 7.88 sends again after
    ///     any end of the connection, errors of HTTP/2 included, and notes nothing.
    mutating func requestBegins(newConnection: Bool, untouched: Bool, alone: Bool) -> Bool {
        guard hasBegun else {
            attempts = 1
            usedNewConnection = newConnection
            return true
        }
        guard repetition == .never else {
            attempts += 1
            return true
        }
        finding = usedNewConnection && untouched && alone ? .refused : .lost
        return false
    }
}
