import Entra
import Explanations
import Graph
import Transport

/// What the access token says of itself: for whom, of which tenant, for which app. It is read and not verified.
struct AudienceStep: DoctorStep {
    /// Graph's own id as an app, which may stand in the place of its address.
    static let graphID = "00000003-0000-0000-c000-000000000000"

    let id = StepID.audience

    func examine(_ file: inout CaseFile) async -> Finding {
        guard let facts = file.token.flatMap({ AccessTokenFacts($0.value) }) else {
            return Finding(id, .notNeeded, "the token is not one that can be read, which is Entra's right")
        }
        let complaints = complaints(facts, file)
        guard complaints.isEmpty else {
            var finding = Finding(id, .failed, complaints.map(\.sentence).joined(separator: "; "))
            finding.note("audience", shown(facts.audience))
            finding.note("tenant", shown(facts.tenant))
            finding.note("app", shown(facts.application))
            finding.advice = complaints.map(\.advice)
            return finding
        }
        let parts = [
            shown(facts.audience), shown(facts.tenant).map { "tenant \($0)" },
            shown(facts.application).map { "app \($0)" },
        ]
        return Finding(id, .passed, parts.compactMap { $0 }.joined(separator: ", "))
    }

    private struct Complaint {
        var sentence: String
        var advice: Advice
    }

    private func complaints(_ facts: AccessTokenFacts, _ file: CaseFile) -> [Complaint] {
        var complaints: [Complaint] = []
        let origin = file.subject.graph.baseURL.origin
        if let audience = facts.audience, !Self.isGraph(audience, at: origin) {
            complaints.append(
                Complaint(
                    sentence: "the token is not for \(origin)",
                    advice: Advice(
                        "Graph takes only tokens that were made for it.",
                        .operator,
                        "Compare AZURE_AUTHORITY_HOST and GRAPH_BASE_URL: both must be of the cloud in which the app is registered."
                    )
                )
            )
        }
        if let configured = file.subject.issuer.tenant, isGUID(configured), let tenant = facts.tenant,
            tenant.lowercased() != configured.lowercased()
        {
            complaints.append(
                Complaint(
                    sentence: "the token is of another tenant than AZURE_TENANT_ID",
                    advice: Advice(
                        "The profiles of another tenant would be written to.",
                        .operator,
                        "Correct AZURE_TENANT_ID, and see what answers as AZURE_AUTHORITY_HOST."
                    )
                )
            )
        }
        if let configured = file.subject.issuer.client, let app = facts.application,
            app.lowercased() != configured.lowercased()
        {
            complaints.append(
                Complaint(
                    sentence: "the token is for another app than AZURE_CLIENT_ID",
                    advice: Advice(
                        "The permissions of another app would count.",
                        .operator,
                        "Correct AZURE_CLIENT_ID, and see what answers as AZURE_AUTHORITY_HOST."
                    )
                )
            )
        }
        return complaints
    }

    private static func isGraph(_ audience: String, at origin: String) -> Bool {
        var audience = audience.lowercased()
        while audience.hasSuffix("/") { audience.removeLast() }
        return audience == origin || audience == graphID
    }

    private func isGUID(_ text: String) -> Bool { GUIDText.bits(text[...]) != nil }

    /// A claim is the issuer's text: no more of it than an id or an address has, and nothing that a terminal would obey.
    private func shown(_ claim: String?) -> String? {
        claim.map {
            String($0.unicodeScalars.prefix(100).map { (0x21..<0x7F).contains($0.value) ? Character($0) : "?" })
        }
    }
}
