import HTTPTypes
import NIOCore

/// Entra's part of the sandbox: the token endpoint for an app, what its clients ask before they come there,
/// and the signing keys.
struct SandboxEntra: Sendable {
    let store: SandboxStore
    let issuer: AccessTokenIssuer

    func answer(_ request: SandboxRequest, route: SandboxRoute) async -> SandboxAnswer {
        var answer: SandboxAnswer
        do throws(EntraRefusal) {
            switch route {
            case .token(let tenant): answer = try await token(request, tenant: tenant)
            case .openIDConfiguration(let tenant, let version):
                answer = try EntraDiscovery(request, store.tenant).openIDConfiguration(of: tenant, version)
            case .instanceDiscovery:
                answer = try EntraDiscovery(request, store.tenant).instances()
            case .signingKeys(let tenant):
                try EntraDiscovery(request, store.tenant).check(tenant)
                answer = .json(["keys": [issuer.key.jwk]])
            default:
                preconditionFailure("not a route of Entra's")
            }
        } catch {
            answer = error.answer(to: request)
        }
        answer.fields[.cacheControl] = "no-store, no-cache"
        answer.fields[.pragma] = "no-cache"
        answer.fields[.entraRequestID] = request.id
        answer.fields[.clientRequestID] = request.clientRequestID
        return answer
    }

    /// RFC 6749 §4.4, in the order in which Entra finds fault.
    private func token(_ request: SandboxRequest, tenant name: String) async throws(EntraRefusal) -> SandboxAnswer {
        guard request.head.method == .post else { throw .wrongMethod }
        let tenant = try tenant(name)
        let form = FormFields(String(buffer: request.body))
        guard let grant = form["grant_type"] else { throw .missing("grant_type") }
        guard grant == "client_credentials" else { throw .unsupportedGrant(grant) }
        let client = ClientAuthentication(form, request.head)
        guard let clientID = client.clientID else { throw .missing("client_id") }
        guard clientID.lowercased() == tenant.clientID else { throw .unknownApplication(clientID, tenant: name) }
        guard let scope = form["scope"] else { throw .missing("scope") }
        let audience = try audience(of: scope, request, tenant: name)
        let claims = try RequestedClaims(form["claims"])
        let method = try client.verify(request, tenant: tenant)
        if let moment = claims.notBefore { store.answerChallenge(from: moment) }
        let order = AccessTokenOrder(
            audience: audience,
            principal: .application(tenant),
            method: method,
            lifetime: tenant.accessTokenLifetime,
            capabilities: claims.capabilities,
            notBefore: claims.notBefore
        )
        return try await issue(order, tenant: tenant, request)
    }

    private func issue(
        _ order: AccessTokenOrder,
        tenant: SandboxTenant,
        _ request: SandboxRequest
    ) async throws(EntraRefusal) -> SandboxAnswer {
        let token: String
        do {
            token = try await issuer.issue(order, tenant: tenant, at: request.now)
        } catch {
            throw .internalFault
        }
        store.tookEffect(.token)
        // Entra names one second less than the life that it gives.
        let expiresIn = JSONValue.integer(Int64(max(1, order.lifetime - 1)))
        var members: [JSONValue.Member] = [
            .init(name: "token_type", value: "Bearer"),
            .init(name: "expires_in", value: expiresIn),
            .init(name: "ext_expires_in", value: expiresIn),
        ]
        if let refreshIn = tenant.refreshIn {
            members.append(.init(name: "refresh_in", value: .integer(Int64(refreshIn))))
        }
        members.append(.init(name: "access_token", value: .string(token)))
        return .json(.object(members))
    }

    private func tenant(_ name: String) throws(EntraRefusal) -> SandboxTenant {
        let tenant = store.tenant
        if name.lowercased() == tenant.id { return tenant }
        if EntraDiscovery.isForAnyTenant(name) { throw .tenantRequired }
        throw .unknownTenant(name)
    }

    /// One resource, all of its consented roles: `<resource>/.default`.
    private func audience(
        of scope: String,
        _ request: SandboxRequest,
        tenant: String
    ) throws(EntraRefusal) -> String {
        guard !scope.contains(" "), scope.contains("/") else { throw .malformedScope(scope) }
        guard scope.hasSuffix("/.default") else { throw .scopeWithoutDefault(scope) }
        let resource = String(scope.dropLast("/.default".count))
        guard request.audiences.contains(resource.lowercased()) else {
            throw .unknownResource(resource, tenant: tenant)
        }
        return resource.lowercased()
    }
}
