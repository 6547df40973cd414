/// Why a sandbox does not run. Each is told in one sentence.
package enum SandboxError: Error, Sendable, Equatable, CustomStringConvertible {
    case invalidConfiguration(String)
    /// Plain http would show the client secret and every token to the network.
    case insecureHost(String)
    /// The directory for the authority's certificate; `reason` where the system gives one.
    case directoryNotWritable(String, reason: String?)
    case portTaken(host: String, port: Int)
    case cannotListen(host: String, port: Int, reason: String)
    /// It ended before it listened, or is no longer there.
    case stopped

    package var description: String {
        switch self {
        case .invalidConfiguration(let reason):
            "The sandbox cannot start: \(reason)."
        case .insecureHost(let host):
            "The sandbox listens with plain http on loopback addresses only, not on \"\(host)\": give it a TLS directory."
        case .directoryNotWritable(let directory, let reason):
            "The sandbox cannot write its certificate to the TLS directory \"\(directory)\"\(reason.map { ": \($0)" } ?? "")."
        case .portTaken(let host, let port):
            "The sandbox cannot listen on \(host):\(port), because another program already does: choose another port, or 0 for any free one."
        case .cannotListen(let host, let port, let reason):
            "The sandbox cannot listen on \(host):\(port): \(reason)."
        case .stopped:
            "The sandbox has stopped."
        }
    }
}
