/// A token of an identity provider that the app trusts, shown in place of an assertion of the app's own.
struct FederatedAssertion: Sendable {
    let token: CompactJWS

    /// Whether the token is somebody else's: it names no certificate of the app, and its issuer is a URL.
    init?(_ token: CompactJWS) {
        guard !ClientCertificateAssertion.namesCertificate(token.header),
            let issuer = token.claims.text(of: "iss")?.lowercased(),
            issuer.hasPrefix("https://") || issuer.hasPrefix("http://")
        else { return nil }
        self.token = token
    }

    /// Issuer, subject and audience are compared to the letter, as at Entra.
    ///
    /// - Throws: Entra's refusal.
    func verify(_ request: SandboxRequest, tenant: SandboxTenant) throws(EntraRefusal) {
        // Entra takes nothing but RS256 from other issuers.
        guard token.algorithm == .rs256 else { throw .unsupportedAlgorithm }
        guard let issuer = token.claims.text(of: "iss"), let subject = token.claims.text(of: "sub"),
            let life = token.life, token.header["crit"] == nil
        else { throw .malformedAssertion }
        let own = FederatedIssuer(request.address).url
        let ofIssuer = tenant.federatedCredentials.filter { ($0.issuer ?? own) == issuer }
        guard !ofIssuer.isEmpty else { throw .unknownFederation("issuer", issuer, code: 700211) }
        let ofSubject = ofIssuer.filter { $0.subject == subject }
        guard !ofSubject.isEmpty else { throw .unknownFederation("subject", subject, code: 700213) }
        let audiences = token.audiences
        guard ofSubject.contains(where: { audiences.contains($0.audience) }) else {
            throw .unknownFederation("audience", audiences.joined(separator: ","), code: 700212)
        }
        // The sandbox asks nobody for keys.
        guard issuer == own else { throw .unreachableIssuer }
        guard let key = try? FederatedIssuer.key.get(), token.isSigned(by: key.publicKey, .rs256) else {
            throw .badSignature(thumbprint: nil)
        }
        guard life.contains(request.now) else { throw .assertionOutOfTime(life, now: request.now) }
    }
}
