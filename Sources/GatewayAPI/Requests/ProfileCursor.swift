import Crypto
import Foundation
import Graph

/// Where a list goes on: behind which profile.
///
/// Opaque to callers. It names nothing but a profile that its holder was shown, so it is not secret and needs no key: a digest
/// finds the cursor that was cut or changed, that of another caller, and that of another kind, and any replica can read it.
struct ProfileCursor {
    private static let version: UInt8 = 1
    private static let digestLength = 12
    /// Version, id and digest.
    private static let length = 1 + 16 + digestLength

    let last: ProfileID

    init(last: ProfileID) { self.last = last }

    /// - Throws: ``GatewayError`` `request-invalid` for what is no cursor of this caller's for this kind.
    init(_ text: String, of caller: String, kind: ProfileKind) throws(GatewayError) {
        guard text.utf8.count <= 2 * Self.length, let bytes = Self.bytes(of: text), bytes.count == Self.length,
            bytes[0] == Self.version,
            let last = ProfileID(bytes: bytes[1..<17]),
            Array(bytes[17...]) == Self.digest(of: last, caller, kind)
        else {
            throw .invalid(
                "This is no cursor that you were given for this list. Leave it out to begin with the first page.",
                member: "cursor"
            )
        }
        self.last = last
    }

    func text(for caller: String, kind: ProfileKind) -> String {
        Data([Self.version] + last.bytes + Self.digest(of: last, caller, kind)).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func digest(of last: ProfileID, _ caller: String, _ kind: ProfileKind) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array("enrollment-gateway cursor \(version) \(kind.rawValue) \(last) ".utf8))
        hash.update(data: Array(caller.utf8))
        return Array(hash.finalize().prefix(digestLength))
    }

    /// base64url without padding (RFC 4648 §5), in its one canonical form.
    private static func bytes(of text: String) -> [UInt8]? {
        let isFit = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
        guard isFit else { return nil }
        var standard = text.replacing("-", with: "+").replacing("_", with: "/")
        standard += String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: standard), data.base64EncodedString() == standard else { return nil }
        return Array(data)
    }
}
