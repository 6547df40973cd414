import Graph
import JSONText
import Settings
import Transport

/// How a profile's token stands.
enum TokenStatus: String, CaseIterable {
    case active
    /// Less than ``TokenRules/expiringInSeconds`` is left.
    case expiring
    case expired
    case none

    init(of token: ShownToken, _ rules: TokenRules) {
        guard token.isThere else {
            self = .none
            return
        }
        switch token.timeLeft {
        case nil: self = .active
        case let left? where left <= .zero: self = .expired
        case let left?: self = left < .seconds(rules.expiringInSeconds) ? .expiring : .active
        }
    }

    /// Whether a device can be enrolled with it.
    var isUsable: Bool { self == .active || self == .expiring }

    /// What may be known of the token without holding it.
    func described(_ token: ShownToken, _ profile: ProfileReference) -> JSONObjectText {
        var json = JSONObjectText()
        json.add("profileId", profile.id.description)
        json.add("kind", profile.kind.rawValue)
        json.add("status", rawValue)
        guard self != .none else { return json }
        json.add("createdAt", token.createdAt?.rfc3339)
        json.add("expiresAt", token.expiresAt?.rfc3339)
        json.add("secondsLeft", token.timeLeft.map { max(0, Int($0.components.seconds)) })
        return json
    }
}

extension JSONObjectText {
    /// The token itself, while it is of use.
    mutating func addRepresentation(of token: ShownToken, _ rules: TokenRules) {
        guard TokenStatus(of: token, rules).isUsable else { return }
        token.value?.reveal { add("value", $0) }
        token.qrCodeContent?.reveal { add("qrCodeContent", $0) }
    }
}
