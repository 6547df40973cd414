import Graph
import Hummingbird

extension AuthenticatedContext {
    /// The profile that the path and `kind` name, on an operation that takes no other parameter. It is noted for the log.
    ///
    /// - Throws: ``GatewayError`` `profile-id-invalid` or `request-invalid`.
    func profile(of request: Request, default kind: ProfileKind) throws(GatewayError) -> ProfileReference {
        let kind = try RequestQuery(request.uri.query, allowing: ["kind"]).kind(default: kind)
        guard let id = parameters.get("profileId").flatMap({ ProfileID($0) }) else {
            throw GatewayError(
                .profileIDInvalid,
                "The profile id must be a GUID such as 7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6, without braces.",
                member: "profileId"
            )
        }
        record.note { $0.profileID = id.description }
        return ProfileReference(kind: kind, id: id)
    }
}

extension RequestQuery {
    /// - Throws: ``GatewayError`` `request-invalid` for a kind that does not exist.
    func kind(default kind: ProfileKind) throws(GatewayError) -> ProfileKind {
        guard let text = self["kind"] else { return kind }
        guard let asked = ProfileKind(rawValue: text) else {
            let kinds = ProfileKind.allCases.map(\.rawValue).joined(separator: " or ")
            throw .invalid("kind must be \(kinds).", member: "kind")
        }
        return asked
    }
}
