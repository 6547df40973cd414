#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A small file that an option names.
enum TextFile {
    /// - Throws: ``OptionError`` that names the option, when the file cannot be read or is not UTF-8.
    static func read(_ path: String, option: String) throws -> String {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw OptionError("The file \"\(path)\" of \(option) cannot be read.")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw OptionError("The file \"\(path)\" of \(option) is not UTF-8 text.")
        }
        return text
    }
}

/// What is wrong with an option, in one sentence.
struct OptionError: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String) { description = sentence }
}

/// The process's standard streams.
enum Output {
    /// Writes out what is buffered, which for a pipe is everything until now.
    static func flush() { fflush(nil) }
}
