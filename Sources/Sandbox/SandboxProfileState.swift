/// A profile as it stands now.
package struct SandboxProfileState: Sendable, Hashable {
    package let profile: SandboxProfile
    package let createdAt: SandboxInstant
    package private(set) var lastModifiedAt: SandboxInstant
    /// The most recently created enrollment token; nil before the first, and after a revocation.
    package private(set) var tokenValue: String?
    package private(set) var tokenCreatedAt: SandboxInstant = .never
    package private(set) var tokenExpiresAt: SandboxInstant = .never
    /// How many enrollment tokens were made for it.
    package private(set) var tokensCreated = 0
    /// The latest changes of the token, oldest first.
    private var changes: [Change] = []

    /// A change of the token, and the profile as it was before.
    private struct Change: Sendable, Hashable {
        let moment: SandboxInstant
        let before: SandboxProfileState
    }

    /// So many changes are remembered. Where more of them are within the read lag, reads show the profile as it was before the
    /// oldest of these.
    static let longestHistory = 32

    init(_ profile: SandboxProfile, createdAt: SandboxInstant) {
        self.profile = profile
        self.createdAt = createdAt
        lastModifiedAt = createdAt
    }

    /// What a device scans: present while there is a token.
    package var qrCodeContent: String? { tokenValue.map(ProvisioningDocument.text(enrollmentToken:)) }

    /// The profile before the latest change of its token, as a replica that lags behind shows it.
    var beforeLatestChange: SandboxProfileState { changes.last?.before ?? self }

    /// The profile as a replica shows it that learns of each change so many seconds after it.
    func seen(at now: SandboxInstant, lag seconds: Int) -> SandboxProfileState {
        guard seconds > 0 else { return self }
        return changes.first { $0.moment.advanced(bySeconds: seconds) > now }?.before ?? self
    }

    mutating func createToken(_ value: String, validity: Int32, at now: SandboxInstant) {
        remember(at: now)
        tokenValue = value
        tokenCreatedAt = now
        tokenExpiresAt = now.advanced(bySeconds: Int(validity))
        lastModifiedAt = now
        tokensCreated += 1
    }

    /// "The token expires at once." Without one, or with an expired one, nothing changes.
    mutating func revokeToken(at now: SandboxInstant) {
        guard tokenValue != nil else { return }
        remember(at: now)
        tokenValue = nil
        tokenExpiresAt = min(tokenExpiresAt, now)
        lastModifiedAt = now
    }

    private mutating func remember(at now: SandboxInstant) {
        var before = self
        // What came before it, this profile remembers itself.
        before.changes = []
        if changes.count == Self.longestHistory { changes.removeFirst() }
        changes.append(Change(moment: now, before: before))
    }
}

/// The profiles by id, in the order of the configuration.
struct ProfileTable: Sendable {
    private var states: [String: SandboxProfileState] = [:]
    private let order: [String]

    init(_ profiles: [SandboxProfile], createdAt: SandboxInstant) {
        order = profiles.map(\.id)
        for profile in profiles { states[profile.id] = SandboxProfileState(profile, createdAt: createdAt) }
    }

    subscript(id: String) -> SandboxProfileState? { states[id] }

    subscript(kind: SandboxProfile.Kind) -> [SandboxProfileState] { all.filter { $0.profile.kind == kind } }

    var all: [SandboxProfileState] { order.compactMap { states[$0] } }

    mutating func update(_ id: String, _ change: (inout SandboxProfileState) -> Void) {
        guard var state = states[id] else { return }
        change(&state)
        states[id] = state
    }
}

/// The text of an enrollment token.
enum EnrollmentTokenValue {
    /// Twenty upper-case letters, as dedicated devices can type in.
    static func random() -> String {
        String(decoding: (0..<20).map { _ in UInt8.random(in: UInt8(ascii: "A")...UInt8(ascii: "Z")) }, as: UTF8.self)
    }
}
