import Foundation
import TestSupport
import TestUpstream
import Testing

@Suite("The command graph-sandbox", .timeLimit(.minutes(5)))
struct SandboxCommandTests {
    /// Starts it with flags that it cannot use, and returns what it says.
    private func refusal(_ flags: [String]) async throws -> String {
        let program = try Program("graph-sandbox", flags)
        #expect(try await program.exitCode() == 1)
        #expect(program.standardOutput.isEmpty)
        return program.standardError
    }

    @Test("what it cannot use it tells in one sentence, and exits with 1")
    func refusals() async throws {
        let folder = try Folder()
        let file = try folder.write("", to: "file")
        #expect(
            try await refusal(["--tls-directory", file])
                == "Error: The sandbox cannot write its certificate to the TLS directory \"\(file)\": it is not a directory.\n"
        )
        for (directory, reason) in [
            (file + "/deeper", "a part of its path is not a directory"),
            ("/proc/nowhere", "it is not there and cannot be made"),
        ] {
            #expect(
                try await refusal(["--tls-directory", directory])
                    == "Error: The sandbox cannot write its certificate to the TLS directory \"\(directory)\": \(reason).\n"
            )
        }
        #expect(
            try await refusal(["--host", "0.0.0.0"])
                == "Error: The sandbox listens with plain http on loopback addresses only, not on \"0.0.0.0\": give it a TLS directory.\n"
        )
        #expect(
            try await refusal(["--tls-directory", folder.path, "--name", "a b"])
                == "Error: The sandbox cannot start: \"a b\" is not the name or the address of a host.\n"
        )
        #expect(
            try await refusal(["--write-limit", "100"])
                == "Error: --write-limit is a count and whole seconds, for example 100/20s, or off; \"100\" is not.\n"
        )
        #expect(
            try await refusal(["--health", "--port", "0"])
                == "Error: --health needs the --port of the sandbox to ask.\n"
        )
        #expect(
            try await refusal(["--health", "--port", "99999"])
                == "Error: The sandbox cannot start: the port 99999 is not in 0...65535.\n"
        )
        #expect(
            try await refusal(["--host", "nowhere.invalid", "--port", "8443", "--tls-directory", folder.path])
                == "Error: The sandbox cannot listen on nowhere.invalid:8443: nobody knows an address of that name.\n"
        )
        #expect(
            try await refusal(["--host", "192.0.2.1", "--port", "8443", "--tls-directory", folder.path])
                == "Error: The sandbox cannot listen on 192.0.2.1:8443: this machine does not have that address.\n"
        )
        let occupied = try Folder()
        try FileManager.default.createDirectory(atPath: occupied.path + "/ca.pem", withIntermediateDirectories: true)
        #expect(
            try await refusal(["--port", "0", "--tls-directory", occupied.path])
                == """
                Error: The sandbox cannot write its certificate to the TLS directory "\(occupied.path)": there is a directory \
                named ca.pem in it.

                """
        )
        // Nothing was left behind.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
    }

    @Test("a second one on the same port says so, and leaves the first one's certificate as it is")
    func portTaken() async throws {
        let folder = try Folder()
        let flags = ["--port", "0", "--tls-directory", folder.path]
        let first = try Program("graph-sandbox", flags)
        let port = String(try await first.sandboxURL().split(separator: ":").last ?? "")
        let certificate = try folder.read("ca.pem")
        #expect(
            try await refusal(["--port", port, "--tls-directory", folder.path])
                == """
                Error: The sandbox cannot listen on 127.0.0.1:\(port), because another program already does: choose another \
                port, or 0 for any free one.

                """
        )
        #expect(try folder.read("ca.pem") == certificate)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["ca.pem"])
    }

    @Test("--health asks the sandbox that runs with the same flags", arguments: [false, true])
    func health(secure: Bool) async throws {
        let folder = try Folder()
        let security = secure ? ["--tls-directory", folder.path] : []
        let sandbox = try Program("graph-sandbox", ["--port", "0"] + security)
        let port = String(try await sandbox.sandboxURL().split(separator: ":").last ?? "")
        // On a busy machine an answer may take longer than the question waits for it: then it is asked again.
        var asked: Program
        repeat {
            asked = try Program("graph-sandbox", ["--health", "--port", port] + security)
        } while try await asked.exitCode() != 0 && asked.standardError.contains("does not answer") && !Task.isCancelled
        #expect(try await asked.exitCode() == 0)
        sandbox.terminate()
        #expect(try await sandbox.exitCode() == 0)
        let silent = try SilentPort(.refuses)
        let nobody = try Program("graph-sandbox", ["--health", "--port", "\(silent.port)"] + security)
        #expect(try await nobody.exitCode() == 1)
        #expect(nobody.standardError.hasPrefix("Error: The sandbox does not answer at "))
    }

    @Test("the gateway's program is the sandbox's too, when it is called by that name")
    func otherName() async throws {
        let folder = try Folder()
        let link = folder.path + "/graph-sandbox"
        try FileManager.default.createSymbolicLink(
            atPath: link,
            withDestinationPath: Program.folder.appendingPathComponent("enrollment-gateway").path
        )
        let (output, code) = try await run(link, ["--help"])
        #expect(code == 0)
        #expect(output.contains("USAGE: graph-sandbox"))
    }

    @Test("writes above the limit that it was given are throttled")
    func writeLimit() async throws {
        let deployment = try await Deployment.start(sandboxFlags: ["--write-limit", "1/60s"])
        #expect(try await deployment.mint().status == 201)
        let second = try await deployment.mint()
        #expect(second.status == 503)
        #expect(second["code"] == "graph-throttled")
    }
}
