/// A command line that may hold flags only, judged by its shape: `--name value` or `--name=value`, each name once.
///
/// Values are never shown: what stands in the wrong place may be a secret.
struct FlagArguments {
    /// Each name that is given, once, in order.
    private(set) var names: [String] = []
    private var withoutValue: Set<String> = []
    private var doubled: Set<String> = []
    /// The place of the first argument that belongs to no flag, counted from 1.
    private var stray: Int?

    init(_ arguments: [String]) {
        /// The flag whose value may come next.
        var open: String?
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix("--") {
                if let open { withoutValue.insert(open) }
                let name = String(argument.prefix { $0 != "=" })
                add(name)
                open = argument.contains("=") ? nil : name
            } else if open != nil {
                open = nil
            } else if stray == nil {
                stray = index + 1
            }
        }
        if let open { withoutValue.insert(open) }
    }

    private mutating func add(_ name: String) {
        if names.contains(name) {
            doubled.insert(name)
        } else {
            names.append(name)
        }
    }

    /// What is wrong with it, given the flags that there are.
    func problems(known: Set<String>) -> [SettingsProblem] {
        var problems: [SettingsProblem] = []
        if let stray {
            problems.append(
                SettingsProblem(
                    "command line",
                    "argument \(stray) belongs to no flag",
                    fix: "Give flags as --name value"
                )
            )
        }
        for name in names {
            let shown = clipped(name)
            if !known.contains(name) {
                problems.append(
                    SettingsProblem(
                        shown,
                        "there is no such flag",
                        fix: "See the README's table; flags are its names with dashes"
                    )
                )
            } else if withoutValue.contains(name) {
                problems.append(SettingsProblem(shown, "it has no value", fix: "Give it as --name value"))
            } else if doubled.contains(name) {
                problems.append(SettingsProblem(shown, "it is given more than once", fix: "Give it once"))
            }
        }
        return problems
    }
}

/// A text of the operator's, shortened and without control characters, so that it can be shown back.
package func clipped(_ text: String) -> String {
    let printable = String(
        text.unicodeScalars.prefix(60).map { $0.properties.generalCategory == .control ? "?" : Character($0) }
    )
    return text.unicodeScalars.count > 60 ? printable + "…" : printable
}
