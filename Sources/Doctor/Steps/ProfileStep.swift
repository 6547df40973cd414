import Entra
import Explanations
import Graph
import Transport

/// The profile that was named.
struct ProfileStep: DoctorStep {
    let id = StepID.profile

    func examine(_ file: inout CaseFile) async -> Finding {
        guard let profile = file.subject.profile else {
            return Finding(id, .notNeeded, "none was named; --profile ID looks at one")
        }
        guard let token = file.token else { return Finding(id, .failed, "there is no access token") }
        let reading = GraphReading(tools: file.tools, token: token)
        let kind = file.subject.kind
        do throws(GraphReading.Failure) {
            let body = try await reading.get(file.subject.profile(profile, of: kind))
            guard let summary = GraphReading.decode(ProfileSummary.self, from: body), summary.id != nil else {
                return ProfilesStep.noJSON(id)
            }
            return Finding(id, .passed, sentence(summary, now: file.tools.wallClock()))
        } catch {
            switch error {
            case .silent(let error): return ProfilesStep.silence(id, error)
            case .answered(let fault): return await refusal(fault, profile, reading, file)
            }
        }
    }

    private func sentence(_ profile: ProfileSummary, now: Timestamp) -> String {
        let end = profile.tokenExpirationDateTime.flatMap { Timestamp(iso8601: $0) }
        let token =
            if let end, end > now { "its enrollment token is valid until \(end.rfc3339)" } else {
                "it shows no enrollment token that is still valid"
            }
        return "\"\(profile.shownName)\"; \(token)"
    }

    private func refusal(
        _ fault: GraphFault,
        _ profile: ProfileID,
        _ reading: GraphReading,
        _ file: CaseFile
    ) async -> Finding {
        let kind = file.subject.kind
        var finding = Finding(id, .failed, "Graph answered \(fault.status)\(fault.code.map { " \($0)" } ?? "")")
        if fault.status == 404 { finding.summary = "there is no profile \(profile) of the kind \(kind.rawValue)" }
        finding.note(fault)
        let isOfOtherKind = fault.status == 404 ? await exists(profile, of: kind.other, reading, file) : false
        finding.advice =
            isOfOtherKind
            ? [
                Advice(
                    "It is a profile of the other kind, \(kind.other.rawValue).",
                    .operator,
                    "Callers reach it with ?kind=\(kind.other.rawValue). If all profiles are of that kind, set GRAPH_PROFILE_KIND=\(kind.other.rawValue)."
                )
            ] : [fault.advice].compactMap { $0 }
        return finding
    }

    private func exists(
        _ profile: ProfileID,
        of kind: ProfileKind,
        _ reading: GraphReading,
        _ file: CaseFile
    ) async -> Bool {
        (try? await reading.get(file.subject.profile(profile, of: kind))) != nil
    }
}

extension ProfileKind {
    var other: ProfileKind { self == .androidForWork ? .deviceOwner : .androidForWork }
}
