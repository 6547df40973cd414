import Foundation
import NIOCore
package import Transport

/// An enrollment profile, without anything secret.
package struct EnrollmentProfile: Sendable {
    package var reference: ProfileReference
    package var displayName: String?
    package var description: String?
    package var createdAt: Timestamp?
    package var lastModifiedAt: Timestamp?
    /// Device-owner profiles only.
    package var tokenCreatedAt: Timestamp?
    package var tokenExpiresAt: Timestamp?
    package var enrolledDeviceCount: Int?
    /// Device-owner profiles only. Graph adds to the values that it knows: an open list.
    package var enrollmentMode: String?

    package init(_ reference: ProfileReference) { self.reference = reference }

    /// The properties that are read, for `$select`.
    static func selection(for kind: ProfileKind) -> String {
        let common = [
            "id", "displayName", "description", "createdDateTime", "lastModifiedDateTime", "tokenExpirationDateTime",
            "enrolledDeviceCount",
        ]
        let own = kind.hasCreationTime ? ["tokenCreationDateTime", "enrollmentMode"] : []
        return (common + own).joined(separator: ",")
    }

    /// Decodes a profile. Everything but its id may be absent, null or of another type; unknown members are ignored. `nil` for
    /// another profile: something between us and Graph may mix answers up.
    init?(decoding body: ByteBuffer, of profile: ProfileReference) {
        var body = body
        guard let members = try? decodeGraphJSON(ProfileMembers.self, from: &body) else { return nil }
        self.init(members, kind: profile.kind)
        guard reference == profile else { return nil }
    }

    fileprivate init?(_ members: ProfileMembers, kind: ProfileKind) {
        guard let id = members.id?.text.flatMap({ ProfileID($0) }) else { return nil }
        self.init(ProfileReference(kind: kind, id: id))
        displayName = members.displayName?.text
        description = members.description?.text
        createdAt = members.createdDateTime?.time
        lastModifiedAt = members.lastModifiedDateTime?.time
        tokenCreatedAt = members.tokenCreationDateTime?.time.flatMap { $0.isOfAToken ? $0 : nil }
        tokenExpiresAt = members.tokenExpirationDateTime?.time.flatMap { $0.isOfAToken ? $0 : nil }
        enrolledDeviceCount = members.enrolledDeviceCount?.text.flatMap { Int32($0) }.flatMap { $0 < 0 ? nil : Int($0) }
        enrollmentMode = members.enrollmentMode?.text
    }
}

/// One page of a collection.
struct ProfilePage: Sendable {
    var profiles: [EnrollmentProfile]
    /// How many entries there were that are no profiles.
    var unreadable: Int
    var nextLink: String?

    init?(decoding body: ByteBuffer, kind: ProfileKind) {
        struct Page: Decodable {
            var value: [ProfileMembers]
            var nextLink: LenientText?
            enum CodingKeys: String, CodingKey {
                case value
                case nextLink = "@odata.nextLink"
            }
        }
        var body = body
        guard let page = try? decodeGraphJSON(Page.self, from: &body) else { return nil }
        profiles = page.value.compactMap { EnrollmentProfile($0, kind: kind) }
        unreadable = page.value.count - profiles.count
        nextLink = page.nextLink?.text.flatMap { $0.isEmpty ? nil : $0 }
    }
}

private struct ProfileMembers: Decodable {
    var id: LenientText?
    var displayName: LenientText?
    var description: LenientText?
    var createdDateTime: LenientText?
    var lastModifiedDateTime: LenientText?
    var tokenCreationDateTime: LenientText?
    var tokenExpirationDateTime: LenientText?
    var enrolledDeviceCount: LenientText?
    var enrollmentMode: LenientText?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case id, displayName, description, createdDateTime, lastModifiedDateTime, tokenCreationDateTime
        case tokenExpirationDateTime, enrolledDeviceCount, enrollmentMode
    }

    /// An entry that is no object has no members, and spoils nothing around it.
    init(from decoder: any Decoder) throws {
        guard let members = try? decoder.container(keyedBy: CodingKeys.self) else { return }
        func text(_ key: CodingKeys) -> LenientText? { try? members.decodeIfPresent(LenientText.self, forKey: key) }
        id = text(.id)
        displayName = text(.displayName)
        description = text(.description)
        createdDateTime = text(.createdDateTime)
        lastModifiedDateTime = text(.lastModifiedDateTime)
        tokenCreationDateTime = text(.tokenCreationDateTime)
        tokenExpirationDateTime = text(.tokenExpirationDateTime)
        enrolledDeviceCount = text(.enrolledDeviceCount)
        enrollmentMode = text(.enrollmentMode)
    }
}
