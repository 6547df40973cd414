import HTTPTypes
import Transport

/// What of a request decides on libcurl's options, apart from its URL, its fields and its body: requests of one shape need
/// only these set anew.
struct RequestShape: Equatable {
    private let method: HTTPRequest.Method
    private let hasBody: Bool
    private let repetition: UpstreamRequest.Repetition
    private let isSecure: Bool
    /// Decides on the proxy.
    private let host: String
    /// See ``ConnectionPath/Addresses/literal``.
    let isLiteral: Bool

    init(_ request: UpstreamRequest, by path: ConnectionPath) {
        method = request.method
        hasBody = request.body != nil
        repetition = request.repetition
        isSecure = request.url.isSecure
        host = request.url.host
        isLiteral = if case .literal = path.addresses { true } else { false }
    }
}
