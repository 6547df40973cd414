import Entra
import HTTPTypes
import NIOCore
import Settings
import Transport

/// The requests that Graph is sent, each built anew for each attempt.
struct GraphRequest {
    typealias Purpose = GraphAttempt.Purpose

    var operation: GraphAttempt.Operation
    var purpose: Purpose
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
            purpose: .send,
            url: root.appending(path: path(profile) + "/createToken"),
            method: .post,
            body: ByteBuffer(string: #"{"tokenValidityInSeconds":\#(validityInSeconds)}"#),
            repetition: .never
        )
    }

    /// `POST …/{id}/revokeToken`: the token expires at once; answered with 204 and no body. Twice has the effect of once, but the
    /// transport does not know in whose turn it is, and never repeats it by itself.
    /// <https://learn.microsoft.com/graph/api/intune-androidforwork-androidforworkenrollmentprofile-revoketoken>
    static func revokeToken(_ profile: ProfileReference, at root: UpstreamURL) -> GraphRequest {
        GraphRequest(
            operation: .revokeToken,
            purpose: .send,
            url: root.appending(path: path(profile) + "/revokeToken"),
            method: .post,
            body: nil,
            repetition: .never
        )
    }

    /// `GET …/{id}` with `$select`, so that nothing travels that is not asked for, and a Wi-Fi password never.
    static func readToken(
        _ profile: ProfileReference,
        _ selection: TokenSelection,
        at root: UpstreamURL
    ) -> GraphRequest {
        read(
            .readProfile,
            root.appending(path: path(profile), query: "$select=" + selection.properties(of: profile.kind))
        )
    }

    /// `GET …/{id}` without anything secret.
    static func readProfile(_ profile: ProfileReference, at root: UpstreamURL) -> GraphRequest {
        read(
            .readProfile,
            root.appending(path: path(profile), query: "$select=" + EnrollmentProfile.selection(for: profile.kind))
        )
    }

    /// The first page of a collection, without anything secret.
    static func listProfiles(of kind: ProfileKind, at root: UpstreamURL) -> GraphRequest {
        read(
            .listProfiles,
            root.appending(
                path: "/deviceManagement/\(kind.collection)",
                query: "$select=" + EnrollmentProfile.selection(for: kind)
            )
        )
    }

    /// A further page, at the address that Graph gave.
    ///
    /// - Returns: `nil` where the address is not one of the collection under our own Graph root: the access token goes nowhere else.
    static func nextPage(_ link: String, of kind: ProfileKind, at root: UpstreamURL) -> GraphRequest? {
        guard let url = try? UpstreamURL(link), url.isSecure == root.isSecure, url.host == root.host,
            url.port == root.port, url.path == root.path + "/deviceManagement/\(kind.collection)"
        else { return nil }
        return read(.listProfiles, url)
    }

    private static func read(_ operation: GraphAttempt.Operation, _ url: UpstreamURL) -> GraphRequest {
        GraphRequest(operation: operation, purpose: .read, url: url, method: .get, body: nil, repetition: .harmless)
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
