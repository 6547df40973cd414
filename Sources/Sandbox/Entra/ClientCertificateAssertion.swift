/// A JSON Web Token by which the app shows that it has the key of a certificate that is registered for it
/// (RFC 7523 §2.2, with what Entra asks for in "certificate credentials").
struct ClientCertificateAssertion: Sendable {
    let token: CompactJWS

    /// Looks into everything but whether the assertion was seen before: Entra takes one again while it lives.
    ///
    /// - Throws: Entra's refusal.
    func verify(_ request: SandboxRequest, tenant: SandboxTenant) throws(EntraRefusal) {
        guard token.hasGoodType else { throw .wrongTokenType }
        guard let algorithm = token.algorithm else { throw .unsupportedAlgorithm }
        let claims = token.claims
        // One audience as a text: a list is malformed to Entra. Critical extensions are refused, since none is known here
        // (RFC 7515 §4.1.11).
        guard let issuer = claims.text(of: "iss"), let subject = claims.text(of: "sub"),
            let audience = claims.text(of: "aud"), claims.text(of: "jti")?.isEmpty == false, let life = token.life,
            token.header["crit"] == nil
        else { throw .malformedAssertion }
        guard subject == issuer else { throw .subjectIsNotIssuer }
        guard issuer.lowercased() == tenant.clientID else { throw .assertionOfAnotherApplication }
        let certificate = try certificate(of: tenant)
        guard token.isSigned(by: certificate.key, algorithm) else { throw .badSignature(thumbprint: shownThumbprint) }
        guard certificate.validity.contains(request.now.secondsSince1970) else { throw .expiredCertificate }
        guard life.contains(request.now) else { throw .assertionOutOfTime(life, now: request.now) }
        guard Self.audiences(request, tenant).contains(audience) else { throw .wrongAudience }
    }

    /// The registered one that all of the header's members name.
    private func certificate(of tenant: SandboxTenant) throws(EntraRefusal) -> RegisteredCertificate {
        let unregistered = EntraRefusal.unregisteredCertificate(
            thumbprint: shownThumbprint,
            application: tenant.clientID
        )
        guard Self.namesCertificate(token.header) else { throw unregistered }
        let leaf = try leaf()
        let found = tenant.certificates.first { certificate in
            names(certificate.thumbprint, in: "x5t#S256") && names(certificate.legacyThumbprint, in: "x5t")
                && (leaf == nil || leaf == certificate.der)
        }
        guard let found else { throw unregistered }
        return found
    }

    /// Whether a header says with which certificate's key the token was signed.
    static func namesCertificate(_ header: JSONValue) -> Bool {
        ["x5t#S256", "x5t", "x5c"].contains { header[$0] != nil }
    }

    /// Whether the header's member is that thumbprint, in either alphabet of base64, or is not there.
    private func names(_ thumbprint: [UInt8], in member: String) -> Bool {
        guard let value = token.header[member] else { return true }
        return value.asText.flatMap(Base64.decoded).map(Array.init) == thumbprint
    }

    /// The first certificate of `x5c` (RFC 7515 §4.1.6); nil when there is no such member.
    private func leaf() throws(EntraRefusal) -> [UInt8]? {
        guard let member = token.header["x5c"] else { return nil }
        guard case .array(let chain) = member, let leaf = chain.first?.asText.flatMap(Base64.decoded) else {
            throw .malformedAssertion
        }
        return Array(leaf)
    }

    /// As Entra's errors write it: hexadecimal.
    private var shownThumbprint: String? {
        (token.header.text(of: "x5t#S256") ?? token.header.text(of: "x5t")).flatMap(Base64.decoded).map { bytes in
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
        }
    }

    /// The token endpoint under the name and the path at which it was asked, and the tenant's issuer there.
    private static func audiences(_ request: SandboxRequest, _ tenant: SandboxTenant) -> Set<String> {
        let names = Set([request.segments.first ?? tenant.id, tenant.id])
        return Set(names.flatMap { ["\(request.origin)/\($0)/oauth2/v2.0/token", "\(request.origin)/\($0)/v2.0"] })
    }
}
