#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What standard output leads to.
package struct TextTerminal: Sendable, Equatable {
    /// Columns.
    package var width: Int
    package var hasColour: Bool

    /// Where no terminal tells another width.
    package static let usualWidth = 80
    /// Longer lines are hard to read.
    package static let greatestWidth = 110

    package init(width: Int = Self.usualWidth, hasColour: Bool = false) {
        self.width = width
        self.hasColour = hasColour
    }

    /// Standard output, as it is now. Colour is for a terminal that has not been told otherwise (<https://no-color.org>).
    package static func standardOutput(environment: [String: String]) -> TextTerminal {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let isPlain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
        return TextTerminal(width: columns(environment), hasColour: isTerminal && !isPlain)
    }

    private static func columns(_ environment: [String: String]) -> Int {
        var size = winsize()
        if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            return min(Int(size.ws_col), greatestWidth)
        }
        return environment["COLUMNS"].flatMap { Int($0) }.map { min(max($0, 1), greatestWidth) } ?? usualWidth
    }
}
