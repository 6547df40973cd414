import CryptoExtras
import Foundation
import Logging
import Settings
import TestSupport
import Testing
import Transport
import X509

@testable import Entra

@Suite("ClientCertificateFile", .timeLimit(.minutes(5)))
struct ClientCertificateFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let password = "canary-password-1"

    /// Reads a file as the settings would name it.
    func read(_ path: String, password: String? = nil, passwordFile: String? = nil) throws -> ClientCertificate {
        var environment: [String: String] = [:]
        environment["AZURE_CLIENT_CERTIFICATE_PASSWORD"] = password
        environment["AZURE_CLIENT_CERTIFICATE_PASSWORD_FILE"] = passwordFile
        let source = SettingsReader(environment: environment).secretSource("AZURE_CLIENT_CERTIFICATE_PASSWORD")
        return try ClientCertificateFile(path: path, password: source).read(at: .now)
    }

    func problem(_ path: String, password: String? = nil) throws -> SettingsProblem {
        let problem = try #require(throws: SettingsProblem.self) { try read(path, password: password) }
        let shown = "\(problem)"
        #expect(!shown.contains("canary") && !shown.contains("PRIVATE KEY-") && !shown.contains("MII"))
        return problem
    }

    @Test("certificate and key are found in any order, with what stands around them", arguments: [0, 1, 2, 3])
    func order(_ order: Int) throws {
        let own = try TestCertificate()
        let key = order.isMultiple(of: 2) ? TestKeys.first.pemRepresentation : TestKeys.first.pkcs8PEMRepresentation
        let other = try TestCertificate(.init(TestKeys.second), name: "other").pem
        let parts =
            order < 2
            ? [key, try own.pem, other] : ["Bag Attributes\r\n  friendlyName: x: y\r\n", other, try own.pem, key]
        let path = try folder.write(parts.joined(separator: "\r\n"), to: "app.pem")
        let certificate = try read(path)
        #expect(certificate.chain == [try own.der])
    }

    @Test("thumbprints are those that openssl shows")
    func thumbprints() async throws {
        let own = try TestCertificate()
        let path = try folder.write(own.pem + own.keyPEM, to: "app.pem")
        let facts = try read(path).facts
        for (digest, thumbprint) in [("-sha1", facts.sha1), ("-sha256", facts.sha256)] {
            let shown = try await OpenSSL.run("x509", "-in", path, "-noout", "-fingerprint", digest)
            let hexadecimal = shown.split(separator: "=").last.map { $0.replacing(":", with: "") }
            #expect(hexadecimal?.trimmingCharacters(in: .newlines) == thumbprint)
        }
        #expect(abs((facts.notAfter - .now).seconds - 86_400) < 3600)
    }

    @Test("of two certificates for one key the one that lasts longer is the app's, and its issuers follow it")
    func chain() throws {
        let root = try TestCertificate(.init(TestKeys.second), name: "root")
        let issuer = (name: "root", key: root.key)
        let old = try TestCertificate(issuer: issuer, to: 3600)
        let new = try TestCertificate(issuer: issuer, to: 7200)
        let path = try folder.write(root.pem + old.pem + new.pem + new.keyPEM, to: "app.pem")
        #expect(try read(path).chain == [new.der, root.der])
    }

    @Test(
        "an encrypted key opens with its password",
        arguments: [
            ["pkcs8", "-topk8", "-v2", "aes-256-cbc"], ["pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"],
            ["rsa", "-aes256", "-traditional"], ["rsa", "-des3", "-traditional"],
        ]
    )
    func encryptedKey(command: [String]) async throws {
        let own = try TestCertificate()
        let plain = try folder.write(own.keyPEM, to: "key.pem")
        let arguments =
            command + ["-in", plain, "-out", folder.path("encrypted.pem"), "-passout", "pass:" + Self.password]
        try await OpenSSL.run(arguments)
        let encrypted = String(decoding: try folder.read("encrypted.pem"), as: UTF8.self)
        let path = try folder.write(own.pem + encrypted, to: "app.pem")
        #expect(try read(path, password: Self.password).chain == [own.der])

        let wrong = try problem(path, password: "canary-wrong")
        #expect(wrong.name == "AZURE_CLIENT_CERTIFICATE_PASSWORD")
        #expect(wrong.reason.contains("does not open the private key"))
        let missing = try problem(path)
        #expect(missing.name == "AZURE_CLIENT_CERTIFICATE_PATH")
        #expect(missing.reason.contains("encrypted"))
    }

    @Test(
        "a PFX opens, as OpenSSL and Windows write it, with a password and without",
        arguments: [
            [], ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
            ["-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-RC2-40", "-macalg", "sha1"],
            ["-keypbe", "AES-256-CBC", "-certpbe", "NONE"], ["-keypbe", "NONE", "-certpbe", "NONE"],
        ],
        [password, ""]
    )
    func pfx(options: [String], password: String) async throws {
        let root = try TestCertificate(.init(TestKeys.second), name: "root")
        let own = try TestCertificate(issuer: ("root", root.key))
        let path = try await pfx(own, options + ["-certfile", folder.write(root.pem, to: "root.pem")], password)
        let certificate = try read(path, password: password.isEmpty ? nil : password)
        #expect(certificate.chain == [try own.der, try root.der])
        if !password.isEmpty {
            let file = try folder.write(password + "\n", to: "password")
            #expect(try read(path, passwordFile: file).facts == certificate.facts)
            let wrong = try problem(path, password: "canary-wrong")
            #expect(wrong.name == "AZURE_CLIENT_CERTIFICATE_PASSWORD")
            #expect(wrong.reason.contains("does not open the PFX file"))
            #expect(try problem(path).fix.contains("AZURE_CLIENT_CERTIFICATE_PASSWORD_FILE"))
        }
    }

    private func pfx(_ own: TestCertificate, _ options: [String], _ password: String) async throws -> String {
        let arguments =
            ["pkcs12", "-export", "-passout", "pass:" + password, "-out", folder.path("app.pfx")] + options
            + ["-in", try folder.write(own.pem + own.keyPEM, to: "both.pem")]
        try await OpenSSL.run(arguments)
        return folder.path("app.pfx")
    }

    @Test("a PFX without a key or without a certificate is told so, and ends nothing", arguments: [true, false])
    func halfPFX(hasKey: Bool) async throws {
        let path = try await pfx(TestCertificate(), [hasKey ? "-nocerts" : "-nokeys"], Self.password)
        let reason = try problem(path, password: Self.password).reason
        #expect(reason.contains(hasKey ? "no certificate" : "no private key"))
    }

    @Test(
        "a PFX whose certificate belongs to another key is told so, and ends nothing",
        arguments: [
            [], ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
            ["-keypbe", "NONE", "-certpbe", "NONE"],
        ]
    )
    func strangePFX(options: [String]) async throws {
        let path = try await strangers(options)
        let reason = try problem(path, password: Self.password).reason
        #expect(reason.contains("does not belong to any certificate"))
    }

    /// A key with another's certificate, as no writer makes it unless it is asked to.
    private func strangers(_ options: [String]) async throws -> String {
        let own = try TestCertificate()
        let other = try TestCertificate(.init(TestKeys.second), name: "other")
        return try await pfx(own, ["-nocerts", "-certfile", folder.write(other.pem, to: "other.pem")] + options)
    }

    private func pfx(_ own: TestCertificate, _ options: [String]) async throws -> String {
        try await pfx(own, options, Self.password)
    }

    @Test("a PFX that comes in the place of a good one, with another's certificate, changes nothing")
    func strangePFXWhileServing() async throws {
        let good = try Data(contentsOf: URL(fileURLWithPath: try await pfx(TestCertificate(), [])))
        let path = try folder.write(good, to: "served.pfx")
        let environment = [
            "AZURE_TENANT_ID": EntraConfiguration.exampleTenant, "AZURE_CLIENT_ID": EntraConfiguration.exampleClient,
            "AZURE_CLIENT_CERTIFICATE_PATH": path, "AZURE_CLIENT_CERTIFICATE_PASSWORD": Self.password,
        ]
        let reader = SettingsReader(environment: environment)
        let access = AccessConfiguration(
            reader,
            graphRoot: try UpstreamURL("https://graph.example/beta"),
            cloud: .global
        )
        try reader.finish()
        let transport = ScriptedTransport { _, _ in .granted("token") }
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let inUse = try #require(access).credential(transport: transport, clock: ManualClock(), logger: logger)
        let rotation = try #require(inUse.rotation)
        try folder.write(Data(contentsOf: URL(fileURLWithPath: try await strangers([]))), to: "served.pfx")
        await rotation.reload(.change)
        #expect(inUse.facts.fault?.reason.contains("does not belong") == true)
        #expect(inUse.facts.candidate == nil)
        _ = try await inUse.source.requestGrant(claims: nil)
    }

    @Test("a password beyond ASCII opens what is encrypted in today's form, and ends nothing where it is an older one")
    func strangePassword() async throws {
        let own = try TestCertificate()
        let path = try await pfx(own, [], "canary-ü€")
        #expect(try read(path, password: "canary-ü€").chain == [own.der])
        #expect(try problem(path, password: "canary-ü").reason.contains("does not open"))
        let old = try await pfx(own, ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES"], "canary-ü")
        #expect(try problem(old, password: "canary-ü").reason.contains("private key"))
        let plain = try folder.write(own.keyPEM, to: "key.pem")
        for form in [
            ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"], ["-v2", "aes-256-cbc"], ["-v1", "PBE-SHA1-3DES"],
        ] {
            try await OpenSSL.run(
                ["pkcs8", "-topk8", "-in", plain, "-out", folder.path("encrypted.pem"), "-passout", "pass:canary-ü"]
                    + form
            )
            let encrypted = String(decoding: try folder.read("encrypted.pem"), as: UTF8.self)
            let pem = try folder.write(own.pem + encrypted, to: "app.pem")
            #expect(try problem(pem, password: "canary-ä").reason.contains("does not open"))
            if form[0] == "-v2" {
                #expect(try read(pem, password: "canary-ü").chain == [own.der])
            } else {
                #expect(try problem(pem, password: "canary-ü").reason.contains("does not open"))
            }
        }
    }

    @Test(
        "no byte of a PFX that is another one ends anything, nor where the code over the file is not looked at",
        arguments: [
            [], ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
            ["-keypbe", "NONE", "-certpbe", "NONE"],
        ]
    )
    func flippedPFX(options: [String]) async throws {
        let whole = try Data(
            contentsOf: URL(fileURLWithPath: try await pfx(TestCertificate(), options + ["-iter", "1"]))
        )
        // Every byte in `make soak`; here few enough that the tests beside it get their turns.
        let step = ProcessInfo.processInfo.environment["SOAK"] == nil ? 41 : 1
        for index in Array(stride(from: 0, to: 120, by: min(step, 3)))
            + Array(stride(from: 120, to: whole.count, by: step))
        {
            await Task.yield()
            for mask in [0x01, 0x80, 0xFF] as [UInt8] {
                var bytes = whole
                bytes[index] ^= mask
                let path = try folder.write(bytes, to: "flipped.pfx")
                _ = try? read(path, password: Self.password)
                guard let contents = PFXContents(Array(bytes)) else { continue }
                let password = PFXPassword.text(Array(Self.password.utf8))
                let records = try? PFXCarrier.certificates(in: contents.encrypted, password: password)
                #expect(records?.contains([]) != true)
                for key in contents.keys { _ = try? PasswordSealedKey(der: key.der)?.opened(by: [1]) }
            }
        }
    }

    @Test("of two certificates for one key the one that is valid now is taken, and not a longer one to come")
    func validNow() throws {
        let now = try TestCertificate(to: 7200)
        let later = try TestCertificate(from: 3600, to: 86_400)
        let path = try folder.write(later.pem + now.pem + now.keyPEM, to: "app.pem")
        #expect(try read(path).chain.first == now.der)
    }

    @Test("a PFX that is cut off anywhere is refused in words")
    func cutPFX() async throws {
        let whole = try folder.read(
            URL(fileURLWithPath: try await pfx(TestCertificate(), [], Self.password)).lastPathComponent
        )
        for length in stride(from: 1, to: whole.count, by: 97) {
            let path = try folder.write(whole.prefix(length), to: "cut.pfx")
            #expect(try problem(path, password: Self.password).reason.isEmpty == false)
        }
    }

    @Test("what is no certificate with its RSA key is refused in words that say what it is", arguments: Flaw.allCases)
    func flaws(flaw: Flaw) throws {
        let path = try flaw.write(to: folder)
        let problem = try problem(path)
        #expect(problem.name == "AZURE_CLIENT_CERTIFICATE_PATH")
        #expect(problem.reason.contains(flaw.words), "\(problem)")
        #expect(!problem.fix.isEmpty)
    }

    enum Flaw: String, CaseIterable {
        case missing, folder, empty, huge, text, halfWritten, noKey, noCertificate, otherKey, twoKeys, curve, small
        case expired, notYetValid, brokenKey, brokenCertificate

        var words: String {
            switch self {
            case .missing: "there is no"
            case .folder: "is a folder"
            case .empty: "is empty"
            case .huge: "larger than 1024 KiB"
            case .text: "neither PEM nor PKCS#12"
            case .halfWritten: "no private key"
            case .noKey: "no private key"
            case .noCertificate: "no certificate"
            case .otherKey: "does not belong to any certificate"
            case .twoKeys: "2 private keys"
            case .curve: "elliptic-curve"
            case .small: "1024 bits only"
            case .expired: "has expired on"
            case .notYetValid: "is not valid before"
            case .brokenKey: "cannot be read"
            case .brokenCertificate: "is damaged"
            }
        }

        func write(to folder: TemporaryFolder) throws -> String {
            let own = try TestCertificate()
            let other = try TestCertificate(.init(TestKeys.second))
            switch self {
            case .missing: return folder.path("missing.pem")
            case .folder: return folder.path
            case .empty: return try folder.write("", to: "app.pem")
            case .huge: return try folder.write(Data(repeating: 0x41, count: 3 << 20), to: "app.pem")
            case .text: return try folder.write("canary\n", to: "app.pem")
            case .halfWritten: return try folder.write(own.pem + own.keyPEM.prefix(900), to: "app.pem")
            case .noKey: return try folder.write(own.pem, to: "app.pem")
            case .noCertificate: return try folder.write(own.keyPEM, to: "app.pem")
            case .otherKey: return try folder.write(own.pem + other.keyPEM, to: "app.pem")
            case .twoKeys: return try folder.write(own.pem + own.keyPEM + other.keyPEM, to: "app.pem")
            case .curve:
                let curve = try TestCertificate(.init(TestKeys.curve))
                return try folder.write(curve.pem + curve.keyPEM, to: "app.pem")
            case .small:
                return try folder.write(own.pem + TestKeys.small.pemRepresentation, to: "app.pem")
            case .expired:
                let old = try TestCertificate(from: -7200, to: -60)
                return try folder.write(old.pem + old.keyPEM, to: "app.pem")
            case .notYetValid:
                let early = try TestCertificate(from: 3600, to: 7200)
                return try folder.write(early.pem + early.keyPEM, to: "app.pem")
            case .brokenKey:
                let key = "-----BEGIN PRIVATE KEY-----\ncanary==\n-----END PRIVATE KEY-----\n"
                return try folder.write(own.pem + key, to: "app.pem")
            case .brokenCertificate:
                let certificate = "-----BEGIN CERTIFICATE-----\ncanary==\n-----END CERTIFICATE-----\n"
                return try folder.write(certificate + own.keyPEM, to: "app.pem")
            }
        }
    }

    @Test("a certificate that was made a moment ago on a machine whose clock is ahead is good")
    func clockAhead() throws {
        let own = try TestCertificate(from: 120)
        let path = try folder.write(own.pem + own.keyPEM, to: "app.pem")
        #expect(try read(path).chain == [own.der])
    }
}
