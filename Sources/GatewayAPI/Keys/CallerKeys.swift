import Crypto
import Foundation
package import Settings

/// Who is calling: the owner of an API key.
package struct Caller: Sendable, Equatable {
    /// For the log and for labels: chosen by the operator, never by the caller.
    package var name: String

    package init(name: String) { self.name = name }
}

/// Finds the caller that a key belongs to.
package protocol CallerKeys: Sendable {
    /// The key's owner; `nil` for a key that is not known. Takes the same time for every wrong key.
    func caller(presenting key: String) -> Caller?
}

/// One key with every right: the simplest set-up.
///
/// Kept as a SHA-256 digest. Digests are compared in constant time, so that nothing can be learned from how long it takes.
package struct SingleCallerKey: CallerKeys {
    /// A shorter key could be guessed.
    package static let leastLength = 16
    /// A longer one is not looked at.
    package static let greatestLength = 512

    private let digest: SHA256.Digest
    private let owner: Caller

    package init(_ key: Secret, owner: Caller = Caller(name: "default")) {
        digest = key.reveal { SHA256.hash(data: Data($0.utf8)) }
        self.owner = owner
    }

    package func caller(presenting key: String) -> Caller? {
        guard key.utf8.count <= Self.greatestLength else { return nil }
        // swift-crypto's comparison of digests is constant-time.
        return SHA256.hash(data: Data(key.utf8)) == digest ? owner : nil
    }
}
