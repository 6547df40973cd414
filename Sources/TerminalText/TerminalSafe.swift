/// Texts of others on a terminal.
package enum TerminalSafe {
    /// Without anything that a terminal would obey, on one line.
    package static func line(_ text: String) -> String {
        String(
            text.unicodeScalars.map { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: " "
                default: Character(scalar)
                }
            }
        )
    }
}
