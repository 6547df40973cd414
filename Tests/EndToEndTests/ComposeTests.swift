import Foundation
import TestSupport
import Testing

/// docker-compose.yml is what many begin with. Its two services are started here as it has them, less the containers.
@Suite("The services of docker-compose.yml", .timeLimit(.minutes(5)))
struct ComposeTests {
    private let file: ComposeFile

    init() throws { file = try ComposeFile() }

    /// Host folders for the paths inside of the containers.
    private func mapped(_ text: String, certificates: Folder, secrets: String? = nil) -> String {
        text.replacing("/var/lib/graph-sandbox", with: certificates.path)
            .replacing("/run/secrets", with: secrets ?? ComposeFile.root.appending(path: "compose/sandbox").path)
    }

    @Test("one of them builds the image that both use")
    func build() {
        #expect(file.lines.filter { $0 == "    build: ." }.count == 1)
        #expect(file.lines.contains("  image: enrollment-gateway"))
        #expect(!file.lines.contains("  build: ."))
    }

    @Test("a gateway is given more time than its end takes", arguments: ["gateway", "gateway-1"])
    func stopTime(name: String) throws {
        let settings = file.environment(name)
        let times = try [settings["SHUTDOWN_GRACE"] ?? "0s", settings["SHUTDOWN_LIMIT"] ?? "35s"].map(seconds)
        let line = try #require(file.service(name).first { $0.hasPrefix("    stop_grace_period: ") })
        #expect(try seconds(String(line.drop { $0 != ":" }.dropFirst(2))) > times.reduce(1, +))
    }

    private func seconds(_ text: String) throws -> Int {
        try #require(text.wholeMatch(of: /(\d+)s/).flatMap { Int($0.output.1) })
    }

    @Test("they mint a token over https")
    func mint() async throws {
        let folder = try Folder()
        let command = file.block("graph-sandbox", "command").map {
            mapped($0, certificates: folder).replacing("--port=8443", with: "--port=0")
        }
        #expect(command.contains("--port=0") && command.contains("--host=0.0.0.0"))
        let sandbox = try Program("graph-sandbox", command)
        let announced = try await sandbox.sandboxURL()
        #expect(announced.hasPrefix("https://graph-sandbox:"))

        // There is nobody to resolve the service's name: its other name stands in.
        let port = announced.split(separator: ":").last ?? ""
        var settings = file.environment("gateway").mapValues {
            mapped($0, certificates: folder).replacing("https://graph-sandbox:8443", with: "https://localhost:\(port)")
        }
        #expect(settings["AZURE_AUTHORITY_HOST"] == "https://localhost:\(port)")
        // The container's working directory is a volume.
        #expect(settings["LEDGER_URL"] == nil)
        #expect(file.block("gateway", "volumes").contains("gateway-data:/var/lib/enrollment-gateway"))
        settings["LEDGER_URL"] = "sqlite:" + folder.path("data/ledger.sqlite")
        settings["HTTP_PORT"] = "0"
        settings["MANAGEMENT_PORT"] = "0"
        settings["LOG_FORMAT"] = "json"
        let gateway = try Program("enrollment-gateway", ["serve"], environment: settings)
        let http = try await gateway.logLine("Serving callers")["http.port"] ?? ""
        let key = try ComposeFile.text("compose/sandbox/api-key")
        let answer = try await curl([
            "-X", "POST", "http://127.0.0.1:\(http)/profiles/\(Deployment.profile)/token", "-H",
            "X-API-Key: \(key.trimmingCharacters(in: .newlines))",
        ])
        #expect(answer.status == 201)
        #expect(folder.names.contains("data"))
    }

    @Test("without its files the gateway says which variable wants which file")
    func missingSecrets() async throws {
        let (certificates, secrets) = (try Folder(), try Folder())
        let settings = file.environment("gateway").mapValues {
            mapped($0, certificates: certificates, secrets: secrets.path)
        }
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
