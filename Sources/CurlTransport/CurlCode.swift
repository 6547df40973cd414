import CCurl
import Transport

/// libcurl's result codes in our words: one table (<https://curl.se/libcurl/c/libcurl-errors.html>).
enum CurlCode {
    /// How far a transfer came, for codes that mean different things before and after.
    enum Stage {
        case resolving, connecting
        /// The request had begun to be written.
        case exchanging
    }

    /// - Parameter detail: libcurl's own words; some causes share a code and differ in these alone.
    static func kind(of code: CURLcode, at stage: Stage, detail: String) -> TransportError.Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            .nameNotResolved
        case CURLE_COULDNT_CONNECT, CURLE_PROXY:
            .connectFailed
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_CLIENTCERT, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED:
            .tlsFailed
        case CURLE_OPERATION_TIMEDOUT:
            switch stage {
            case .resolving: .nameNotResolved
            case .connecting: .connectFailed
            case .exchanging: .timedOut
            }
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_SEND_FAIL_REWIND,
            CURLE_HTTP2,
            CURLE_HTTP2_STREAM, CURLE_READ_ERROR:
            switch stage {
            case .resolving, .connecting: .connectFailed
            case .exchanging: isBrokenChunk(detail) ? .malformedResponse : .connectionLost
            }
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            .malformedResponse
        case CURLE_UNSUPPORTED_PROTOCOL:
            // An answer that is not HTTP is taken for HTTP/0.9, which is switched off.
            stage == .exchanging ? .malformedResponse : .internal
        case CURLE_FILESIZE_EXCEEDED:
            .responseTooLarge
        case CURLE_NO_CONNECTION_AVAILABLE:
            .overloaded
        default:
            .internal
        }
    }

    /// What libcurl says of `code` in general. Static text, never anything of a request.
    static func words(for code: CURLcode) -> String {
        unsafe String(cString: curl_easy_strerror(code))
    }

    /// libcurl 7.88 reports a chunk that is none as `CURLE_RECV_ERROR`, like a connection that ends.
    private static func isBrokenChunk(_ detail: String) -> Bool { detail.hasSuffix("in chunked-encoding") }
}
