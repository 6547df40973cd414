import Configuration
import Foundation

/// Reads settings by the names of their environment variables, and collects what is wrong instead of stopping at the first.
///
/// Sources in order: command-line flags (`HTTP_PORT` is `--http-port`), environment variables, the default that the reader
/// of a setting gives. An empty value counts as none. Any secret may be given as a file in `NAME_FILE`; a secret as a flag is
/// refused, since every user of the machine can read a command line.
///
/// Not thread safe: it is used once, at start.
package final class SettingsReader {
    package private(set) var problems: [SettingsProblem] = []
    private let flags: ConfigReader
    private let environment: ConfigReader
    private var asked: Set<String> = []

    /// - Parameters:
    ///   - arguments: flags only, `--name value` or `--name=value`.
    ///   - environment: the process's own by default.
    package init(arguments: [String] = [], environment: [String: String] = ProcessInfo.processInfo.environment) {
        flags = ConfigReader(provider: CommandLineArgumentsProvider(arguments: ["enrollment-gateway"] + arguments))
        self.environment = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment))
        shape = FlagArguments(arguments)
    }

    private let shape: FlagArguments

    /// Notes a problem that the reader of a setting found.
    package func report(_ name: String, _ reason: String, fix: String) {
        problems.append(SettingsProblem(name, reason, fix: fix))
    }

    /// Notes a problem that something else has put into words.
    package func report(_ problem: SettingsProblem) { problems.append(problem) }

    /// Throws everything that was found, flags that no reader asked for included.
    package func finish() throws(SettingsError) {
        problems += shape.problems(known: asked)
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
    }

    /// Whether a value is given for `name`, in any form.
    package func isGiven(_ name: String) -> Bool { raw(name) != nil || raw(name + "_FILE") != nil }

    /// The setting's text, or `nil`.
    package func text(_ name: String) -> String? { raw(name) }

    /// The secret itself, or the contents of the file that `NAME_FILE` names, without the line break at its end.
    package func secret(_ name: String) -> Secret? {
        guard let source = secretSource(name) else { return nil }
        do throws(SettingsProblem) {
            return try source.read()
        } catch {
            report(error)
            return nil
        }
    }

    /// Where a secret comes from, for those who read it again later. Nothing is read yet.
    package func secretSource(_ name: String) -> SecretSource? {
        if flagValue(name, isSecret: true) != nil {
            report(
                name,
                "a secret on the command line can be read by every user of the machine",
                fix: "Use the environment variable \(name) or \(name)_FILE"
            )
            return nil
        }
        let inline = environmentValue(name, isSecret: true).map { Secret($0) }
        guard let path = raw(name + "_FILE") else { return inline.map { SecretSource(name, value: $0) } }
        if inline != nil {
            report(name, "both \(name) and \(name)_FILE are given", fix: "Give one of them")
            return nil
        }
        return SecretSource(name, file: SecretFile(path))
    }

    /// On or off: `on`, `true`, `yes` and `1`, or `off`, `false`, `no` and `0`.
    package func flag(_ name: String, default fallback: Bool) -> Bool {
        guard let text = raw(name) else { return fallback }
        switch text.lowercased() {
        case "on", "true", "yes", "1": return true
        case "off", "false", "no", "0": return false
        default:
            report(name, "'\(clipped(text))' is neither on nor off", fix: "Give on or off")
            return fallback
        }
    }

    package func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        guard let text = raw(name) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            report(
                name,
                "'\(clipped(text))' is not a whole number from \(range.lowerBound) to \(range.upperBound)",
                fix: "Give one, or leave it out for \(fallback)"
            )
            return fallback
        }
        return value
    }

    /// A number, or `off`, which is `nil`.
    package func limit(_ name: String, default fallback: Int?, in range: ClosedRange<Int>) -> Int? {
        guard let text = raw(name) else { return fallback }
        if text == "off" { return nil }
        guard let value = Int(text), range.contains(value) else {
            report(
                name,
                "'\(clipped(text))' is neither a whole number from \(range.lowerBound) to \(range.upperBound) nor off",
                fix: "Give one, or leave it out for \(fallback.map(String.init) ?? "off")"
            )
            return fallback
        }
        return value
    }

    /// A number with a unit: `250ms`, `25s`, `2m`, `1h`, `90d`.
    package func duration(_ name: String, default fallback: Duration, in range: ClosedRange<Duration>) -> Duration {
        guard let text = raw(name) else { return fallback }
        guard let value = Duration(setting: text), range.contains(value) else {
            report(
                name,
                "'\(clipped(text))' is not a duration from \(range.lowerBound) to \(range.upperBound)",
                fix: "Give a number with a unit (ms, s, m, h or d), for example 25s"
            )
            return fallback
        }
        return value
    }

    /// So many in so much time: `80/20s`. `off` is `nil` where `mayBeOff`.
    package func rate(_ name: String, default fallback: SettingRate?, mayBeOff: Bool) -> SettingRate? {
        guard let text = raw(name) else { return fallback }
        if mayBeOff, text == "off" { return nil }
        guard let value = SettingRate(text) else {
            report(
                name,
                "'\(clipped(text))' is not a rate",
                fix: "Give \(SettingRate.form), for example 80/20s\(mayBeOff ? "; or off" : "")"
            )
            return fallback
        }
        return value
    }

    /// One of a closed list of words.
    package func choice<Choice>(_ name: String, default fallback: Choice) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = raw(name) else { return fallback }
        guard let value = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            report(name, "'\(clipped(text))' is none of: \(words)", fix: "Give one of them")
            return fallback
        }
        return value
    }

    // MARK: Sources

    private func raw(_ name: String) -> String? {
        flagValue(name, isSecret: false) ?? environmentValue(name, isSecret: false)
    }

    private func flagValue(_ name: String, isSecret: Bool) -> String? {
        asked.insert("--" + name.lowercased().replacing("_", with: "-"))
        return value(of: name, in: flags, isSecret: isSecret)
    }

    private func environmentValue(_ name: String, isSecret: Bool) -> String? {
        value(of: name, in: environment, isSecret: isSecret)
    }

    private func value(of name: String, in source: ConfigReader, isSecret: Bool) -> String? {
        let components = name.lowercased().split(separator: "_").map(String.init)
        let text = source.string(forKey: ConfigKey(components), isSecret: isSecret)
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }
}
