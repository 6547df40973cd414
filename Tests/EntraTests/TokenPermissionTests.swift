import Foundation
import InMemoryLogging
import Logging
import Settings
import TestSupport
import Testing
import Transport

@testable import Entra

@Suite("What an access token's roles allow", .timeLimit(.minutes(5)))
struct TokenPermissionTests {
    private static func token(roles: [String]?) -> String {
        let claims = roles.map { #"{"roles":["\#($0.joined(separator: "\",\""))"]}"# } ?? "{}"
        let body = Data(claims.utf8).base64EncodedString().replacingOccurrences(of: "=", with: "")
        return "e30.\(body).c2ln"
    }

    private static func permission(_ roles: [String]?) -> TokenPermission {
        TokenPermission(AccessTokenFacts(Secret(token(roles: roles))))
    }

    @Test("The one role that is needed suffices, whatever else is there is named in order")
    func judged() {
        let role = TokenPermission.required
        #expect(Self.permission([role]) == .sufficient)
        #expect(
            Self.permission(["User.Read.All", role, "Directory.Read.All"])
                == .excessive(["Directory.Read.All", "User.Read.All"])
        )
        #expect(Self.permission(["DeviceManagementConfiguration.Read.All"]) == .missing)
        #expect(Self.permission([]) == .missing)
        #expect(Self.permission(nil) == .missing)
        #expect(TokenPermission(nil) == .unreadable)
    }

    @Test("Roles in a form that is not known are unreadable, not missing", arguments: [#""One""#, "{}", "[1]", "null"])
    func unknownForm(roles: String) {
        let body = Data(#"{"roles":\#(roles)}"#.utf8).base64EncodedString().replacingOccurrences(of: "=", with: "")
        #expect(TokenPermission(AccessTokenFacts(Secret("e30.\(body).c2ln"))) == .unreadable)
    }

    @Test("Of roles that are strange or many, few are shown and nothing that could harm a log")
    func strange() {
        let many = (0..<100).map { "Role\($0).Read.All" }
        let odd = ["a b", "x\\u000ay", String(repeating: "z", count: 500)]
        guard case .excessive(let shown) = Self.permission([TokenPermission.required] + odd + many) else {
            Issue.record("not excessive")
            return
        }
        #expect(shown.count == 8)
        #expect(shown.allSatisfy { $0.hasPrefix("Role") })
    }

    @Test("A missing role is an error at each token, and a new token is tried every five minutes until it is there")
    func missing() async throws {
        let log = InMemoryLogHandler()
        let isGranted = Switch()
        let bench = Bench(logger: Logger(label: "test", factory: { _ in log })) { _, _ in
            .granted(Self.token(roles: isGranted.isOn ? [TokenPermission.required] : []))
        }
        let keeper = Task { await bench.cache.keepFresh() }
        defer { keeper.cancel() }
        _ = try await bench.token()
        await bench.settle()
        #expect(bench.cache.health.permission == .missing)
        #expect(bench.cache.health.renewsIn == .seconds(300))
        bench.clock.advance(by: .seconds(300))
        await eventually { bench.transport.requests.count == 2 && !bench.cache.health.isFetching }
        isGranted.isOn = true
        bench.clock.advance(by: .seconds(300))
        await eventually { bench.cache.health.permission == .sufficient }
        await eventually { log.entries.contains { $0.level == .notice } }
        let errors = log.entries.filter { $0.level == .error }
        #expect(errors.count == 2)
        #expect(errors.allSatisfy { "\($0.metadata["entra.detail"] ?? "")".contains(TokenPermission.required) })
    }

    @Test("More than is needed is a warning, once")
    func excessive() async throws {
        let log = InMemoryLogHandler()
        let bench = Bench(logger: Logger(label: "test", factory: { _ in log })) { _, _ in
            .granted(Self.token(roles: [TokenPermission.required, "Directory.ReadWrite.All"]))
        }
        for _ in 0..<3 {
            bench.cache.renewNow()
            await bench.settle()
        }
        #expect(bench.transport.requests.count == 3)
        await eventually { log.entries.count >= 4 }
        let warnings = log.entries.filter { $0.level == .warning }
        #expect(warnings.count == 1)
        let detail = "\(warnings.first?.metadata["entra.detail"] ?? "")"
        #expect(detail.contains("Directory.ReadWrite.All"))
    }
}
