import Foundation
import TestSupport
import Testing

/// The examples whose runtime is among Debian's packages, run as their reader would run them.
enum Example: String, CaseIterable, CustomTestStringConvertible {
    case curl, python, node, java, go

    /// How a program ended and what it wrote.
    struct Ending {
        let code: Int32
        let lines: [String]
        let complaint: String
    }

    var testDescription: String { rawValue }

    /// Runs the example to its end.
    ///
    /// - Parameter environment: on top of what it needs; an empty text takes a variable away.
    func mint(
        at gatewayURL: String,
        key: String = Deployment.key,
        profile: String = Deployment.profile,
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> Ending {
        let settings = ["GATEWAY_URL": gatewayURL, "GATEWAY_API_KEY": key, "PROFILE_ID": profile]
        return try await Self.run(
            command + arguments,
            environment: settings.merging(environment) { $1 }.filter { !$1.isEmpty }
        )
    }

    /// Runs the example that fetches a QR code.
    static func qrCode(at gatewayURL: String, _ arguments: [String] = []) async throws -> Ending {
        try await run(
            [path("curl/qr-code.sh")] + arguments,
            environment: [
                "GATEWAY_URL": gatewayURL, "GATEWAY_API_KEY": Deployment.key, "PROFILE_ID": Deployment.profile,
            ]
        )
    }

    private static func run(_ command: [String], environment: [String: String]) async throws -> Ending {
        let program = try Program("/usr/bin/env", command, environment: environment)
        let code = try await program.exitCode()
        return Ending(
            code: code,
            lines: program.standardOutput.split(separator: "\n").map(String.init),
            complaint: program.standardError.trimmingCharacters(in: .newlines)
        )
    }

    private var command: [String] {
        get async throws {
            switch self {
            case .curl: [Self.path("curl/mint.sh")]
            case .python: ["python3", Self.path("python/mint.py")]
            case .node: ["node", Self.path("javascript/mint.mjs")]
            // What makes long lives fast only delays the start of a short one.
            case .java:
                [
                    "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", try await Self.compiled.value.path,
                    "Mint",
                ]
            case .go: [try await Self.compiled.value.path("mint")]
            }
        }
    }

    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL

    private static func path(_ name: String) -> String { root.appending(path: "Examples/" + name).path }

    /// The folder with what has to be compiled, once for all tests.
    private static let compiled = Task {
        let folder = try Folder()
        try await compile(["javac", "-Xlint:all,-serial", "-Werror", "-d", folder.path, path("java/Mint.java")])
        // The compiler wants a home for what it keeps, and the standard library takes a while: it stays from run to run.
        try await compile(
            ["go", "build", "-o", folder.path("mint"), path("go/mint.go")],
            environment: [
                "GOCACHE": root.appending(path: ".build/go").path, "HOME": folder.path,
            ]
        )
        return folder
    }

    private static func compile(_ command: [String], environment: [String: String] = [:]) async throws {
        let compiler = try Program("/usr/bin/env", command, environment: environment)
        guard try await compiler.exitCode() == 0 else {
            throw Program.Failure(description: "\(command[0]): \(compiler.standardError)")
        }
    }
}
