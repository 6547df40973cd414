import Crypto
import Foundation
import NIOSSL
import SwiftASN1
import X509

/// Opens the encrypted certificates of a PKCS#12 file.
///
/// NIOSSL 2.37 knows every cipher that such files use, but ends the process over a file whose key belongs to no certificate in
/// it, and that shows only when all is decrypted. So it never sees the file: it is given another one, with the encrypted parts
/// and, in front of them, a key made for this moment with its certificate. There always is a pair, and what comes beside it is
/// what was looked for. A second key in the encrypted parts is an error of its own.
enum PFXCarrier {
    /// - Returns: DER of each certificate.
    static func certificates(in encrypted: [[UInt8]], password: PFXPassword) throws -> [[UInt8]] {
        guard !encrypted.isEmpty else { return [] }
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let certificate = try passingCertificate(of: key)
        let own = try certificate.serializeAsPEM().derBytes
        let safe = try safe(of: encrypted, key: key.serializeAsPEM().derBytes, certificate: own)
        let bundle = try NIOSSLPKCS12Bundle(buffer: file(of: safe, password), passphrase: password.bytes)
        return try bundle.certificateChain.map { try $0.toDERBytes() }.filter { $0 != own }
    }

    private static func passingCertificate(of key: Certificate.PrivateKey) throws -> Certificate {
        let name = try DistinguishedName { CommonName("carrier") }
        return try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: .now,
            notValidAfter: .now.addingTimeInterval(60),
            issuer: name,
            subject: name,
            extensions: Certificate.Extensions(),
            issuerPrivateKey: key
        )
    }

    private static func safe(of encrypted: [[UInt8]], key: [UInt8], certificate: [UInt8]) throws -> [UInt8] {
        var bags = DER.Serializer()
        try bags.appendConstructedNode(identifier: .sequence) { bags in
            try bags.append(.keyBag) { $0.serializeRawBytes(key) }
            try bags.append(.certificateBag) { bag in
                try bag.append(.x509Certificate) {
                    try $0.serialize(ASN1OctetString(contentBytes: certificate[...]))
                }
            }
        }
        let contents = bags.serializedBytes
        var safe = DER.Serializer()
        try safe.appendConstructedNode(identifier: .sequence) { safe in
            try safe.append(.data) { try $0.serialize(ASN1OctetString(contentBytes: contents[...])) }
            for info in encrypted { safe.serializeRawBytes(info) }
        }
        return safe.serializedBytes
    }

    /// The file around `safe`, with its code by `password`.
    private static func file(of safe: [UInt8], _ password: PFXPassword) throws -> [UInt8] {
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
        let code = PFXCode.make(SHA256.self, over: safe, password, salt, 1)
        var file = DER.Serializer()
        try file.appendConstructedNode(identifier: .sequence) { file in
            try file.serialize(3)
            try file.append(.data) { try $0.serialize(ASN1OctetString(contentBytes: safe[...])) }
            try file.appendConstructedNode(identifier: .sequence) { mac in
                try mac.appendConstructedNode(identifier: .sequence) { info in
                    try info.appendConstructedNode(identifier: .sequence) { algorithm in
                        try algorithm.serialize(PFXCode.sha256)
                        try algorithm.serialize(ASN1Null())
                    }
                    try info.serialize(ASN1OctetString(contentBytes: code[...]))
                }
                try mac.serialize(ASN1OctetString(contentBytes: salt[...]))
            }
        }
        return file.serializedBytes
    }
}

extension DER.Serializer {
    /// What it is, and the value in the tag 0: the form of a ContentInfo, a SafeBag and a CertBag.
    fileprivate mutating func append(
        _ identifier: ASN1ObjectIdentifier,
        _ value: (inout DER.Serializer) throws -> Void
    ) throws {
        try appendConstructedNode(identifier: .sequence) { node in
            try node.serialize(identifier)
            try node.appendConstructedNode(
                identifier: ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific),
                value
            )
        }
    }
}
