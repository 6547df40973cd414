import Entra
import Foundation
import JSONText
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Settings
import TestSupport
import Testing
import Transport

@testable import GatewayAPI

@Suite("Readiness of the access token", .timeLimit(.minutes(5)))
struct AccessTokenChecksTests {
    private let clock = ManualClock()

    /// A cache whose source does what the test says.
    private func cache(
        _ answer: @escaping @Sendable () throws(EntraError) -> String
    ) -> TokenCache {
        struct Source: TokenGrantSource {
            let answer: @Sendable () throws(EntraError) -> String
            func requestGrant(claims: ClaimsChallenge?) async throws(EntraError) -> TokenGrant {
                try TokenGrant(
                    ByteBuffer(
                        string: #"{"token_type":"Bearer","expires_in":3600,"access_token":"\#(try answer())"}"#
                    )
                )
            }
        }
        return TokenCache(
            source: Source(answer: answer),
            clock: clock,
            logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() },
            policy: TokenPolicy(random: { 0.5 })
        )
    }

    private func token(roles: [String]) -> String {
        let claims = #"{"roles":["\#(roles.joined(separator: "\",\""))"]}"#
        return "e30.\(Data(claims.utf8).base64EncodedString().replacingOccurrences(of: "=", with: "")).c2ln"
    }

    private func ask(_ cache: TokenCache) async {
        _ = try? await cache.accessToken(deadline: clock.now.advanced(by: .seconds(9)))
    }

    @Test("not ready before the first token, ready with it, degraded while renewing fails, not ready after its end")
    func life() async throws {
        let isDown = NIOLockedValueBox(false)
        let cache = cache { () throws(EntraError) in
            if isDown.withLockedValue({ $0 }) {
                throw EntraError(.refused, reason: .secretExpired, aadsts: 7_000_222, detail: "401")
            }
            return token(roles: [TokenPermission.required])
        }
        let check = AccessTokenCheck { cache.health }
        var finding = await check.finding()
        #expect(finding.status == .notReady && finding.detail == "starting")

        await ask(cache)
        finding = await check.finding()
        #expect(finding.status == .ready && finding.detail == nil)
        #expect(finding.facts?.text == #"{"ageSeconds":0,"expiresInSeconds":3600,"renewsInSeconds":2880}"#)

        isDown.withLockedValue { $0 = true }
        clock.advance(by: .seconds(3000))
        await ask(cache)
        while cache.health.lastError == nil, !Task.isCancelled { await Task.yield() }
        finding = await check.finding()
        #expect(finding.status == .degraded && finding.detail == "secret-expired" && finding.message == "401")
        #expect(
            finding.facts?.text
                == #"{"ageSeconds":3000,"expiresInSeconds":600,"renewsInSeconds":-120,"retriesInSeconds":63,"aadsts":7000222}"#
        )

        clock.advance(by: .seconds(600))
        finding = await check.finding()
        #expect(finding.status == .notReady && finding.detail == "secret-expired")
    }

    @Test(
        "without the role it is not ready, and says which consent is missing; too many roles and unreadable tokens are notes"
    )
    func roles() async throws {
        func finding(_ text: String) async -> ReadinessFinding {
            let cache = cache { () throws(EntraError) in text }
            let check = PermissionCheck { cache.health }
            #expect(await check.finding().status == .ready)
            await ask(cache)
            return await check.finding()
        }
        let missing = await finding(token(roles: ["DeviceManagementConfiguration.Read.All"]))
        #expect(missing.status == .notReady && missing.detail == "permission-missing")
        let message = try #require(missing.message)
        #expect(message.contains("DeviceManagementConfiguration.ReadWrite.All") && message.contains("admin consent"))

        let enough = await finding(token(roles: [TokenPermission.required]))
        #expect(enough.status == .ready && enough.detail == nil)
        let many = await finding(token(roles: [TokenPermission.required, "User.Read.All"]))
        #expect(many.status == .ready && many.detail == "permission-excessive")
        #expect(many.message?.contains("User.Read.All") == true)
        let opaque = await finding("opaque")
        #expect(opaque.status == .ready && opaque.detail == "permission-unreadable")
    }
}
