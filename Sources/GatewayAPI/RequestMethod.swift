import HTTPTypes

extension HTTPRequest.Method {
    /// Its name, where it is one of a closed list: callers may make names up (OpenTelemetry, `http.request.method`).
    var boundedName: String {
        switch self {
        case .get, .post, .delete, .options, .head, .put, .patch, .trace, .connect: rawValue
        default: "_OTHER"
        }
    }
}
