import Foundation
import Reloading
import Settings
import Synchronization

/// The file of a federated token: a JWT of another issuer, such as Kubernetes, by which an app registration asks for access
/// tokens (Microsoft's page "Workload identity federation").
package struct FederatedTokenFile: Sendable {
    static let setting = "AZURE_FEDERATED_TOKEN_FILE"
    /// A service account's token has some 2 KiB.
    static let largest = 64 << 10

    let path: String

    /// The token that is in it now.
    ///
    /// - Throws: ``SettingsProblem``.
    func read() throws(SettingsProblem) -> Secret {
        let bytes: Data
        do throws(SecretFault) {
            bytes = try SecretFile(path).contents(upTo: Self.largest)
        } catch {
            throw SettingsProblem(
                Self.setting,
                error.reason,
                fix: error.fix ?? "Name the file into which the platform writes the token"
            )
        }
        let token = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty else {
            throw SettingsProblem(Self.setting, "the file that it names is empty", fix: "Look at what should write it")
        }
        guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw SettingsProblem(Self.setting, "the file that it names holds no token", fix: "Name the token's file")
        }
        return Secret(token)
    }
}

/// Shows the federated token, which is read anew for each token request: its issuer replaces it long before its end.
///
/// A new one in the file has a token asked for at once: after a failure nobody should wait, and Kubernetes writes it so seldom
/// that a renewal ahead of its time does no harm.
final class WorkloadIdentityCredential: Credential, WatchedCredential {
    private struct State {
        /// Whether the last token request brought a token.
        var isAccepted = false
        var isDue = false
    }

    let file: FederatedTokenFile
    private let state = Mutex(State())

    init(file: FederatedTokenFile) { self.file = file }

    func proof() async throws(EntraError) -> CredentialProof {
        state.withLock { $0.isAccepted = false }
        let result = await BlockingWork.run { [file] in Result { () throws(SettingsProblem) in try file.read() } }
        switch result {
        case .success(let token): return CredentialProof(assertion: token)
        case .failure(let problem):
            // Entra has refused nothing, and whoever writes the file may be about to.
            throw EntraError(
                .unavailable,
                reason: .credentialUnreadable,
                detail: "\(problem.name): \(problem.reason)"
            )
        }
    }

    func accepted(_ proof: CredentialProof) async { state.withLock { $0.isAccepted = true } }

    // MARK: WatchedCredential

    package var files: [String] { [file.path] }

    package func reload(_ cause: RotatingCredential.Cause) async {
        state.withLock { state in
            switch cause {
            case .change: state.isDue = true
            case .signal: if !state.isAccepted { state.isDue = true }
            case .start, .schedule, .refusal: break
            }
        }
    }

    package func takeDueTrial() -> Bool {
        state.withLock { state in
            defer { state.isDue = false }
            return state.isDue
        }
    }
}
