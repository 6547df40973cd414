/// Where a secret comes from: the variable `NAME` itself, or the file that `NAME_FILE` names, which can be read again.
package struct SecretSource: Sendable {
    private enum Place: Sendable {
        case variable(Secret)
        case file(SecretFile)
    }

    /// The setting's name without `_FILE`.
    package let name: String
    private let place: Place

    init(_ name: String, value: Secret) {
        self.name = name
        place = .variable(value)
    }

    init(_ name: String, file: SecretFile) {
        self.name = name
        place = .file(file)
    }

    /// The variable that the operator set: `NAME` or `NAME_FILE`.
    package var setting: String { path == nil ? name : name + "_FILE" }

    /// The file's path; `nil` where the variable holds the secret.
    package var path: String? {
        switch place {
        case .variable: nil
        case .file(let file): file.path
        }
    }

    /// The secret as it is now.
    ///
    /// - Throws: ``SettingsProblem`` that names the variable.
    package func read() throws(SettingsProblem) -> Secret {
        switch place {
        case .variable(let secret):
            guard !secret.reveal({ $0.allSatisfy(\.isWhitespace) }) else {
                throw SettingsProblem(name, "it holds nothing but white space", fix: "Give the secret, or leave it out")
            }
            return secret
        case .file(let file):
            do throws(SecretFault) {
                return try file.secret()
            } catch {
                let fix = "Put the secret \(name) into that file, or give another one"
                throw SettingsProblem(setting, error.reason, fix: error.fix ?? fix)
            }
        }
    }
}
