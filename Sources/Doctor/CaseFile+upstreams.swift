import Graph
import Transport

extension CaseFile.Upstream {
    func name(_ file: CaseFile) -> String {
        switch self {
        case .issuer: file.subject.issuer.name
        case .graph: "Graph"
        }
    }

    func url(_ file: CaseFile) -> UpstreamURL {
        switch self {
        case .issuer: file.subject.issuer.url
        case .graph: file.subject.graph.baseURL
        }
    }

    /// The setting that says where it is.
    func setting(_ file: CaseFile) -> String {
        switch (self, file.subject.issuer) {
        case (.graph, _): "GRAPH_BASE_URL"
        case (.issuer, .entra): "AZURE_AUTHORITY_HOST"
        case (.issuer, .managedIdentity): "IDENTITY_ENDPOINT or AZURE_POD_IDENTITY_AUTHORITY_HOST"
        }
    }
}

extension Duration {
    /// For people: `12 ms`, `1.5 s`, `3 min`, `5 h`.
    var shown: String {
        let seconds = abs(self.seconds)
        switch seconds {
        case ..<0.001: return "less than 1 ms"
        case ..<1: return "\(abs(milliseconds)) ms"
        case ..<10: return "\(tenths(seconds)) s"
        case ..<120: return "\(Int(seconds.rounded())) s"
        case ..<7200: return "\(Int((seconds / 60).rounded())) min"
        default: return "\(Int((seconds / 3600).rounded())) h"
        }
    }

    private func tenths(_ value: Double) -> String {
        let whole = Int((value * 10).rounded())
        return "\(whole / 10).\(whole % 10)"
    }
}
