package import Explanations

extension EntraError {
    /// What it means and what to do: by Entra's own code where that is known, else by the reason.
    package var explanation: Explanation? {
        aadsts.flatMap(Explanations.aadsts) ?? Explanations.find(reason.rawValue, in: .credential)
    }

    /// Who must act and how, for a log line.
    var remedy: String? { explanation?.remedy }
}
