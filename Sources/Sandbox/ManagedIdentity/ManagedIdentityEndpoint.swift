import HTTPTypes

/// Where a machine asks for its tokens, and in which words it is answered.
enum ManagedIdentityEndpoint: Sendable, Equatable {
    /// The Instance Metadata Service of virtual machines and of the nodes of AKS.
    case instanceMetadata
    /// App Service, Functions and Container Apps.
    case appService

    var apiVersion: String {
        switch self {
        case .instanceMetadata: "2018-02-01"
        case .appService: "2019-08-01"
        }
    }

    /// The parameter that names a user-assigned identity by its resource id. IMDS takes both names.
    var resourceIDParameters: [String] {
        switch self {
        case .instanceMetadata: ["msi_res_id", "mi_res_id"]
        case .appService: ["mi_res_id"]
        }
    }

    /// The parameters that name one by its service principal.
    var objectIDParameters: [String] {
        switch self {
        case .instanceMetadata: ["object_id"]
        case .appService: ["object_id", "principal_id"]
        }
    }

    /// All values are texts, numbers too; App Service tells nothing but when the token ends.
    func document(_ token: String, _ life: Range<Int64>, for resource: String, of identity: ManagedIdentity)
        -> JSONValue
    {
        let left = String(max(1, life.upperBound - life.lowerBound - 1))
        return switch self {
        case .instanceMetadata:
            [
                "access_token": .string(token),
                "refresh_token": "",
                "client_id": .string(identity.clientID),
                "expires_in": .string(left),
                "ext_expires_in": .string(left),
                "expires_on": .string(String(life.upperBound)),
                "not_before": .string(String(life.lowerBound - AccessTokenIssuer.backdating)),
                "resource": .string(resource),
                "token_type": "Bearer",
            ]
        case .appService:
            [
                "access_token": .string(token),
                "expires_on": .string(String(life.upperBound)),
                "resource": .string(resource),
                "token_type": "Bearer",
                "client_id": .string(identity.clientID),
            ]
        }
    }

    func document(of refusal: ManagedIdentityRefusal, _ request: SandboxRequest) -> JSONValue {
        switch self {
        case .instanceMetadata:
            ["error": .string(refusal.error), "error_description": .string(refusal.message)]
        case .appService:
            [
                "statusCode": .integer(Int64(refusal.status.code)),
                "message": .string(refusal.message),
                "correlationId": .string(request.id),
            ]
        }
    }
}
