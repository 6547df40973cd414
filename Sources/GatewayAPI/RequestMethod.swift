import HTTPTypes

extension HTTPRequest.Method {
    private static let known: Set<HTTPRequest.Method> = [
        .get, .post, .delete, .options, .head, .put, .patch, .trace, .connect,
    ]

    /// Its name, where it is one of a closed list: callers may make names up (OpenTelemetry, `http.request.method`).
    var boundedName: String { Self.known.contains(self) ? rawValue : "_OTHER" }
}
