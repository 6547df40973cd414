import Crypto
import Foundation

/// One thing that a caller wants, under one Idempotency-Key, however often it has to ask.
struct KeyedRequest: Sendable, Hashable {
    var key = UUID().uuidString
    var profile = Deployment.profile
    var kind = "android-for-work"
    /// `nil` for a revocation.
    var validity: Int? = 3600
    var caller = Deployment.key
    var wantsRepresentation = false

    /// As the ledger knows the key.
    var digest: String { SHA256.hash(data: Data(key.utf8)).map { String(format: "%02x", $0) }.joined() }

    static func revocation(_ profile: String = Deployment.profile) -> KeyedRequest {
        KeyedRequest(profile: profile, validity: nil)
    }

    /// - Returns: `nil` where the gateway gives no answer.
    func send(to url: String) async -> CurlAnswer? {
        var options = [
            "-X", validity == nil ? "DELETE" : "POST", "\(url)/profiles/\(profile)/token?kind=\(kind)", "-H",
            "X-API-Key: \(caller)", "-H", "Idempotency-Key: \(key)",
        ]
        if let validity {
            options += ["-H", "Content-Type: application/json", "-d", #"{"tokenValidityInSeconds": \#(validity)}"#]
        }
        if wantsRepresentation { options += ["-H", "Prefer: return=representation"] }
        return try? await curl(options)
    }

    /// Asks until the answer is final, as a careful caller does.
    ///
    /// - Parameter place: where the gateway is now; `nil` while there is none.
    func settle(
        within limit: Duration = .seconds(75),
        at place: @Sendable () async -> String?
    ) async throws -> CurlAnswer {
        let end = ContinuousClock.now.advanced(by: limit)
        var last: CurlAnswer?
        while ContinuousClock.now < end {
            if let url = await place(), let answer = await send(to: url) {
                if answer.isFinal { return answer }
                last = answer
                try await Task.sleep(for: answer.retryAfter)
            } else {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        throw Program.Failure(description: "no final answer to \(self): \(last?.status ?? 0) \(last?.body ?? "none")")
    }

    func settle(at url: String) async throws -> CurlAnswer { try await settle { url } }
}

extension CurlAnswer {
    /// Whether asking again cannot change it.
    var isFinal: Bool {
        switch status {
        case 200, 201, 204, 400, 401, 403, 404, 422: true
        case 409: self["code"] != "idempotency-in-progress"
        default: false
        }
    }

    var isReplay: Bool { fields["idempotent-replayed"] == "true" }

    /// How long a caller is to wait; what is not told is short.
    var retryAfter: Duration { fields["retry-after"].flatMap { Int($0) }.map { .seconds($0) } ?? .milliseconds(250) }

    var createdAt: Date? { self["createdAt"].flatMap(Date.init(graph:)) }
    var expiresAt: Date? { self["expiresAt"].flatMap(Date.init(graph:)) }
}
