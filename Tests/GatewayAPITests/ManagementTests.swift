import Explanations
import HTTPTypes
import Testing

@testable import GatewayAPI

private struct FixedCheck: ReadinessCheck {
    var name: String
    var found: ReadinessFinding
    func finding() async -> ReadinessFinding { found }
}

@Suite("The management side", .timeLimit(.minutes(5)))
struct ManagementTests {
    private struct Health: Decodable, Equatable {
        struct Check: Decodable, Equatable {
            var name: String
            var status: String
            var detail: String?
        }
        var status: String
        var checks: [Check]?
    }

    @Test("it is alive whatever its checks say")
    func alive() async throws {
        let failing = FixedCheck(name: "access-token", found: .init(.notReady, detail: "unreachable"))
        let answer = try await Gateway(checks: [failing]).manage("/livez")
        #expect(answer.status == 200)
        #expect(answer["Content-Type"] == "application/json")
        #expect(answer["Cache-Control"] == "no-store")
        #expect(try answer.decoded(Health.self) == Health(status: "alive", checks: nil))
    }

    @Test("it is ready when all checks are")
    func ready() async throws {
        let check = FixedCheck(name: "access-token", found: .init(.ready))
        let answer = try await Gateway(checks: [check]).manage("/readyz")
        #expect(answer.status == 200)
        #expect(
            try answer.decoded(Health.self)
                == Health(
                    status: "ready",
                    checks: [.init(name: "serving", status: "ready"), .init(name: "access-token", status: "ready")]
                )
        )
    }

    @Test("one check that fails makes it not ready, with the reason")
    func notReady() async throws {
        let checks = [
            FixedCheck(name: "access-token", found: .init(.notReady, detail: "secret-expired")),
            FixedCheck(name: "other", found: .init(.ready, detail: "note")),
        ]
        let answer = try await Gateway(checks: checks).manage("/readyz")
        #expect(answer.status == 503)
        #expect(
            try answer.decoded(Health.self)
                == Health(
                    status: "not-ready",
                    checks: [
                        .init(name: "serving", status: "ready"),
                        .init(name: "access-token", status: "not-ready", detail: "secret-expired"),
                        .init(name: "other", status: "ready", detail: "note"),
                    ]
                )
        )
    }

    @Test("each detail that is found has its remedy")
    func remedies() async throws {
        let checks = [
            FixedCheck(name: "credential", found: .init(.degraded, detail: "expires-soon")),
            FixedCheck(
                name: "access-token",
                found: .init(.notReady, detail: "secret-expired", remedy: "Operator: this.")
            ),
            FixedCheck(name: "ledger", found: .init(.ready, detail: "none")),
        ]
        let body = try await Gateway(checks: checks).manage("/readyz").body
        #expect(body.contains(#""detail":"expires-soon","remedy":"Operator: Have a new one made"#))
        #expect(body.contains(#""detail":"secret-expired","remedy":"Operator: this.""#))
        #expect(body.contains(#"{"name":"ledger","status":"ready","detail":"none"}"#))
    }

    @Test(
        "whatever a check may find has an explanation",
        arguments: [
            "starting", "draining", "shutting-down", "renewing", "permission-missing", "permission-excessive",
            "permission-unreadable", "expires-soon", "expired", "replacement-unusable", "replacement-refused",
            "key-ring-unusable", "no-key-in-force", "ledger-unavailable", "settling", "audit-log-unwritable",
        ]
    )
    func explained(detail: String) {
        #expect(Explanations.find(detail, in: .readiness) != nil)
        // The documentation's list of details is this one, and those of the credential's area.
        #expect(Explanations.all(of: .readiness).count == 16)
    }

    @Test("what ails without stopping the work makes it degraded, which is 200, and less than not ready")
    func degraded() async throws {
        let degraded = FixedCheck(
            name: "credential",
            found: .init(.degraded, detail: "expires-soon", message: "In 3 days.")
        )
        let answer = try await Gateway(checks: [degraded]).manage("/readyz")
        #expect(answer.status == 200)
        let health = try answer.decoded(Health.self)
        #expect(health.status == "degraded")
        #expect(health.checks?.last == .init(name: "credential", status: "degraded", detail: "expires-soon"))

        let failing = FixedCheck(name: "access-token", found: .init(.notReady))
        for checks in [[degraded, failing], [failing, degraded]] {
            let answer = try await Gateway(checks: checks).manage("/readyz")
            #expect(answer.status == 503)
            #expect(try answer.decoded(Health.self).status == "not-ready")
        }
    }

    @Test(
        "the callers' paths are not there, and no hint sends anybody to one",
        arguments: ["/", "/openapi.yaml", Gateway.path, "/livez/"]
    )
    func unknown(path: String) async throws {
        let problem = try expect(await Gateway().manage(path), is: ExpectedProblem(.notFound, outcome: nil))
        #expect(!problem.detail.contains("openapi"))
    }

    @Test("a wrong method is 405", arguments: ["/livez", "/readyz"])
    func wrongMethod(path: String) async throws {
        let answer = try await Gateway().manage(.post, path)
        try expect(answer, is: ExpectedProblem(.methodNotAllowed, outcome: nil))
        #expect(answer["Allow"] == "GET")
    }
}
