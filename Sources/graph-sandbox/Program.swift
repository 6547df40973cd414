import ArgumentParser
import SandboxCommand

@main
enum Program {
    static func main() async { await GraphSandbox.main() }
}
