import JSONText
import Settings
import Testing
import Transport

@testable import Entra
@testable import GatewayAPI

@Suite("Readiness of the credential")
struct CredentialCheckTests {
    private static let now = Timestamp(secondsSince1970: 1_800_000_000)
    private static let day = 86400.0

    private func secret(
        daysLeft: Double?,
        fault: SettingsProblem? = nil,
        refusal: EntraError? = nil
    ) -> CredentialFacts {
        let content = CredentialFacts.Content(generation: 1, loadedAt: Self.now, certificate: nil)
        return CredentialFacts(
            kind: .clientSecret,
            origin: "AZURE_CLIENT_SECRET_FILE",
            inUse: content,
            candidate: refusal.map { .init(content: content, refusal: $0) },
            fault: fault,
            secretEndsAt: daysLeft.map { Timestamp(secondsSince1970: Self.now.secondsSince1970 + $0 * Self.day) }
        )
    }

    private func finding(_ facts: CredentialFacts) async -> ReadinessFinding {
        await CredentialCheck(wallClock: { Self.now }, facts: { facts }).finding()
    }

    @Test(
        "it is degraded from thirty days before its end, and never a reason not to be ready",
        arguments: [(nil, nil), (90.5, nil), (12.5, "expires-soon"), (-2, "expired")] as [(Double?, String?)]
    )
    func end(days: Double?, detail: String?) async {
        let finding = await finding(secret(daysLeft: days))
        #expect(finding.status == (detail == nil ? .ready : .degraded))
        #expect(finding.detail == detail)
        #expect((finding.message == nil) == (days == nil))
    }

    @Test("facts say which it is and how long it lives")
    func facts() async {
        let finding = await finding(secret(daysLeft: 12.5))
        #expect(
            finding.facts?.text == """
                {"kind":"client-secret","origin":"AZURE_CLIENT_SECRET_FILE","generation":1,\
                "loadedAt":"2027-01-15T08:00:00Z","expiresAt":"2027-01-27T20:00:00Z","daysLeft":12}
                """
        )
        #expect(finding.message == "the client secret ends in 12 days, on 2027-01-27T20:00:00Z: replace it")
    }

    @Test("what is to replace it and cannot is told; an end that has come is told first")
    func replacement() async {
        let fault = SettingsProblem("AZURE_CLIENT_SECRET_FILE", "the file is empty", fix: "Fill it")
        let refusal = EntraError(.refused, reason: .secretWrong, detail: "401 AADSTS7000215")
        let unusable = await finding(secret(daysLeft: 5, fault: fault, refusal: refusal))
        #expect(unusable.status == .degraded && unusable.detail == "replacement-unusable")
        #expect(unusable.message?.contains("the file is empty") == true)
        let refused = await finding(secret(daysLeft: 90, refusal: refusal))
        #expect(refused.status == .degraded && refused.detail == "replacement-refused")
        #expect(refused.message?.contains("AADSTS7000215") == true)
        #expect(await finding(secret(daysLeft: -1, fault: fault)).detail == "expired")
    }
}
