import Foundation

/// A program of the system that tests use, and that they do not pass without.
package struct TestTool: Sendable {
    /// Reads a picture's QR code: a decoder that has nothing in common with the library that drew it.
    package static let zbarimg = TestTool(name: "zbarimg", package: "zbar-tools")
    /// Draws an SVG document.
    package static let rsvgConvert = TestTool(name: "rsvg-convert", package: "librsvg2-bin")

    let name: String
    /// Debian's.
    let package: String

    /// That it is not here, in one sentence.
    package struct Missing: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Runs it to its end.
    ///
    /// - Throws: ``Missing``.
    package func run(_ arguments: [String]) async throws -> (output: String, ending: ChildProgram.Ending) {
        try await ChildProgram.run(path(), arguments)
    }

    /// - Throws: ``Missing`` when no folder of `search` has it.
    package func path(in search: String = ProcessInfo.processInfo.environment["PATH"] ?? "") throws(Missing) -> String {
        for folder in search.split(separator: ":") {
            let path = "\(folder)/\(name)"
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw Missing(
            description:
                "\(name) is missing: run `scripts/deps --tests`, or install \(package) in this system's own way."
        )
    }
}
