import Testing

@testable import Sandbox

/// What Microsoft's OpenAPI description of Graph beta says of the two entities: names, types and nullability.
@Suite("A profile keeps to Graph's schema", .timeLimit(.minutes(1)))
struct SchemaTests {
    enum Shape: Sendable {
        case text, nullableText, instant, int32, boolean, nullableMimeContent, texts
        case oneOf([String])

        func admits(_ value: JSONValue) -> Bool {
            switch (self, value) {
            case (.text, .string), (.nullableText, .string), (.nullableText, .null), (.boolean, .bool): true
            case (.nullableMimeContent, .null): true
            case (.nullableMimeContent, .object(let members)):
                Set(members.map(\.name)) == ["type", "value"]
                    && members.allSatisfy { Shape.nullableText.admits($0.value) }
            case (.instant, .string(let text)):
                text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?(Z|[+-]\d\d:\d\d)/) != nil
            case (.int32, .integer(let number)): Int32(exactly: number) != nil
            case (.texts, .array(let values)): values.allSatisfy(Shape.text.admits)
            case (.oneOf(let names), .string(let text)): names.contains(text)
            default: false
            }
        }
    }

    static let common: [String: Shape] = [
        "accountId": .nullableText, "id": .text, "displayName": .nullableText, "description": .nullableText,
        "createdDateTime": .instant, "lastModifiedDateTime": .instant, "tokenValue": .nullableText,
        "tokenExpirationDateTime": .instant, "enrolledDeviceCount": .int32, "qrCodeContent": .nullableText,
        "qrCodeImage": .nullableMimeContent,
    ]

    static let deviceOwner: [String: Shape] = [
        "enrollmentMode": .oneOf([
            "corporateOwnedDedicatedDevice", "corporateOwnedFullyManaged", "corporateOwnedWorkProfile",
            "corporateOwnedAOSPUserlessDevice", "corporateOwnedAOSPUserAssociatedDevice",
        ]),
        "enrollmentTokenType": .oneOf([
            "default", "corporateOwnedDedicatedDeviceWithAzureADSharedMode", "deviceStaging",
        ]),
        "enrollmentTokenUsageCount": .int32, "roleScopeTagIds": .texts, "tokenCreationDateTime": .instant,
        "configureWifi": .boolean, "wifiSsid": .nullableText, "wifiPassword": .nullableText,
        "wifiSecurityType": .oneOf(["none", "wpa", "wep"]), "wifiHidden": .boolean, "isTeamsDeviceProfile": .boolean,
        "deviceNameTemplate": .nullableText,
    ]

    @Test("with and without a token, alone and in a list", arguments: SandboxProfile.Kind.allCases, [false, true])
    func schema(kind: SandboxProfile.Kind, hasToken: Bool) async throws {
        let schema = kind == .deviceOwner ? Self.common.merging(Self.deviceOwner) { first, _ in first } : Self.common
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            let collection = "/beta/deviceManagement/\(kind.collection)"
            for state in client.store.profiles where state.profile.kind == kind {
                let path = "\(collection)/\(state.profile.id)"
                if hasToken { _ = try await client.createToken(path, token: token) }
                let profile = try await client.graph("GET", path, token: token).json
                #expect(profile["tokenValue"] != .null || !hasToken)
                Self.expect(profile, schema)
            }
            let list = try await client.graph("GET", collection, token: token).json
            guard case .array(let values) = list["value"] else {
                Issue.record("no list: \(list.text)")
                return
            }
            #expect(values.count == 3)
            for value in values { Self.expect(value, schema) }
        }
    }

    private static func expect(_ profile: JSONValue, _ schema: [String: Shape]) {
        guard case .object(let members) = profile else {
            Issue.record("not an object: \(profile.text)")
            return
        }
        let properties = members.filter { !$0.name.hasPrefix("@") }
        #expect(Set(properties.map(\.name)) == Set(schema.keys))
        for property in properties {
            #expect(schema[property.name]?.admits(property.value) == true, "\(property.name): \(property.value.text)")
        }
    }
}
