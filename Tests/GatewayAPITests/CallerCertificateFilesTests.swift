import Foundation
import Logging
import Settings
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import GatewayAPI

@Suite("The certificate's files")
struct CallerCertificateFilesTests {
    private let test: TestCertificate

    init() throws { test = try TestCertificate() }

    private func fault() -> SettingsProblem? {
        do throws(SettingsProblem) {
            _ = try test.files.read()
            return nil
        } catch {
            return error
        }
    }

    @Test("a certificate and its key are read, with its names and its end")
    func good() throws {
        let facts = try test.files.read().facts
        #expect(facts.names == ["127.0.0.1"])
        #expect(facts.isValid(at: .now))
        #expect(!facts.isValid(at: .now + .seconds(7200)))
        #expect(facts.sha256.wholeMatch(of: /[0-9A-F]{64}/) != nil)
        #expect(facts.remark(at: .now).hasPrefix("for 127.0.0.1, ends 20"))
        #expect(facts.remark(at: .now + .seconds(7200)).hasSuffix(", which has passed"))
    }

    @Test("one file may hold all, in any order and with words between; the certificate itself comes first on the wire")
    func together() throws {
        let chain = try test.folder.read("chain.pem")
        let key = try test.folder.read("key.pem")
        let issuer = try String(contentsOfFile: test.authority.path, encoding: .utf8)
        let path = try test.folder.write("Bag Attributes\n\(issuer)\n\(key)subject=x\n\(chain)", to: "all.pem")
        let all = try CallerCertificateFiles(certificate: path, key: path).read()
        let alone = try test.files.read()
        #expect(all.facts == alone.facts)
        #expect(all.key == alone.key)
        #expect(all.chain.starts(with: alone.chain))
        #expect(all.chain.count > alone.chain.count)
        _ = try LiveCallerCertificate(test.files, first: all, logger: .init(label: "test"))
    }

    @Test(
        "what cannot be used is told with its setting",
        arguments: [
            ("chain.pem", "", "HTTP_TLS_CERTIFICATE_PATH", "there is no certificate"),
            ("key.pem", "", "HTTP_TLS_PRIVATE_KEY_PATH", "there is no private key"),
            (
                "chain.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "HTTP_TLS_CERTIFICATE_PATH", "certificate 1 of 1 in the file that it names is damaged"
            ),
            (
                "key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                "HTTP_TLS_PRIVATE_KEY_PATH", "the private key is damaged"
            ),
            (
                "key.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
                "HTTP_TLS_PRIVATE_KEY_PATH", "the private key is encrypted"
            ),
        ]
    )
    func bad(name: String, text: String, setting: String, reason: String) throws {
        try test.folder.write(text, to: name)
        let problem = try #require(fault())
        #expect(problem.name == setting)
        #expect(problem.reason.hasPrefix(reason), "\(problem)")
    }

    @Test("a key of another certificate, two keys and a missing file are told")
    func mismatch() throws {
        let key = try test.folder.read("key.pem")
        try test.folder.write(key + key, to: "key.pem")
        #expect(fault()?.reason.hasPrefix("there are 2 private keys") == true)
        try test.folder.write(try test.authority.identity().key, to: "key.pem")
        #expect(fault()?.name == "HTTP_TLS_PRIVATE_KEY_PATH")
        #expect(fault()?.reason.hasPrefix("the private key does not belong to any certificate") == true)
        let missing = CallerCertificateFiles(certificate: test.folder.path("none.pem"), key: test.files.key)
        #expect(throws: SettingsProblem.self) { try missing.read() }
    }

    @Test("one setting without the other is a problem of the other", arguments: [true, false])
    func half(hasCertificate: Bool) {
        let names = ["HTTP_TLS_CERTIFICATE_PATH", "HTTP_TLS_PRIVATE_KEY_PATH"]
        let settings = SettingsReader(environment: [names[hasCertificate ? 0 : 1]: "/x.pem"])
        #expect(GatewayConfiguration(settings).certificateFiles == nil)
        #expect(settings.problems.map(\.name) == [names[hasCertificate ? 1 : 0]])
    }

    @Test("the files are read for callers only, and what is wrong with them is a problem of the settings")
    func configuration() throws {
        let settings = SettingsReader(environment: [
            "HTTP_TLS_CERTIFICATE_PATH": test.files.certificate,
            "HTTP_TLS_PRIVATE_KEY_PATH": test.folder.path("none.pem"),
        ])
        var configuration = GatewayConfiguration(settings)
        #expect(settings.problems == [])
        configuration.readFiles(settings)
        #expect(configuration.certificate == nil)
        #expect(settings.problems.map(\.name) == ["HTTP_TLS_PRIVATE_KEY_PATH"])
    }
}
