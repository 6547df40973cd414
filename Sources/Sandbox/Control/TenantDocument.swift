import Settings

/// The app registration as the control endpoint changes and shows it.
enum TenantDocument {
    private static let members: Set<String> = [
        "certificates", "clientSecret", "federatedCredentials", "roles",
    ]

    /// What a request asks for, all of it understood before any of it is done.
    static func change(in body: ControlBody) throws(ControlRefusal) -> (inout SandboxTenant) -> Void {
        try body.allow(members)
        let secret = try body.text("clientSecret")
        guard secret != "" else { throw ControlRefusal("\"clientSecret\" is empty.") }
        let roles = try body.texts("roles")
        let certificates = try certificates(body)
        let federatedCredentials = try federatedCredentials(body)
        return { tenant in
            if let secret { tenant.clientSecret = Secret(secret) }
            if let roles { tenant.roles = roles }
            if let certificates { tenant.certificates = certificates }
            if let federatedCredentials { tenant.federatedCredentials = federatedCredentials }
        }
    }

    private static func certificates(_ body: ControlBody) throws(ControlRefusal) -> [RegisteredCertificate]? {
        guard let texts = try body.texts("certificates") else { return nil }
        var certificates: [RegisteredCertificate] = []
        for text in texts {
            do throws(RegisteredCertificate.Defect) {
                certificates.append(try RegisteredCertificate(pem: text))
            } catch {
                throw ControlRefusal("One of \"certificates\" \(error.rawValue).")
            }
        }
        return certificates
    }

    private static func federatedCredentials(
        _ body: ControlBody
    ) throws(ControlRefusal) -> [FederatedCredential]? {
        guard let objects = try body.objects("federatedCredentials") else { return nil }
        var credentials: [FederatedCredential] = []
        for object in objects {
            try object.allow(["audience", "issuer", "subject"])
            credentials.append(
                FederatedCredential(
                    issuer: try object.text("issuer"),
                    subject: try object.text("subject") ?? FederatedCredential.defaultSubject,
                    audience: try object.text("audience") ?? FederatedCredential.defaultAudience
                )
            )
        }
        return credentials
    }

    /// All but the secret.
    static func document(of tenant: SandboxTenant, _ address: SandboxAddress) -> JSONValue {
        [
            "tenantId": .string(tenant.id),
            "clientId": .string(tenant.clientID),
            "roles": .array(tenant.roles.map(JSONValue.string)),
            "certificates": .array(tenant.certificates.map(document(of:))),
            "federatedCredentials": .array(
                tenant.federatedCredentials.map { credential in
                    [
                        "issuer": .string(credential.issuer ?? FederatedIssuer(address).url),
                        "subject": .string(credential.subject),
                        "audience": .string(credential.audience),
                    ]
                }
            ),
        ]
    }

    private static func document(of certificate: RegisteredCertificate) -> JSONValue {
        [
            "x5t#S256": .string(certificate.writtenThumbprint),
            "x5t": .string(Base64.url(certificate.legacyThumbprint)),
            "notBefore": .string(SandboxInstant(secondsSince1970: certificate.validity.lowerBound).description),
            "notAfter": .string(SandboxInstant(secondsSince1970: certificate.validity.upperBound).description),
        ]
    }
}
