import Foundation
import SwiftASN1
import Testing
import X509

@testable import Sandbox

@Suite("The sandbox's authority")
struct SandboxAuthorityTests {
    @Test("names and addresses of hosts are told apart")
    func hostNames() throws {
        let name = try #require(HostName("Graph.Microsoft.com"))
        #expect(name.text == "graph.microsoft.com")
        #expect(name.generalName == .dnsName("graph.microsoft.com"))
        let address = try #require(HostName("127.0.0.254"))
        #expect(address.generalName == .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 254])))
    }

    @Test(
        "the sixteen bytes of an IPv6 address",
        arguments: [
            ("::1", "00000000000000000000000000000001"), ("::", "00000000000000000000000000000000"),
            ("fe80::1:2", "fe800000000000000000000000010002"),
            ("2001:db8:1:2:3:4:5:6", "20010db8000100020003000400050006"),
            ("::ffff:192.0.2.1", "00000000000000000000ffffc0000201"), ("1::", "00010000000000000000000000000000"),
        ]
    )
    func ipv6(text: String, expected: String) throws {
        guard case .ipAddress(let octets) = HostName(text)?.generalName else {
            Issue.record("no address")
            return
        }
        #expect(octets.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == expected)
    }

    @Test("all addresses of a machine, however they are written")
    func wildcards() {
        for text in ["0.0.0.0", "::", "0:0:0:0:0:0:0:0", "::0"] { #expect(HostName(text)?.isWildcard == true) }
        for text in ["127.0.0.1", "::1", "localhost"] { #expect(HostName(text)?.isWildcard == false) }
    }

    @Test(
        "what is neither is refused",
        arguments: [
            "", "a b", "a..b", "-a", "a-", "*.example", "exämple", "a_b", "[::1]", "a/b", "a:1",
            String(repeating: "a", count: 64), String(repeating: "a.", count: 127) + "a",
        ]
    )
    func noHostNames(text: String) { #expect(HostName(text) == nil) }

    @Test("its certificate may vouch for servers and for nothing else, and is not for ever")
    func certificate() throws {
        let authority = try SandboxAuthority()
        let certificate = try Certificate(pemEncoded: authority.pem)
        #expect(certificate.issuer == certificate.subject)
        #expect(certificate.publicKey.isValidSignature(certificate.signature, for: certificate))
        #expect(try certificate.extensions.basicConstraints == .isCertificateAuthority(maxPathLength: 0))
        #expect(try certificate.extensions.keyUsage?.keyCertSign == true)
        #expect(certificate.notValidBefore < .now && certificate.notValidAfter > .now)
        let days = certificate.notValidAfter.timeIntervalSince(certificate.notValidBefore) / 86_400
        #expect(days < 398)
        #expect(certificate.serialNumber.bytes.count <= 20 && (certificate.serialNumber.bytes.first ?? 0xFF) < 0x80)
        // Two starts are two authorities.
        #expect(try Certificate(pemEncoded: SandboxAuthority().pem).subject != certificate.subject)
    }

    @Test("a draft takes its place when it is published, whatever was there, and can be thrown away before")
    func file() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString)/deeper")
            .path
        defer { try? FileManager.default.removeItem(at: URL(filePath: directory).deletingLastPathComponent()) }
        let first = try CertificateFile("first", in: directory)
        #expect(!FileManager.default.fileExists(atPath: first.path))
        try first.publish()
        first.discard()
        #expect(try String(contentsOfFile: first.path, encoding: .utf8) == "first")

        let second = try CertificateFile("second", in: directory + "/")
        #expect(second.path == first.path)
        #expect(try String(contentsOfFile: first.path, encoding: .utf8) == "first")
        second.discard()
        #expect(throws: SandboxError.self) { try second.publish() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [CertificateFile.name])

        try CertificateFile("third", in: directory).publish()
        #expect(try String(contentsOfFile: first.path, encoding: .utf8) == "third")
        let attributes = try FileManager.default.attributesOfItem(atPath: first.path)
        #expect(attributes[.posixPermissions] as? Int == 0o644)
    }
}
