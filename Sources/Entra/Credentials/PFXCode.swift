import Crypto
import Foundation
import SwiftASN1

/// A password in the form that PKCS#12 makes keys of (RFC 7292 appendix B.1).
///
/// The empty one is written in two ways: as a lone end mark, and as nothing at all. Which, only the code can tell.
enum PFXPassword {
    case none
    case text([UInt8])

    /// UTF-16, big end first, with an end mark.
    fileprivate var encoded: [UInt8] {
        switch self {
        case .none: []
        case .text(let utf8):
            String(decoding: utf8, as: UTF8.self).utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } + [0, 0]
        }
    }

    /// What opens a file of this password: `nil` and an empty one are told apart.
    var bytes: [UInt8]? {
        switch self {
        case .none: nil
        case .text(let utf8): utf8
        }
    }
}

/// The code over a PKCS#12 file by its password (RFC 7292 §4, appendix B).
enum PFXCode {
    /// More than careful writers take. Still more would only keep the gateway busy.
    static let mostIterations = 1_000_000
    static let sha256: ASN1ObjectIdentifier = [2, 16, 840, 1, 101, 3, 4, 2, 1]
    private static let sha1: ASN1ObjectIdentifier = [1, 3, 14, 3, 2, 26]
    private static let sha384: ASN1ObjectIdentifier = [2, 16, 840, 1, 101, 3, 4, 2, 2]
    private static let sha512: ASN1ObjectIdentifier = [2, 16, 840, 1, 101, 3, 4, 2, 3]

    /// Whether `code` is that of `password` over `safe`; `nil` for a kind that is not known.
    static func isRight(_ code: PFXContents.Code, over safe: [UInt8], password: PFXPassword) -> Bool? {
        guard 1...mostIterations ~= code.iterations else { return nil }
        let value: [UInt8]
        switch code.digest {
        case sha1: value = make(Insecure.SHA1.self, over: safe, password, code.salt, code.iterations)
        case sha256: value = make(SHA256.self, over: safe, password, code.salt, code.iterations)
        case sha384: value = make(SHA384.self, over: safe, password, code.salt, code.iterations)
        case sha512: value = make(SHA512.self, over: safe, password, code.salt, code.iterations)
        default: return nil
        }
        return value == code.value
    }

    static func make<H: HashFunction>(
        _: H.Type,
        over safe: [UInt8],
        _ password: PFXPassword,
        _ salt: [UInt8],
        _ iterations: Int
    ) -> [UInt8] {
        // The key is as long as one digest, so the first block of the derivation is all of it. 3 stands for "a code's key".
        var key = H()
        key.update(data: [UInt8](repeating: 3, count: H.blockByteCount))
        key.update(data: stretched(salt, to: H.blockByteCount))
        key.update(data: stretched(password.encoded, to: H.blockByteCount))
        var digest = key.finalize()
        for _ in 1..<max(iterations, 2) where iterations > 1 {
            digest = digest.withUnsafeBytes { bytes in
                var next = H()
                next.update(bufferPointer: bytes)
                return next.finalize()
            }
        }
        return Array(HMAC<H>.authenticationCode(for: safe, using: SymmetricKey(data: Array(digest))))
    }

    /// Repeated to whole blocks; of nothing there is nothing.
    private static func stretched(_ bytes: [UInt8], to block: Int) -> [UInt8] {
        let length = (bytes.count + block - 1) / block * block
        return (0..<length).map { bytes[$0 % bytes.count] }
    }
}
