import Foundation
import TestSupport
import Testing

/// docker-compose.yml is what many begin with. Its two services are started here as it has them, less the containers.
@Suite("The services of docker-compose.yml", .timeLimit(.minutes(2)))
struct ComposeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private let lines: [String]

    init() throws {
        lines = try String(contentsOf: Self.root.appending(path: "docker-compose.yml"), encoding: .utf8)
            .components(separatedBy: "\n")
    }

    /// The lines behind `KEY:` of a service, as far as they are indented further: less comments, blanks and list marks.
    private func block(_ service: String, _ key: String) -> [String] {
        let inService = lines.drop { $0 != "  \(service):" }.dropFirst()
            .prefix { $0.isEmpty || $0.hasPrefix("    ") }
        return inService.drop { $0 != "    \(key):" }.dropFirst().prefix { $0.hasPrefix("      ") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.hasPrefix("#") }
            .map { $0.hasPrefix("- ") ? String($0.dropFirst(2)) : $0 }
    }

    private func environment() -> [String: String] {
        block("gateway", "environment").reduce(into: [:]) { settings, line in
            let parts = line.split(separator: ":", maxSplits: 1)
            settings[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces)
        }
    }

    /// Host folders for the paths inside of the containers.
    private func mapped(_ text: String, certificates: Folder, secrets: String? = nil) -> String {
        text.replacing("/var/lib/graph-sandbox", with: certificates.path)
            .replacing("/run/secrets", with: secrets ?? Self.root.appending(path: "compose/sandbox").path)
    }

    @Test("one of them builds the image that both use")
    func build() {
        #expect(lines.filter { $0 == "    build: ." }.count == 1)
        #expect(lines.contains("  image: enrollment-gateway"))
        #expect(!lines.contains("  build: ."))
    }

    @Test("they mint a token over https")
    func mint() async throws {
        let folder = try Folder()
        let command = block("graph-sandbox", "command").map {
            mapped($0, certificates: folder).replacing("--port=8443", with: "--port=0")
        }
        #expect(command.contains("--port=0") && command.contains("--host=0.0.0.0"))
        let sandbox = try Program("graph-sandbox", command)
        let announced = try await sandbox.sandboxURL()
        #expect(announced.hasPrefix("https://graph-sandbox:"))

        // There is nobody to resolve the service's name: its other name stands in.
        let port = announced.split(separator: ":").last ?? ""
        var settings = environment().mapValues {
            mapped($0, certificates: folder).replacing("https://graph-sandbox:8443", with: "https://localhost:\(port)")
        }
        #expect(settings["AZURE_AUTHORITY_HOST"] == "https://localhost:\(port)")
        settings["HTTP_PORT"] = "0"
        settings["MANAGEMENT_PORT"] = "0"
        settings["LOG_FORMAT"] = "json"
        let gateway = try Program("enrollment-gateway", ["serve"], environment: settings)
        let http = try await gateway.logLine("Serving callers")["http.port"] ?? ""
        let key = try String(contentsOf: Self.root.appending(path: "compose/sandbox/api-key"), encoding: .utf8)
        let answer = try await curl([
            "-X", "POST", "http://127.0.0.1:\(http)/profiles/\(Deployment.profile)/token", "-H",
            "X-API-Key: \(key.trimmingCharacters(in: .newlines))",
        ])
        #expect(answer.status == 201)
    }

    @Test("without its files the gateway says which variable wants which file")
    func missingSecrets() async throws {
        let (certificates, secrets) = (try Folder(), try Folder())
        let settings = environment().mapValues { mapped($0, certificates: certificates, secrets: secrets.path) }
        let gateway = try Program("enrollment-gateway", ["serve"], environment: settings)
        #expect(try await gateway.exitCode() == 78)
        for (name, file) in [("AZURE_CLIENT_SECRET_FILE", "client-secret"), ("API_KEY_FILE", "api-key")] {
            #expect(gateway.standardError.contains("\(name): there is no file \"\(secrets.path)/\(file)\""))
        }
        #expect(
            gateway.standardError.contains(
                """
                UPSTREAM_CA_PATH: the certificate file \(certificates.path)/ca.pem cannot be used as extra trust: No such file \
                or directory. Give a PEM file of certificates.
                """
            )
        )
    }

}
