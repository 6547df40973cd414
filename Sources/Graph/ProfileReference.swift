/// The two kinds of Android enrollment profiles that Intune keeps, each in a collection of its own.
package enum ProfileKind: String, Sendable, CaseIterable, Hashable {
    case androidForWork = "android-for-work"
    case deviceOwner = "device-owner"

    /// The collection's name under `/deviceManagement`.
    package var collection: String {
        switch self {
        case .androidForWork: "androidForWorkEnrollmentProfiles"
        case .deviceOwner: "androidDeviceOwnerEnrollmentProfiles"
        }
    }

    /// Whether Graph tells when a profile's token was created; for the other kind only its end is known.
    var hasCreationTime: Bool { self == .deviceOwner }
}

/// Which profile is meant: an id belongs to one collection.
package struct ProfileReference: Sendable, Hashable {
    package var kind: ProfileKind
    package var id: ProfileID

    package init(kind: ProfileKind, id: ProfileID) {
        self.kind = kind
        self.id = id
    }
}
