/// One thing that is wrong with the configuration: which setting, why, and what to do.
package struct SettingsProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// The setting's name as an environment variable.
    package var name: String
    package var reason: String
    package var fix: String

    package init(_ name: String, _ reason: String, fix: String) {
        self.name = name
        self.reason = reason
        self.fix = fix
    }

    /// One line, without the setting's value where that could be a secret.
    package var description: String { "\(name): \(reason). \(fix)." }
}

/// Everything that is wrong with the configuration, together.
package struct SettingsError: Error, Sendable, CustomStringConvertible {
    /// EX_CONFIG of sysexits.h.
    package static let exitCode: Int32 = 78

    package var problems: [SettingsProblem]

    package init(problems: [SettingsProblem]) { self.problems = problems }

    package var description: String {
        (["The configuration has \(problems.count) \(problems.count == 1 ? "problem" : "problems"):"]
            + problems.map { "  - \($0)" }).joined(separator: "\n")
    }
}
