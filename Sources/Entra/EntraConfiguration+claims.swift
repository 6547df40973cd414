import Foundation

extension EntraConfiguration {
    /// What an app declares that answers claims challenges (Microsoft's page "Claims challenges, claims requests, and client
    /// capabilities").
    private static let capability = #"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#

    /// The `claims` parameter of a token request: the capability, and what Graph asked for, in one object. `nil` where challenges
    /// are not answered: who asks for them without being told that they would be is not to decide what Entra is asked.
    func claims(answering challenge: ClaimsChallenge?) -> String? {
        guard declaresClaimsChallenges else { return nil }
        guard let challenge, let asked = Self.object(challenge.json), let own = Self.object(Self.capability),
            let merged = try? JSONSerialization.data(withJSONObject: Self.merge(asked, own), options: .sortedKeys)
        else { return Self.capability }
        return String(decoding: merged, as: UTF8.self)
    }

    private static func object(_ json: String) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(json.utf8))) as? [String: Any]
    }

    /// Objects are united at each depth; elsewhere `second` holds.
    private static func merge(_ first: [String: Any], _ second: [String: Any]) -> [String: Any] {
        first.merging(second) { first, second in
            guard let first = first as? [String: Any], let second = second as? [String: Any] else { return second }
            return merge(first, second)
        }
    }
}
