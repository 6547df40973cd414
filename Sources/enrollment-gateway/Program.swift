import ArgumentParser
import KeyRing
import SandboxCommand

@main
enum Program {
    /// The name of the other program. One file may carry both names, as in the image: it holds the sandbox anyway, and two
    /// copies would double what is downloaded.
    static let sandboxName = "graph-sandbox"

    /// As ArgumentParser's own `main()`, but for what it says of arguments: where a key stands in the place of something else,
    /// as in `keys revoke KEY`, it would be quoted whole.
    private static func gateway() async {
        do {
            var command = try EnrollmentGateway.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let message = EnrollmentGateway.fullMessage(for: error)
            guard APIKey.masked(in: message) != message else { EnrollmentGateway.exit(withError: error) }
            complain(message)
            EnrollmentGateway.exit(withError: ExitCode(EnrollmentGateway.exitCode(for: error).rawValue))
        }
    }

    static func main() async {
        if CommandLine.arguments.first?.split(separator: "/").last == sandboxName[...] {
            await GraphSandbox.main()
        } else {
            await gateway()
        }
    }
}
