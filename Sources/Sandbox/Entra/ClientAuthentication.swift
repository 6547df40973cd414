import HTTPTypes
import NIOCore
import Settings

/// How the app proves that it is itself, at the token endpoint.
struct ClientAuthentication: Sendable {
    /// RFC 7523 §2.2.
    static let assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    /// How it was done, as access tokens tell it in `appidacr`.
    enum Method: String, Sendable {
        case secret = "1"
        /// A certificate of its own, or somebody whom it trusts.
        case assertion = "2"
    }

    /// The form's client id, or the one in HTTP Basic.
    let clientID: String?
    private let secret: String?
    private let assertion: String?
    private let type: String?

    init(_ form: FormFields, _ head: HTTPRequest) {
        let basic = Self.basicCredentials(head.headerFields[.authorization])
        clientID = form["client_id"] ?? basic?.id
        secret = form["client_secret"] ?? basic?.secret
        assertion = form["client_assertion"]
        type = form["client_assertion_type"]
    }

    /// - Throws: Entra's refusal when nothing is proven.
    func verify(_ request: SandboxRequest, tenant: SandboxTenant) throws(EntraRefusal) -> Method {
        switch (secret, assertion) {
        case (nil, nil): throw .missingCredential
        case (_?, _?): throw .severalCredentials
        case (let secret?, nil):
            let right = tenant.clientSecrets.filter { $0.value.reveal { $0 == secret } }
            guard !right.isEmpty else { throw .wrongSecret(application: tenant.clientID) }
            guard right.contains(where: { $0.expiresAt.map { request.now < $0 } ?? true }) else {
                throw .expiredSecret(application: tenant.clientID)
            }
            return .secret
        case (nil, let assertion?):
            guard let type else { throw .missing("client_assertion_type") }
            guard type == Self.assertionType else { throw .unknownAssertionType(type) }
            guard let token = CompactJWS(assertion) else { throw .malformedAssertion }
            if let federated = FederatedAssertion(token) {
                try federated.verify(request, tenant: tenant)
            } else {
                try ClientCertificateAssertion(token: token).verify(request, tenant: tenant)
            }
            return .assertion
        }
    }

    /// RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
    private static func basicCredentials(_ field: String?) -> (id: String, secret: String)? {
        guard let field, field.lowercased().hasPrefix("basic "),
            let text = Base64.decodedText(field.dropFirst("basic ".count))
        else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        return (FormFields.decode(parts[0]), FormFields.decode(parts[1]))
    }
}
