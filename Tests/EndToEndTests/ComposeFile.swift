import Foundation

/// What is read of docker-compose.yml: as much as it takes to start its services without containers.
struct ComposeFile {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    let lines: [String]

    init() throws { lines = try Self.text("docker-compose.yml").components(separatedBy: "\n") }

    /// A file of the repository.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The lines of a service, less the comments.
    func service(_ name: String) -> [String] {
        lines.drop { $0 != "  \(name):" && !$0.hasPrefix("  \(name): &") }.dropFirst()
            .prefix { $0.isEmpty || $0.hasPrefix("    ") }
            .filter { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("#") }
    }

    /// The lines behind `KEY:` of a service, as far as they are indented further: less comments, blanks and list marks.
    func block(_ name: String, _ key: String) -> [String] {
        service(name).drop { $0 != "    \(key):" }.dropFirst().prefix { $0.hasPrefix("      ") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .map { $0.hasPrefix("- ") ? String($0.dropFirst(2)) : $0 }
    }

    func environment(_ name: String) -> [String: String] {
        block(name, "environment").reduce(into: [:]) { settings, line in
            let parts = line.split(separator: ":", maxSplits: 1)
            settings[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces)
        }
    }

    /// Those that are started with a profile alone.
    func services(of profile: String) -> [String] {
        let names = lines.compactMap {
            $0.firstMatch(of: /^  ([a-z0-9-]+):(?: [&*][a-z]+)?$/).map { String($0.output.1) }
        }
        return names.filter { service($0).contains("    profiles: [\(profile)]") }
    }
}
