import Foundation
import TestSupport
import Testing

/// The profile `replicas` of docker-compose.yml, less the containers: two gateways on one PostgreSQL, behind its balancer.
@Suite("The replicas of docker-compose.yml", .timeLimit(.minutes(5)))
struct ComposedReplicasTests {
    private static let gateways = ["gateway-1", "gateway-2"]

    private let file: ComposeFile
    private let balancer: String

    init() throws {
        file = try ComposeFile()
        balancer = try ComposeFile.text("compose/replicas/haproxy.cfg")
    }

    @Test("they are there for who asks for them alone, and the second gateway is as the first")
    func profile() {
        #expect(file.services(of: "replicas") == ["gateway-1", "postgres", "balancer"])
        #expect(file.lines.contains("  gateway-2: *replica"))
        #expect(file.lines.contains("  gateway-1: &replica"))
        #expect(!file.service("gateway-1").contains { $0.contains("build:") || $0.contains("ports:") })
        #expect(file.block("balancer", "ports") == [#""127.0.0.1:8090:8080""#])
    }

    @Test("the gateways' password is the database's")
    func password() throws {
        let password = try ComposeFile.text("compose/replicas/ledger/password").trimmingCharacters(in: .newlines)
        let url = try ComposeFile.text("compose/replicas/ledger/url").trimmingCharacters(in: .newlines)
        #expect(!password.isEmpty && url == "postgresql://gateway:\(password)@postgres/gateway")
        #expect(file.environment("gateway-1")["LEDGER_URL_FILE"] == "/run/ledger/url")
        #expect(file.environment("postgres")["POSTGRES_DB"] == "gateway")
    }

    @Test("the balancer repeats nothing that it has sent, and waits for longer than a gateway takes")
    func balancing() throws {
        let lines = balancer.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(lines.filter { $0.hasPrefix("retry-on ") } == ["retry-on conn-failure"])
        let limit = try #require(balancer.firstMatch(of: /timeout server (\d+)s/).flatMap { Int($0.output.1) })
        #expect(limit >= 25 + 5 + 10)
        #expect(lines.contains("option httpchk GET /readyz"))
        #expect(file.environment("gateway-1")["MANAGEMENT_HOST"] == "0.0.0.0")
    }

    @Test("together they make one token of a wish that is sent to both, and go on when one is killed")
    func together() async throws {
        let replicas = try await Replicas(file, balancer, Self.gateways)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await replicas.mint(key: "a-wish").status } }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(statuses.keys.allSatisfy { [201, 409].contains($0) } && statuses[201, default: 0] > 0, "\(statuses)")
        #expect(try await replicas.tokensCreated == 1)
        for gateway in replicas.gateways {
            _ = try await gateway.waitFor("a creation") { $0.log.first { $0["http.method"] == "POST" } }
        }

        kill(replicas.gateways[0].processID, SIGKILL)
        #expect(try await replicas.gateways[0].exitCode() == -1)
        for wish in 0..<4 { #expect(try await replicas.mint(key: "wish-\(wish)").status == 201) }
        #expect(try await replicas.mint(key: "a-wish").fields["idempotent-replayed"] == "true")
        #expect(try await replicas.tokensCreated == 5)
    }
}

/// The services, started.
private final class Replicas: Sendable {
    let gateways: [Program]
    private let sandbox: Program
    private let sandboxURL: String
    private let server: PostgreSQLServer
    private let balancer: Program
    private let folder: Folder
    private let key: String

    init(_ file: ComposeFile, _ configuration: String, _ names: [String]) async throws {
        folder = try Folder()
        key = try ComposeFile.text("compose/sandbox/api-key").trimmingCharacters(in: .newlines)
        let secrets = ComposeFile.root.appending(path: "compose/sandbox").path
        let ledger = ComposeFile.root.appending(path: "compose/replicas/ledger").path
        sandbox = try Program("graph-sandbox", ["--port", "0", "--secret-file", secrets + "/client-secret"])
        sandboxURL = try await sandbox.sandboxURL()

        server = try await PostgreSQLServer(isDurable: false)
        try await server.run("CREATE DATABASE gateway", in: "postgres")
        let script = try ComposeFile.text("compose/replicas/ledger.sql").replacing("/run/ledger", with: ledger)
        let psql = ["-X", "-q", "-v", "ON_ERROR_STOP=1", server.socketURL("gateway")]
        guard try await run("psql", psql, input: script).code == 0 else {
            throw Program.Failure(description: "the database is not set up")
        }
        let url = try ComposeFile.text("compose/replicas/ledger/url")
            .replacing("@postgres/", with: "@127.0.0.1:\(server.port)/")
        let (sandboxURL, urlFile) = (sandboxURL, try folder.write(url, to: "url"))
        let settings = file.environment("gateway-1").mapValues {
            $0.replacing("/run/secrets", with: secrets).replacing("/run/ledger/url", with: urlFile)
                .replacing("https://graph-sandbox:8443", with: sandboxURL)
        }.merging(["HTTP_PORT": "0", "MANAGEMENT_PORT": "0", "LOG_FORMAT": "json", "UPSTREAM_CA_PATH": ""]) { $1 }
            .merging(["MANAGEMENT_HOST": "127.0.0.1"]) { $1 }

        var text = configuration.replacing("bind :8080", with: "bind unix@\(folder.path("callers"))")
            .replacing("check port 9090", with: "check").replacing("stdout", with: "stderr")
        var gateways: [Program] = []
        for name in names {
            let gateway = try Program("enrollment-gateway", ["serve"], environment: settings)
            let http = try await gateway.logLine("Serving callers")["http.port"] ?? ""
            let management = try await gateway.logLine("Serving management")["management.port"] ?? ""
            text = text.replacing("\(name):8080", with: "127.0.0.1:\(http) port \(management)")
            gateways.append(gateway)
        }
        self.gateways = gateways
        balancer = try Program("/usr/sbin/haproxy", ["-db", "-f", try folder.write(text, to: "haproxy.cfg")])
        try await untilItAnswers()
    }

    private func untilItAnswers() async throws {
        while !Task.isCancelled, !balancer.hasEnded {
            let socket = folder.path("callers")
            let options = ["-s", "-o", folder.path("answer"), "-w", "%{http_code}", "--unix-socket", socket]
            if try await run("curl", options + ["http://balancer/openapi.yaml"]).output == "200" { return }
            try? await Task.sleep(for: .milliseconds(50))
        }
        throw Program.Failure(description: "the balancer does not answer: \(balancer.standardError)")
    }

    func mint(key wish: String) async throws -> CurlAnswer {
        try await curl([
            "--unix-socket", folder.path("callers"), "-X", "POST",
            "http://balancer/profiles/\(Deployment.profile)/token",
            "-H", "X-API-Key: \(key)", "-H", "Idempotency-Key: \(wish)",
        ])
    }

    var tokensCreated: Int {
        get async throws {
            let answer = try await curl([sandboxURL + "/_sandbox/profiles"]).json["profiles"] as? [[String: Any]]
            return answer?.first { $0["id"] as? String == Deployment.profile }?["tokensCreated"] as? Int ?? -1
        }
    }
}
