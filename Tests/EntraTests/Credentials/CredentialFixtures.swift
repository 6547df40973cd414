import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import TestSupport
import X509

/// A folder of a test's own, which goes with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("credentials-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func path(_ name: String) -> String { path + "/" + name }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String { try write(Data(text.utf8), to: name) }

    @discardableResult
    func write(_ data: Data, to name: String) throws -> String {
        try data.write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    func read(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }
}

/// Keys that take long to make, made once.
enum TestKeys {
    static let first = try! _RSA.Signing.PrivateKey(keySize: .bits2048)
    static let second = try! _RSA.Signing.PrivateKey(keySize: .bits2048)
    static let small = try! _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1024))
    static let curve = P256.Signing.PrivateKey()
}

/// A certificate of the tests' own.
struct TestCertificate {
    let certificate: Certificate
    let key: Certificate.PrivateKey

    /// - Parameter issuer: signed by its own key where there is none.
    init(
        _ key: Certificate.PrivateKey = .init(TestKeys.first),
        name: String = "gateway",
        issuer: (name: String, key: Certificate.PrivateKey)? = nil,
        from: TimeInterval = -3600,
        to: TimeInterval = 86_400
    ) throws {
        let issuer = issuer ?? (name, key)
        certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: .now.addingTimeInterval(from),
            notValidAfter: .now.addingTimeInterval(to),
            issuer: DistinguishedName { CommonName(issuer.name) },
            subject: DistinguishedName { CommonName(name) },
            extensions: Certificate.Extensions(),
            issuerPrivateKey: issuer.key
        )
        self.key = key
    }

    var pem: String { get throws { try certificate.serializeAsPEM().pemString + "\n" } }
    var der: [UInt8] { get throws { try certificate.serializeAsPEM().derBytes } }
    var keyPEM: String { get throws { try key.serializeAsPEM().pemString + "\n" } }
}

/// The openssl command: a second opinion, and the writer of formats that operators have.
enum OpenSSL {
    struct Failure: Error { var arguments: [String] }

    @discardableResult
    static func run(_ arguments: String..., input: String = "") async throws -> String {
        try await run(arguments, input: input)
    }

    @discardableResult
    static func run(_ arguments: [String], input: String = "") async throws -> String {
        let (output, ending) = try await ChildProgram.run("/usr/bin/env", ["openssl"] + arguments, input: input)
        guard ending == .exit(0) else { throw Failure(arguments: arguments) }
        return output
    }
}
