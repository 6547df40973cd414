import Entra
import Explanations

extension ConsoleReading {
    /// What the detail of a check means; of why there is no access token Entra's own code tells more.
    func explanation(of check: Check) -> Explanation? {
        guard let detail = check.detail else { return nil }
        if let error = accessToken.lastError, error.reason.rawValue == detail, let known = error.explanation {
            return known
        }
        return Explanations.find(detail, in: .readiness) ?? Explanations.find(detail, in: .credential)
    }
}
