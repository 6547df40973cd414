import Graph
import HTTPTypes
import Hummingbird
import JSONText
import KeyRing
import Transport

/// `/profiles` and `/profiles/{profileId}`: which profiles there are, without anything secret.
struct ProfileRoutes: Sendable {
    static let greatestLimit = 100
    static let defaultLimit = 50

    let operations: PermittedOperations
    let rules: TokenRules

    /// One page of the caller's profiles of a kind, in order of id.
    func list(_ request: Request, _ context: AuthenticatedContext) async throws -> Response {
        let query = try RequestQuery(request.uri.query, allowing: ["kind", "limit", "cursor"])
        let kind = try query.kind(default: rules.defaultKind)
        let permit = try context.permit(ReadProfiles.self, in: kind)
        try MediaNegotiation.checkAccept(request.headers, type: "application/json")
        let limit = try limit(query)
        let cursor = try query["cursor"].map { text throws(GatewayError) in
            try ProfileCursor(text, of: permit.callerName, kind: kind)
        }
        let profiles = try await operations.profiles(permit, context.record)
        let rest = profiles.drop { profile in cursor.map { profile.reference.id <= $0.last } ?? false }
        let page = rest.prefix(limit)
        var json = JSONObjectText()
        json.add("profiles", page.map(\.described))
        if let last = page.last, rest.count > page.count {
            json.add("nextCursor", ProfileCursor(last: last.reference.id).text(for: permit.callerName, kind: kind))
        }
        return .json(.ok, json)
    }

    func read(_ request: Request, _ context: AuthenticatedContext) async throws -> Response {
        let profile = try context.profile(of: request, default: rules.defaultKind)
        let permit = try context.permit(ReadProfiles.self, on: profile)
        try MediaNegotiation.checkAccept(request.headers, type: "application/json")
        return .json(.ok, try await operations.profile(permit, context.record).described)
    }

    private func limit(_ query: RequestQuery) throws(GatewayError) -> Int {
        guard let text = query["limit"] else { return Self.defaultLimit }
        guard !text.isEmpty, text.utf8.count <= 9, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let limit = Int(text), (1...Self.greatestLimit).contains(limit)
        else {
            throw .invalid("limit must be a whole number from 1 to \(Self.greatestLimit).", member: "limit")
        }
        return limit
    }
}

extension EnrollmentProfile {
    fileprivate var described: JSONObjectText {
        var json = JSONObjectText()
        json.add("id", reference.id.description)
        json.add("kind", reference.kind.rawValue)
        json.add("displayName", displayName)
        json.add("description", description)
        json.add("createdAt", createdAt?.rfc3339)
        json.add("lastModifiedAt", lastModifiedAt?.rfc3339)
        json.add("tokenCreatedAt", tokenCreatedAt?.rfc3339)
        json.add("tokenExpiresAt", tokenExpiresAt?.rfc3339)
        json.add("enrolledDeviceCount", enrolledDeviceCount)
        json.add("enrollmentMode", enrollmentMode)
        return json
    }
}
