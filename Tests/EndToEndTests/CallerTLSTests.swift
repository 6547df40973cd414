import Foundation
import TestSupport
import TestUpstream
import Testing

/// A gateway that speaks TLS to its callers, as an operator sets it up.
@Suite("TLS to callers, end to end", .timeLimit(.minutes(10)))
struct CallerTLSTests {
    private let authority: TestAuthority
    private let folder: Folder

    init() throws {
        authority = try TestAuthority()
        folder = try Folder()
        try replace()
    }

    private func replace() throws {
        let (certificate, key) = try authority.identity()
        try folder.write(certificate, to: "chain.pem")
        try folder.write(key, to: "key.pem")
    }

    private var settings: [String: String] {
        [
            "HTTP_TLS_CERTIFICATE_PATH": folder.path("chain.pem"), "HTTP_TLS_PRIVATE_KEY_PATH": folder.path("key.pem"),
            "HTTP_PORT": "0", "MANAGEMENT_PORT": "0",
        ]
    }

    private func start() throws -> Program {
        try Program("enrollment-gateway", ["serve", "--sandbox"], environment: settings)
    }

    private func place(_ program: Program) async throws -> String {
        "127.0.0.1:\(try await program.logLine("Serving callers")["http.port"] ?? "")"
    }

    private func ask(_ place: String, _ options: [String]) async throws -> String {
        let format = "%{http_code} HTTP/%{http_version}"
        let trust = ["--cacert", authority.path, "-sS", "-o", "/dev/null", "-w", format, "--max-time", "30"]
        return try await run("curl", trust + options + ["https://\(place)/openapi.yaml"]).output
    }

    @Test("curl gets HTTP/2 or HTTP/1.1, as it likes, and no TLS before 1.2")
    func versions() async throws {
        let gateway = try start()
        let place = try await place(gateway)
        #expect(try await ask(place, ["--http2"]) == "200 HTTP/2")
        #expect(try await ask(place, ["--http1.1"]) == "200 HTTP/1.1")
        #expect(try await ask(place, ["--no-alpn"]) == "200 HTTP/1.1")
        #expect(try await ask(place, ["--tls-max", "1.2", "--http2"]) == "200 HTTP/2")
        #expect(try await ask(place, ["--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0"]) == "000 HTTP/0")
        #expect(gateway.standardError.contains("curl -i -X POST https://127.0.0.1:"))
    }

    @Test("a certificate that is replaced on the disk is shown soon; one whose key does not fit is not")
    func renewal() async throws {
        let gateway = try start()
        let place = try await place(gateway)
        try folder.write(authority.identity().key, to: "key.pem")
        let fault = try await gateway.logLine(
            "The certificate's files cannot be used; the one before them stays in force"
        )
        #expect(fault["reason"]?.contains("HTTP_TLS_PRIVATE_KEY_PATH: the private key does not belong") == true)
        #expect(try await ask(place, []) == "200 HTTP/2")
        try replace()
        let read = try await gateway.logLine("Certificate for callers read")
        #expect(read["certificate.names"] == "127.0.0.1")
        #expect(try await ask(place, []) == "200 HTTP/2")
    }

    @Test("check shows the certificate, and says what is wrong with it")
    func check() async throws {
        let tenant = Deployment.settings(sandboxURL: "https://127.0.0.1:1", secretFile: try folder.write("x", to: "s"))
        let good = try Program("enrollment-gateway", ["check"], environment: tenant.merging(settings) { $1 })
        #expect(try await good.exitCode() == 0)
        #expect(good.standardOutput.contains("  callers     https://127.0.0.1:0\n"))
        #expect(good.standardOutput.contains("certificate for 127.0.0.1, ends 20"))
        try folder.write("", to: "chain.pem")
        let bad = try Program("enrollment-gateway", ["check"], environment: tenant.merging(settings) { $1 })
        #expect(try await bad.exitCode() == 78)
        #expect(bad.standardError.contains("HTTP_TLS_CERTIFICATE_PATH: there is no certificate in the file"))
    }

    @Test("testssl.sh finds nothing of medium weight or above")
    func weaknesses() async throws {
        let gateway = try start()
        let place = try await place(gateway)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../scripts/check-tls").path
        let (findings, code) = try await run("bash", [script, place, authority.path])
        #expect(findings == "")
        #expect(code == 0)
    }
}
