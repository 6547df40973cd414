import ArgumentParser
import Foundation
import JWTKit
import Settings
import Testing

@testable import Sandbox
@testable import SandboxCommand

@Suite("The flags of graph-sandbox")
struct SandboxOptionsTests {
    @Test("without flags it is the documented sandbox")
    func defaults() throws {
        let configuration = try SandboxOptions.parse([]).configuration()
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 8090)
        #expect(configuration.profiles == SandboxProfile.samples)
        #expect(configuration.readLag == 0)
        #expect(configuration.throttling == .published)
        #expect(configuration.clientSecret.reveal { $0 } == "sandbox-only-secret")
    }

    @Test("profiles come from flags and from a file, with colons in their names, and replace the samples")
    func profiles() throws {
        let lines = "# ours\n\n  device-owner:dddddddd-0000-4000-8000-00000000000A:Kiosks: ground floor\r\n"
        try Self.withFile(lines) { path in
            let flags = ["--profile", "android-for-work:aaaaaaaa-0000-4000-8000-00000000000b:Till", "--profiles", path]
            let configuration = try SandboxOptions.parse(flags).configuration()
            #expect(configuration.profiles.map(\.displayName) == ["Till", "Kiosks: ground floor"])
            #expect(configuration.profiles.map(\.kind) == [.androidForWork, .deviceOwner])
            #expect(configuration.profiles[1].id == "dddddddd-0000-4000-8000-00000000000a")
        }
    }

    @Test("extra profiles are numbered, and come behind the samples or those that replace them")
    func extraProfiles() async throws {
        let configuration = try SandboxOptions.parse(["--extra-profiles", "105"]).configuration()
        #expect(configuration.profiles.count == SandboxProfile.samples.count + 105)
        #expect(Array(configuration.profiles.prefix(6)) == SandboxProfile.samples)
        let extra = configuration.profiles.dropFirst(6)
        #expect(extra.allSatisfy { $0.kind == .androidForWork && SandboxProfile.isGUID($0.id) })
        #expect(extra.first?.id == "bbbbbbbb-0000-4000-8000-000000000001")
        #expect(extra.first?.displayName == "Sample 001")
        #expect(extra.last?.id == "bbbbbbbb-0000-4000-8000-000000000105")
        #expect(extra.last?.displayName == "Sample 105")
        let flags = ["--profile", "device-owner:dddddddd-0000-4000-8000-00000000000b:Till", "--extra-profiles", "1"]
        #expect(try SandboxOptions.parse(flags).configuration().profiles.map(\.displayName) == ["Till", "Sample 001"])
        try await SandboxClient.withSandbox(configuration) { client in
            let token = try await client.accessToken()
            let first = try await client.graph("GET", "\(SandboxClient.forWork)?$count=true", token: token).json
            #expect(first["@odata.count"] == 108)
            guard case .array(let values) = first["value"] else {
                Issue.record("no list")
                return
            }
            #expect(values.count == 100)
            #expect(first["@odata.nextLink"] != nil)
        }
    }

    @Test("reads lag as the flag says")
    func readLag() throws {
        #expect(try SandboxOptions.parse(["--read-lag", "5"]).configuration().readLag == 5)
    }

    @Test("a secret's file may end with newlines")
    func secretFile() throws {
        try Self.withFile(" a secret \r\n\n") { path in
            let configuration = try SandboxOptions.parse(["--secret-file", path]).configuration()
            #expect(configuration.clientSecret.reveal { $0 } == " a secret ")
        }
    }

    @Test("certificates come from files that may hold the private key, too")
    func certificates() throws {
        let certificate = try AppCertificate.shared.get()
        try Self.withFile(certificate.key.pemRepresentation + "\n" + certificate.pem) { path in
            let configuration = try SandboxOptions.parse(["--certificate", path]).configuration()
            #expect(configuration.certificates == [try certificate.registered])
        }
        try Self.withFile(certificate.key.pemRepresentation) { path in
            let options = try SandboxOptions.parse(["--certificate", path])
            let error = #expect(throws: OptionError.self) { try options.configuration() }
            #expect(error?.description == "The file \"\(path)\" of --certificate holds no certificate in PEM.")
        }
    }

    @Test(
        "what cannot be used is told in one sentence",
        arguments: [
            (["--profile", "x:y"], "A profile is written KIND:ID:NAME"),
            (["--profile", "device-owner:y:z"], "The sandbox cannot start: the profile id \"y\" is not a GUID."),
            (["--extra-profiles", "10001"], "--extra-profiles is a number from 0 to 10000, not 10001."),
            (["--secret-file", "/nonexistent"], "The file \"/nonexistent\" of --secret-file cannot be read."),
            (["--secret-file", "/nonexistent", "--secret", "x"], "Give --secret or --secret-file, not both."),
        ]
    )
    func refusals(_ flags: [String], _ sentence: String) throws {
        let options = try SandboxOptions.parse(flags)
        let error = #expect(throws: (any Error).self) { try options.configuration() }
        #expect(error.map { "\($0)".hasPrefix(sentence) } == true)
    }

    private static func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try body(file.path)
    }
}
