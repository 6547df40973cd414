import Entra
import HTTPTypes
import NIOCore
import Settings
import Transport

/// The requests that Graph is sent, each built anew for each attempt.
struct GraphRequest {
    var operation: GraphAttempt.Operation
    var url: UpstreamURL
    var method: HTTPRequest.Method
    var body: ByteBuffer?
    var repetition: UpstreamRequest.Repetition

    /// `POST …/{id}/createToken`: not idempotent, answered with 204 and no body.
    /// <https://learn.microsoft.com/graph/api/intune-androidforwork-androidforworkenrollmentprofile-createtoken>
    static func createToken(
        _ profile: ProfileReference,
        validityInSeconds: Int,
        at root: UpstreamURL
    ) -> GraphRequest {
        GraphRequest(
            operation: .createToken,
            url: root.appending(path: path(profile) + "/createToken"),
            method: .post,
            body: ByteBuffer(string: #"{"tokenValidityInSeconds":\#(validityInSeconds)}"#),
            repetition: .never
        )
    }

    /// `GET …/{id}` with `$select`, so that neither the QR code nor a Wi-Fi password travels.
    static func readToken(_ profile: ProfileReference, at root: UpstreamURL) -> GraphRequest {
        GraphRequest(
            operation: .readProfile,
            url: root.appending(path: path(profile), query: "$select=" + TokenState.selection(for: profile.kind)),
            method: .get,
            body: nil,
            repetition: .harmless
        )
    }

    /// The request as it goes out, with an access token and an id of its own.
    func upstream(token: AccessToken, deadline: ContinuousClock.Instant, id: String) -> UpstreamRequest {
        var fields: HTTPFields = [.accept: "application/json", .clientRequestID: id]
        if body != nil { fields[.contentType] = "application/json" }
        token.value.reveal { fields[.authorization] = "Bearer " + $0 }
        return UpstreamRequest(
            method: method,
            url: url,
            fields: fields,
            body: body,
            repetition: repetition,
            // What may have taken effect is finished, whoever waits for it or not.
            cancellation: repetition == .never ? .untilSent : .atAnyTime,
            deadline: deadline
        )
    }

    private static func path(_ profile: ProfileReference) -> String {
        "/deviceManagement/\(profile.kind.collection)/\(profile.id)"
    }
}
