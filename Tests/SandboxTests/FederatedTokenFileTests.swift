import Foundation
import NIOCore
import Testing

@testable import Sandbox
@testable import SandboxCommand

@Suite("The file with a federated token", .timeLimit(.minutes(5)))
struct FederatedTokenFileTests {
    @Test("it holds a good token, is its owner's alone, and is replaced as a whole")
    func file() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "token").path
        try await SandboxClient.withSandbox { client in
            let file = FederatedTokenFile(path: path, sandbox: client.sandbox, logger: SandboxClient.quiet)
            var seen: Set<String> = []
            for _ in 0..<2 {
                try await file.renew()
                let token = try String(contentsOfFile: path, encoding: .utf8)
                seen.insert(token)
                #expect(try await client.askToken(assertion: token).status == 200)
            }
            #expect(seen.count == 2)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["token"])
        }
    }

    @Test("a place that cannot be written is told in one sentence")
    func unwritable() async throws {
        try await SandboxClient.withSandbox { client in
            let file = FederatedTokenFile(
                path: "/nonexistent/token",
                sandbox: client.sandbox,
                logger: SandboxClient.quiet
            )
            let error = await #expect(throws: OptionError.self) { try await file.renew() }
            #expect(
                error?.description
                    == """
                    The file "/nonexistent/token" of --federated-token-file cannot be written: No such file or directory.
                    """
            )
        }
    }
}
