import Settings

/// The tenant with its app registration as the control endpoint changes and shows it.
enum TenantDocument {
    private static let members: Set<String> = [
        "accessTokenLifetimeSeconds", "blockLocation", "certificates", "clientSecret", "clientSecrets",
        "federatedCredentials", "readLagSeconds", "refreshInSeconds", "revokeTokens", "roles",
    ]
    /// A year.
    private static let longestLife = 31_536_000

    /// When access tokens are good.
    private struct Policy {
        let lifetime: Int?
        let refreshIn: Int??
        let blocksLocation: Bool?
        let revokesTokens: Bool?

        init(_ body: ControlBody) throws(ControlRefusal) {
            lifetime = try TenantDocument.life("accessTokenLifetimeSeconds", in: body)
            refreshIn =
                if case .null = body["refreshInSeconds"] {
                    .some(nil)
                } else {
                    try TenantDocument.life("refreshInSeconds", in: body).map(Optional.some)
                }
            blocksLocation = try body.flag("blockLocation")
            revokesTokens = try body.flag("revokeTokens")
        }

        func apply(to tenant: inout SandboxTenant, at now: SandboxInstant) {
            if let lifetime { tenant.accessTokenLifetime = lifetime }
            if let refreshIn { tenant.refreshIn = refreshIn }
            if let blocksLocation { tenant.isLocationBlocked = blocksLocation }
            if let revokesTokens { tenant.revocation = revokesTokens ? TokenRevocation(at: now) : nil }
        }
    }

    /// What a request asks for, all of it understood before any of it is done.
    static func change(
        in body: ControlBody,
        at now: SandboxInstant
    ) throws(ControlRefusal) -> (inout SandboxTenant) -> Void {
        try body.allow(members)
        let secrets = try secrets(body, now)
        let policy = try Policy(body)
        let readLag = try body.integer("readLagSeconds")
        let lags = SandboxConfiguration.readLags
        if let readLag, !lags.contains(readLag) {
            throw ControlRefusal("\"readLagSeconds\" is in \(lags.lowerBound)...\(lags.upperBound).")
        }
        let roles = try body.texts("roles")
        let certificates = try certificates(body)
        let federatedCredentials = try federatedCredentials(body)
        return { tenant in
            policy.apply(to: &tenant, at: now)
            if let secrets { tenant.clientSecrets = secrets }
            if let readLag { tenant.readLag = readLag }
            if let roles { tenant.roles = roles }
            if let certificates { tenant.certificates = certificates }
            if let federatedCredentials { tenant.federatedCredentials = federatedCredentials }
        }
    }

    private static func life(_ name: String, in body: ControlBody) throws(ControlRefusal) -> Int? {
        guard let seconds = try body.integer(name) else { return nil }
        guard (1...longestLife).contains(seconds) else { throw ControlRefusal("\"\(name)\" is in 1...\(longestLife).") }
        return seconds
    }

    private static func secrets(
        _ body: ControlBody,
        _ now: SandboxInstant
    ) throws(ControlRefusal) -> [SandboxClientSecret]? {
        guard let objects = try body.objects("clientSecrets") else {
            guard let secret = try body.text("clientSecret") else { return nil }
            guard !secret.isEmpty else { throw ControlRefusal("\"clientSecret\" is empty.") }
            return [SandboxClientSecret(Secret(secret))]
        }
        guard body["clientSecret"] == nil else {
            throw ControlRefusal("Only one of \"clientSecret\" and \"clientSecrets\" may be given.")
        }
        var secrets: [SandboxClientSecret] = []
        for object in objects { secrets.append(try secret(object, now)) }
        return secrets
    }

    private static func secret(
        _ body: ControlBody,
        _ now: SandboxInstant
    ) throws(ControlRefusal) -> SandboxClientSecret {
        try body.allow(["expiresAt", "expiresInSeconds", "value"])
        guard let value = try body.text("value"), !value.isEmpty else {
            throw ControlRefusal("One of \"clientSecrets\" lacks its \"value\".")
        }
        let (date, seconds) = (try body.text("expiresAt"), try body.integer("expiresInSeconds"))
        switch (date, seconds) {
        case (nil, nil):
            return SandboxClientSecret(Secret(value))
        case (let date?, nil):
            guard let end = SandboxInstant(iso8601: date) else {
                throw ControlRefusal("\"expiresAt\" is a date such as \"2027-01-31T00:00:00Z\", not \"\(date)\".")
            }
            return SandboxClientSecret(Secret(value), expiresAt: end)
        case (nil, let seconds?):
            guard (-longestLife...longestLife).contains(seconds) else {
                throw ControlRefusal("\"expiresInSeconds\" is in -\(longestLife)...\(longestLife).")
            }
            return SandboxClientSecret(Secret(value), expiresAt: now.advanced(bySeconds: seconds))
        case (_?, _?):
            throw ControlRefusal("Only one of \"expiresAt\" and \"expiresInSeconds\" may be given.")
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

    /// All but the secrets themselves.
    static func document(of tenant: SandboxTenant, _ address: SandboxAddress) -> JSONValue {
        [
            "tenantId": .string(tenant.id),
            "clientId": .string(tenant.clientID),
            "roles": .array(tenant.roles.map(JSONValue.string)),
            "accessTokenLifetimeSeconds": .integer(Int64(tenant.accessTokenLifetime)),
            "refreshInSeconds": tenant.refreshIn.map { .integer(Int64($0)) } ?? .null,
            "readLagSeconds": .integer(Int64(tenant.readLag)),
            "tokensRevokedAt": JSONValue(tenant.revocation?.moment.description),
            "challengeAnswered": tenant.revocation.map { .bool($0.isAnswered) } ?? .null,
            "locationBlocked": .bool(tenant.isLocationBlocked),
            "clientSecrets": .array(
                tenant.clientSecrets.map { ["expiresAt": JSONValue($0.expiresAt?.description)] }
            ),
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
