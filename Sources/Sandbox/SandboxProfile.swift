/// An Android enrollment profile that the sandbox begins with.
package struct SandboxProfile: Sendable, Hashable {
    /// Graph's two collections.
    package enum Kind: String, Sendable, CaseIterable {
        case androidForWork = "android-for-work"
        case deviceOwner = "device-owner"

        /// The path segment under `deviceManagement`.
        package var collection: String {
            switch self {
            case .androidForWork: "androidForWorkEnrollmentProfiles"
            case .deviceOwner: "androidDeviceOwnerEnrollmentProfiles"
            }
        }

        /// The entity's type in Graph's schema.
        var entityType: String {
            switch self {
            case .androidForWork: "microsoft.graph.androidForWorkEnrollmentProfile"
            case .deviceOwner: "microsoft.graph.androidDeviceOwnerEnrollmentProfile"
            }
        }
    }

    package var kind: Kind
    /// A GUID in lower case.
    package var id: String
    package var displayName: String

    /// - Throws: ``SandboxError/invalidConfiguration(_:)`` when `id` is not a GUID or `displayName` is empty.
    package init(kind: Kind, id: String, displayName: String) throws(SandboxError) {
        guard Self.isGUID(id) else { throw .invalidConfiguration("the profile id \"\(id)\" is not a GUID") }
        guard !displayName.isEmpty else { throw .invalidConfiguration("the profile \(id) has no name") }
        self.init(known: kind, id.lowercased(), displayName)
    }

    private init(known kind: Kind, _ id: String, _ displayName: String) {
        self.kind = kind
        self.id = id
        self.displayName = displayName
    }

    /// Three of each kind. These ids and names are documented, and stay.
    package static let samples = [
        SandboxProfile(known: .androidForWork, "aaaaaaaa-0000-4000-8000-000000000001", "Warehouse scanners"),
        SandboxProfile(known: .androidForWork, "aaaaaaaa-0000-4000-8000-000000000002", "Shop floor kiosks"),
        SandboxProfile(known: .androidForWork, "aaaaaaaa-0000-4000-8000-000000000003", "Meeting room tablets"),
        SandboxProfile(known: .deviceOwner, "dddddddd-0000-4000-8000-000000000001", "Dedicated devices"),
        SandboxProfile(known: .deviceOwner, "dddddddd-0000-4000-8000-000000000002", "Fully managed phones"),
        SandboxProfile(
            known: .deviceOwner,
            "dddddddd-0000-4000-8000-000000000003",
            "Corporate-owned with work profile"
        ),
    ]

    /// So many more, android-for-work, for lists of several pages. Their ids and names are documented, and stay.
    package static func numbered(_ count: Int) -> [SandboxProfile] {
        (0..<count).map { index in
            let number = String(index + 1)
            let padded = { String(repeating: "0", count: max(0, $0 - number.utf8.count)) + number }
            return SandboxProfile(
                known: .androidForWork,
                "bbbbbbbb-0000-4000-8000-" + padded(12),
                "Sample " + padded(3)
            )
        }
    }

    /// Whether `text` is 8-4-4-4-12 hexadecimal digits.
    static func isGUID(_ text: String) -> Bool {
        let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12]
            && groups.joined().allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"):
                    true
                default: false
                }
            }
    }
}
