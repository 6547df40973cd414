import Foundation
import TestSupport
import Testing

@testable import Sandbox

@Suite("The picture of a profile's QR code", .timeLimit(.minutes(5)))
struct ProfilePictureTests {
    @Test("a scanner reads it back as the profile's content")
    func scan() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            _ = try await client.createToken(token: token)
            let path = "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)"
            let read = try await client.graph("GET", path, token: token)
            #expect(read.json["qrCodeImage"]?["type"] == "image/png")
            guard case .string(let base64) = read.json["qrCodeImage"]?["value"], let png = Data(base64Encoded: base64),
                case .string(let content) = read.json["qrCodeContent"]
            else {
                Issue.record("no picture: \(read.body)")
                return
            }
            #expect(try await QRCodeReader.text(inPNG: png) == content)
        }
    }
}
