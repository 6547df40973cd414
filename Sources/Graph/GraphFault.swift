package import Entra
import Foundation
package import HTTPTypes
import NIOCore
package import Transport

/// What Graph's refusal said, taken apart (graph.md: `{"error": {"code", "message", "innerError"}}`).
///
/// Intune puts a JSON text of its own into `message`; it is unwrapped. Everything is optional: bodies may be empty, HTML, or
/// begin with a byte-order mark. The words are for the log; callers are shown only codes and ids.
package struct GraphFault: Sendable, Equatable {
    package var status: Int
    /// Graph's id of the request: the `request-id` field, else the body's.
    package var requestID: String?
    /// Intune's id of its own work.
    package var activityID: String?
    /// Graph's error code, for example `Forbidden`.
    package var code: String?
    /// The human words, without long ones: those are addresses of internal hosts, or a token that an upstream gives back.
    package var message: String?
    /// The delay asked for, from the field or from Intune's nested `RetryAfter`.
    package var retryAfter: Duration?
    /// The claims that a 401 asks for (continuous access evaluation).
    package var challenge: ClaimsChallenge?

    package init(
        status: Int,
        requestID: String? = nil,
        activityID: String? = nil,
        code: String? = nil,
        message: String? = nil,
        retryAfter: Duration? = nil
    ) {
        self.status = status
        self.requestID = requestID
        self.activityID = activityID
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    /// What can be known from the answer's head alone.
    package init(status: HTTPResponse.Status, fields: HTTPFields) {
        self.init(
            status: status.code,
            requestID: Self.requestID(in: fields),
            retryAfter: RetryAfter.duration(in: fields)
        )
        if status == .unauthorized { challenge = ClaimsChallenge(wwwAuthenticate: fields) }
    }

    package init(_ response: UpstreamResponse) {
        self.init(status: response.status, fields: response.fields)
        guard response.body.readableBytes > 0, let body = ErrorBody(response.body)?.error else { return }
        code = body.code?.text.flatMap { sanitized($0, limit: Self.longestCode) }
        if requestID == nil {
            requestID = body.inner?["request-id"]?.text.flatMap { sanitized($0, limit: Self.longestID) }
        }
        guard let text = body.message?.text else { return }
        message = clipped(text)
        if let nested = IntuneMessage(text) {
            message = nested.text.map(clipped)
            activityID = nested.activityID
            retryAfter = retryAfter ?? nested.retryAfter
        }
    }

    /// Graph's id of the request, as an answer's fields show it.
    static func requestID(in fields: HTTPFields) -> String? {
        fields[.graphRequestID].flatMap { sanitized($0, limit: longestID) }
    }

    /// The permissions that the words name, as a 403 does: what an operator has to look for. At most five.
    package var namedPermissions: [String] {
        let words = (message ?? "").split { !($0.isLetter || $0 == ".") }
        return words.filter(Self.isPermission).prefix(5).map(String.init)
    }

    /// `Resource.Operation.Constraint`, for example `DeviceManagementConfiguration.ReadWrite.All`.
    fileprivate static func isPermission(_ word: Substring) -> Bool {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 3 && ["Read", "ReadWrite", "PrivilegedOperations"].contains(parts[1]) && parts[2] == "All"
            && word.utf8.count <= longestName && parts[0].utf8.allSatisfy { $0 < 0x80 } && !parts[0].isEmpty
    }

    static let longestCode = 64
    static let longestID = 64
    /// In Unicode scalars: one character may be made of a million of them.
    static let longestMessage = 500
    /// No less than an Activity ID has, and far less than an access token.
    static let longestWord = 40
    /// The name of a permission is longer, and what an operator looks for; it has letters and dots only.
    static let longestName = 64
}

/// Names of permissions stay; names of hosts, which have dots as well, do not.
private func isFit(_ word: Substring.UnicodeScalarView) -> Bool {
    let marks = ".,;:()'\"".unicodeScalars
    let inner = word.drop { marks.contains($0) }
    let name = inner.prefix(
        (inner.lastIndex { !marks.contains($0) }).map { inner.distance(from: inner.startIndex, to: $0) + 1 } ?? 0
    )
    if name.filter({ $0 == "." }).count < 2 { return word.count <= GraphFault.longestWord }
    return GraphFault.isPermission(Substring(name))
}

private func clipped(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(10 * GraphFault.longestMessage)
    var words = scalars.split { $0.properties.isWhitespace }
    // The last one may have been cut.
    let isCut = scalars.endIndex < text.unicodeScalars.endIndex
    if isCut, scalars.last?.properties.isWhitespace == false { words = words.dropLast() }
    let short = words.filter(isFit).map { String($0) }
    return String(short.joined(separator: " ").unicodeScalars.prefix(GraphFault.longestMessage))
}

/// The text if it is made of the characters that codes and ids have, and no longer than `limit`: fit to be shown. With dots it could
/// be the name of a host.
func sanitized(_ text: String, limit: Int) -> String? {
    guard !text.isEmpty, text.utf8.count <= limit else { return nil }
    let isSane = text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
    return isSane ? text : nil
}

/// The error text of the Intune service, which Graph passes on as a JSON text in `message`.
struct IntuneMessage {
    var text: String?
    var activityID: String?
    var retryAfter: Duration?

    init?(_ message: String) {
        guard message.utf8.first == UInt8(ascii: "{"),
            let document = try? JSONDecoder().decode([String: LenientText].self, from: Data(message.utf8)),
            let whole = document["Message"]?.text
        else { return nil }
        text = Self.before(" - Operation ID", in: whole)
        activityID = Self.after("Activity ID: ", in: whole).flatMap { ProfileID($0) }?.description
        retryAfter = document["RetryAfter"]?.text.flatMap { RetryAfter.duration($0, now: .now) }
    }

    private static func before(_ mark: String, in text: String) -> String {
        text.range(of: mark).map { String(text[..<$0.lowerBound]) } ?? text
    }

    private static func after(_ mark: String, in text: String) -> String? {
        text.range(of: mark).map { String(text[$0.upperBound...].prefix(36)) }
    }
}

private struct ErrorBody: Decodable {
    struct Content: Decodable {
        var code: LenientText?
        var message: LenientText?
        var innerError: LenientMembers?
        // OData and Microsoft's OpenAPI spell it so; the wire does not.
        var innererror: LenientMembers?
        var inner: [String: LenientText]? { (innerError ?? innererror)?.texts }
    }
    var error: Content?

    init?(_ body: ByteBuffer) {
        var body = body
        guard let value = try? decodeGraphJSON(ErrorBody.self, from: &body) else { return nil }
        self = value
    }
}

extension HTTPField.Name {
    /// Graph's id of a request, in its answer.
    package static let graphRequestID = Self("request-id")!
    /// Our id of a request to Graph or Entra, fresh for each attempt.
    package static let clientRequestID = Self("client-request-id")!
}
