import Foundation
import Reloading
import Settings

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
struct WorkloadIdentityCredential: Credential {
    let file: FederatedTokenFile

    func proof() async throws(EntraError) -> CredentialProof {
        let result = await BlockingWork.run { [file] in Result { () throws(SettingsProblem) in try file.read() } }
        switch result {
        case .success(let token): return CredentialProof(assertion: token)
        case .failure(let problem):
            throw EntraError(.refused, reason: .credentialInvalid, detail: "\(problem.name): \(problem.reason)")
        }
    }
}
