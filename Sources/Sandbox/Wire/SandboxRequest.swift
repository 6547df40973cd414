import HTTPTypes
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A request that was read whole, with the time and the name under which the sandbox answers it.
struct SandboxRequest: Sendable {
    let head: HTTPRequest
    /// The path's segments, percent-decoded.
    let segments: [String]
    let query: FormFields
    let body: ByteBuffer
    let address: SandboxAddress
    let now: SandboxInstant
    /// Entra's trace id and Graph's `request-id`: new for each request.
    let id = Self.newID()

    init(head: HTTPRequest, body: ByteBuffer, address: SandboxAddress, now: SandboxInstant) {
        self.head = head
        self.body = body
        self.address = address
        self.now = now
        let target = (head.path ?? "/").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        segments = Self.segments(of: target[0])
        query = FormFields(target.count > 1 ? target[1] : "")
    }

    static func segments(of path: some StringProtocol) -> [String] {
        // `+` is itself in a path.
        path.split(separator: "/").map {
            FormFields.decode($0.split(separator: "+", omittingEmptySubsequences: false).joined(separator: "%2B"))
        }
    }

    static func newID() -> String { UUID().uuidString.lowercased() }

    /// Host and port under which the client came, which links in answers keep.
    var authority: String {
        guard let given = head.authority, !given.isEmpty else { return address.authority }
        return given.lowercased()
    }

    /// The host alone; an IPv6 address without its brackets.
    var host: String {
        guard authority.hasPrefix("[") else { return String(authority.prefix { $0 != ":" }) }
        return String(authority.dropFirst().prefix { $0 != "]" })
    }

    var origin: String { "\(address.scheme)://\(authority)" }

    /// The names of Graph for which tokens are issued and accepted: the sandbox's own, and Microsoft's, so that a client's
    /// usual scope works unchanged.
    var audiences: Set<String> {
        Set([origin, Self.microsoftGraph] + address.names.map(address.origin(of:)))
    }

    static let microsoftGraph = "https://graph.microsoft.com"

    /// The client's own name for the request, or ours when it gave none, as both services echo it.
    var clientRequestID: String {
        guard let given = head.headerFields[.clientRequestID], SandboxProfile.isGUID(given) else { return id }
        return given
    }
}

extension HTTPField.Name {
    static let clientRequestID = Self("client-request-id")!
    static let requestID = Self("request-id")!
    static let diagnostic = Self("x-ms-ags-diagnostic")!
    static let entraRequestID = Self("x-ms-request-id")!
    static let odataVersion = Self("OData-Version")!
    static let pragma = Self("Pragma")!
}
