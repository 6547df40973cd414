import QRCode

/// One property of a profile in Graph's schema, and how it is read.
struct ProfileProperty: Sendable {
    let name: String
    /// Intune leaves it null in a list, and fills it only when one profile is asked for.
    let isNullInList: Bool
    private let read: @Sendable (SandboxProfileState, SandboxTenant) -> JSONValue

    init(
        _ name: String,
        isNullInList: Bool = false,
        _ read: @escaping @Sendable (SandboxProfileState, SandboxTenant) -> JSONValue
    ) {
        self.name = name
        self.isNullInList = isNullInList
        self.read = read
    }

    /// A property that no operation of the sandbox changes.
    private init(_ name: String, always value: JSONValue) { self.init(name) { _, _ in value } }

    func value(of state: SandboxProfileState, tenant: SandboxTenant, inList: Bool) -> JSONValue {
        inList && isNullInList ? .null : read(state, tenant)
    }

    /// All properties of an entity, in the order in which they are answered.
    static func all(of kind: SandboxProfile.Kind) -> [ProfileProperty] {
        switch kind {
        case .androidForWork: common
        case .deviceOwner: deviceOwner
        }
    }

    /// `androidForWorkEnrollmentProfile`: these, and no others.
    private static let common = [
        ProfileProperty("accountId") { .string($1.id) },
        ProfileProperty("id") { state, _ in .string(state.profile.id) },
        ProfileProperty("displayName") { state, _ in .string(state.profile.displayName) },
        ProfileProperty("description", always: "A profile of the sandbox."),
        ProfileProperty("createdDateTime") { state, _ in .string(state.createdAt.description) },
        ProfileProperty("lastModifiedDateTime") { state, _ in .string(state.lastModifiedAt.description) },
        ProfileProperty("tokenValue", isNullInList: true) { state, _ in JSONValue(state.tokenValue) },
        ProfileProperty("tokenExpirationDateTime") { state, _ in .string(state.tokenExpiresAt.description) },
        ProfileProperty("enrolledDeviceCount", always: 0),
        ProfileProperty("qrCodeContent", isNullInList: true) { state, _ in JSONValue(state.qrCodeContent) },
        ProfileProperty("qrCodeImage", isNullInList: true) { state, _ in image(of: state.qrCodeContent) },
    ]

    /// `androidDeviceOwnerEnrollmentProfile` has a token's birth and the settings of Wi-Fi and naming besides.
    private static let deviceOwner =
        common + [
            ProfileProperty("enrollmentMode") { state, _ in .string(enrollmentMode(of: state.profile)) },
            ProfileProperty("enrollmentTokenType", always: "default"),
            ProfileProperty("enrollmentTokenUsageCount", always: 0),
            ProfileProperty("roleScopeTagIds", always: ["0"]),
            ProfileProperty("tokenCreationDateTime") { state, _ in .string(state.tokenCreatedAt.description) },
            ProfileProperty("configureWifi", always: true),
            ProfileProperty("wifiSsid", always: nil),
            ProfileProperty("wifiPassword", always: nil),
            ProfileProperty("wifiSecurityType", always: "none"),
            ProfileProperty("wifiHidden", always: false),
            ProfileProperty("isTeamsDeviceProfile", always: false),
            ProfileProperty("deviceNameTemplate", always: nil),
        ]

    /// The samples' names say their modes; any other profile is for dedicated devices.
    private static func enrollmentMode(of profile: SandboxProfile) -> String {
        let name = profile.displayName.lowercased()
        if name.contains("work profile") { return "corporateOwnedWorkProfile" }
        if name.contains("fully managed") { return "corporateOwnedFullyManaged" }
        return "corporateOwnedDedicatedDevice"
    }

    /// `mimeContent`: a picture that a phone can scan. The content is ASCII far below a symbol's capacity, so that drawing
    /// it does not fail.
    private static func image(of content: String?) -> JSONValue {
        guard let content, let png = try? QRSymbol(content).png(scale: 4) else { return .null }
        return ["type": "image/png", "value": .string(Base64.standard(png))]
    }
}
