import ArgumentParser
import SandboxCommand

@main
enum Program {
    /// The name of the other program. One file may carry both names, as in the image: it holds the sandbox anyway, and two
    /// copies would double what is downloaded.
    static let sandboxName = "graph-sandbox"

    static func main() async {
        if CommandLine.arguments.first?.split(separator: "/").last == sandboxName[...] {
            await GraphSandbox.main()
        } else {
            await EnrollmentGateway.main()
        }
    }
}
