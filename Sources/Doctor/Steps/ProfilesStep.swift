import Entra
import Explanations
import Graph
import Transport

/// The list of the configured collection, read only.
struct ProfilesStep: DoctorStep {
    let id = StepID.profiles

    func examine(_ file: inout CaseFile) async -> Finding {
        guard let token = file.token else { return Finding(id, .failed, "there is no access token") }
        let kind = file.subject.kind
        let url = file.subject.collection(of: kind)
        do throws(GraphReading.Failure) {
            let body = try await GraphReading(tools: file.tools, token: token).get(url)
            guard let page = GraphReading.decode(ProfilePage.self, from: body) else { return Self.noJSON(id) }
            let more = page.nextLink == nil ? "" : " and more"
            let count = page.value.count
            return Finding(
                id,
                .passed,
                "\(count)\(more) \(count == 1 ? "profile" : "profiles") of the kind \(kind.rawValue)"
            )
        } catch {
            switch error {
            case .silent(let error): return Self.silence(id, error)
            case .answered(let fault): return refusal(fault, file)
            }
        }
    }

    private func refusal(_ fault: GraphFault, _ file: CaseFile) -> Finding {
        var finding = Finding(id, .failed, "Graph answered \(fault.status)\(fault.code.map { " \($0)" } ?? "")")
        finding.note(fault)
        finding.advice = [advice(fault, file)].compactMap { $0 }
        return finding
    }

    private func advice(_ fault: GraphFault, _ file: CaseFile) -> Advice? {
        switch fault.status {
        case 401:
            Advice(
                "Graph does not take the token, although audience and tenant are as configured, or cannot be read. The app may have been disabled since, or something changes the request on its way.",
                .operator,
                "Compare the cloud of AZURE_AUTHORITY_HOST with that of GRAPH_BASE_URL, and look at the app in the Entra admin center > Enterprise applications. If all is right, open a support case with Microsoft, quoting the request id."
            )
        case 403 where file.permission.isGranted:
            Advice(
                "The role is in the token, so consent is not what is missing. The tenant has no active Intune licence, Intune denies this app, or the role was granted minutes ago.",
                .intuneAdministrator,
                "Intune admin center > Tenant administration > Tenant status shows licence and MDM authority. If both are there, open a support case with Microsoft, quoting request id and activity id."
            )
        case 404:
            Advice(
                "Graph has no such collection at this address; it exists in the beta version only.",
                .operator,
                "Let GRAPH_BASE_URL end in /beta, for example https://graph.microsoft.com/beta."
            )
        default: fault.advice
        }
    }

    static func silence(_ id: StepID, _ error: TransportError) -> Finding {
        var finding = Finding(id, .failed, "Graph did not answer (\(error.kind.rawValue))")
        finding.note("detail", error.detail)
        finding.advice = [error.kind.advice]
        return finding
    }

    static func noJSON(_ id: StepID) -> Finding {
        Finding(
            id,
            .failed,
            "what answered 200 is not Graph's JSON",
            advice: [
                Advice(
                    "Something answers in the place of Graph, such as a portal's page.",
                    .operator,
                    "See whether GRAPH_BASE_URL is right, and whether a proxy answers for it."
                )
            ]
        )
    }
}

extension DoctorSubject {
    func collection(of kind: ProfileKind) -> UpstreamURL {
        graph.baseURL.appending(path: "/deviceManagement/\(kind.collection)", query: ProfileSummary.selection)
    }

    func profile(_ id: ProfileID, of kind: ProfileKind) -> UpstreamURL {
        graph.baseURL.appending(path: "/deviceManagement/\(kind.collection)/\(id)", query: ProfileSummary.selection)
    }
}

extension TokenPermission {
    /// Whether the role was seen in the token.
    var isGranted: Bool {
        switch self {
        case .sufficient, .excessive: true
        case .missing, .unreadable: false
        }
    }
}
