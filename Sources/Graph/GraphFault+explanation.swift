package import Explanations
import Foundation

extension GraphFault {
    /// Intune's words where the tenant has none. The code alone, `BadRequest`, would not tell.
    private static let noIntune = "Request not applicable to target tenant"

    /// What it means and what to do: by its words, its code, or its status. Nil where none of them is known.
    package var explanation: Explanation? {
        if let message, message.localizedCaseInsensitiveContains(Self.noIntune) {
            return Explanations.find(Self.noIntune, in: .graph)
        }
        return Explanations.graph(code: code, status: status)
    }
}
