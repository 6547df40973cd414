import HTTPTypes
import NIOCore
import Settings

/// The part of the sandbox that stands for the platform under a machine: who may ask there needs no credential.
struct SandboxManagedIdentity: Sendable {
    let store: SandboxStore
    let issuer: AccessTokenIssuer
    let endpoint: ManagedIdentityEndpoint

    func answer(_ request: SandboxRequest) async -> SandboxAnswer {
        do throws(ManagedIdentityRefusal) {
            return try await token(request)
        } catch {
            return .json(error.status, endpoint.document(of: error, request))
        }
    }

    private func token(_ request: SandboxRequest) async throws(ManagedIdentityRefusal) -> SandboxAnswer {
        try admit(request)
        guard request.query["api-version"] == endpoint.apiVersion else {
            throw .init(message: "The api-version is missing or not supported; \(endpoint.apiVersion) is.")
        }
        guard let resource = request.query["resource"] else {
            throw .init(message: "Required audience parameter not specified")
        }
        let identity = try identity(request)
        let audience = resource.hasSuffix("/") ? String(resource.dropLast()) : resource
        let tenant = store.tenant
        guard request.audiences.contains(audience.lowercased()) else {
            throw unknownResource(resource, tenant)
        }
        let order = AccessTokenOrder(
            audience: audience.lowercased(),
            principal: .init(
                name: "Sandbox machine",
                clientID: identity.clientID,
                objectID: identity.objectID,
                resourceID: identity.resourceID
            ),
            method: .assertion,
            lifetime: tenant.accessTokenLifetime
        )
        guard let token = try? await issuer.issue(order, tenant: tenant, at: request.now) else {
            throw .init(status: .internalServerError, error: "unknown", message: "Failed to retrieve token.")
        }
        store.tookEffect(.managedIdentity)
        let begin = request.now.secondsSince1970
        return .json(
            endpoint.document(token, begin..<begin + Int64(order.lifetime), for: resource, of: identity)
        )
    }

    /// Whether it is the machine itself that asks: a header shows that nobody was led here by a redirect, or knows the secret of
    /// the environment.
    private func admit(_ request: SandboxRequest) throws(ManagedIdentityRefusal) {
        let fields = request.head.headerFields
        switch endpoint {
        case .instanceMetadata:
            // What came through a proxy is somebody else's request.
            guard fields[.forwardedFor] == nil, fields[.forwarded] == nil, fields[.via] == nil else {
                throw .init(error: "bad_request", message: "Requests that went through a proxy are not served")
            }
            guard fields[.metadata] == "true" else {
                throw .init(error: "bad_request_102", message: "Required metadata header not specified")
            }
        case .appService:
            let header = fields[.identityHeader]
            guard store.configuration.identityHeader.reveal({ $0 == header }) else {
                throw .init(status: .unauthorized, message: "The X-IDENTITY-HEADER is missing or wrong.")
            }
        }
        guard request.head.method == .get else {
            throw .init(status: .methodNotAllowed, message: "The endpoint takes GET only.")
        }
    }

    /// The one that all parameters name; without any, the machine's own.
    private func identity(_ request: SandboxRequest) throws(ManagedIdentityRefusal) -> ManagedIdentity {
        let clientID = request.query["client_id"]
        let objectID = first(of: endpoint.objectIDParameters, request)
        let resourceID = first(of: endpoint.resourceIDParameters, request)
        let isNamed = clientID != nil || objectID != nil || resourceID != nil
        let found = store.configuration.managedIdentities.first { identity in
            guard isNamed else { return identity.resourceID == nil }
            return Self.agree(clientID, identity.clientID) && Self.agree(objectID, identity.objectID)
                && Self.agree(resourceID, identity.resourceID)
        }
        guard let found else {
            switch endpoint {
            case .instanceMetadata: throw .init(message: "Identity not found")
            case .appService:
                throw .init(
                    message: """
                        No \(isNamed ? "User Assigned " : "")Managed Identity found for specified ClientId/ResourceId/PrincipalId.
                        """
                )
            }
        }
        return found
    }

    private func first(of parameters: [String], _ request: SandboxRequest) -> String? {
        parameters.lazy.compactMap { request.query[$0] }.first
    }

    /// Whether an identifier is the one that was asked for, if any was. Azure's are compared without regard to case.
    private static func agree(_ asked: String?, _ own: String?) -> Bool {
        asked == nil || asked?.lowercased() == own?.lowercased()
    }

    /// App Service says no more than that it went wrong.
    private func unknownResource(_ resource: String, _ tenant: SandboxTenant) -> ManagedIdentityRefusal {
        switch endpoint {
        case .instanceMetadata:
            let refusal = EntraRefusal.unknownResource(resource, tenant: tenant.id)
            return .init(error: refusal.error, message: "AADSTS\(refusal.code): \(refusal.message)")
        case .appService:
            return .init(
                status: .internalServerError,
                message: "An unexpected error occured while fetching the AAD Token."
            )
        }
    }
}

extension HTTPField.Name {
    fileprivate static let metadata = Self("Metadata")!
    fileprivate static let identityHeader = Self("X-IDENTITY-HEADER")!
    fileprivate static let forwardedFor = Self("X-Forwarded-For")!
    fileprivate static let forwarded = Self("Forwarded")!
    fileprivate static let via = Self("Via")!
}
