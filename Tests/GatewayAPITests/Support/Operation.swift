import HTTPTypes
import KeyRing

/// The operations that need a key, each with a request that is in order.
enum Operation: String, CaseIterable {
    case createToken, readToken, readQRCode, revokeToken, listProfiles, readProfile

    static let reads = allCases.filter { $0.method == .get }
    /// Those that change something.
    static let writes = allCases.filter { $0.method != .get }
    /// Those that are about one profile.
    static let ofOneProfile = allCases.filter { $0 != .listProfiles }

    var method: HTTPRequest.Method {
        switch self {
        case .createToken: .post
        case .revokeToken: .delete
        default: .get
        }
    }

    var path: String { path(of: Gateway.profile) }

    func path(of profile: String) -> String {
        switch self {
        case .createToken, .readToken, .revokeToken: "/profiles/\(profile)/token"
        case .readQRCode: "/profiles/\(profile)/token/qr-code"
        case .listProfiles: "/profiles"
        case .readProfile: "/profiles/\(profile)"
        }
    }

    var right: KeyRight {
        switch self {
        case .createToken: .createToken
        case .readToken, .readQRCode: .readToken
        case .revokeToken: .revokeToken
        case .listProfiles, .readProfile: .readProfiles
        }
    }

    /// What a refusal says of what came of it.
    var notDone: String? {
        switch self {
        case .createToken: "not-created"
        case .revokeToken: "not-revoked"
        default: nil
        }
    }

    /// Where all goes well.
    var status: Int {
        switch self {
        case .createToken: 201
        case .revokeToken: 204
        default: 200
        }
    }
}
