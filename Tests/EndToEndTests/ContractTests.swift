import Foundation
import TestSupport
import Testing

/// In `make soak` more requests are made up.
private let isSoaked = ProcessInfo.processInfo.environment["SOAK"] != nil

/// The contract is held against the service itself, by programs that know nothing but the contract. `scripts/contract-tools`
/// installs them.
@Suite("The contract, end to end", .serialized, .timeLimit(.minutes(isSoaked ? 60 : 10)))
struct ContractTests {
    /// The first is that of the contract's examples; schemathesis.toml names them all.
    private static let profiles = [
        "android-for-work:7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6:Warehouse scanners",
        "android-for-work:aaaaaaaa-0000-4000-8000-000000000001:Shop floor kiosks",
        "android-for-work:aaaaaaaa-0000-4000-8000-000000000002:Meeting room tablets",
        "device-owner:dddddddd-0000-4000-8000-000000000001:Dedicated devices",
        "device-owner:dddddddd-0000-4000-8000-000000000002:Fully managed phones",
    ]

    /// So many requests to each operation are made up in a phase of its own, and so many sequences of requests.
    private static let exampleCount = 60
    /// The same in `make soak`, which begins elsewhere each time.
    private static let soakedExampleCount = 2000

    /// A gateway that refuses nothing because there is too much of it.
    private func deployment() async throws -> Deployment {
        try await Deployment.start(
            sandboxFlags: Self.profiles.flatMap { ["--profile", $0] } + [
                "--extra-profiles", "120", "--write-limit", "off",
            ],
            settings: ["GRAPH_WRITE_LIMIT": "off", "HTTP_MAX_BAD_KEYS": "off", "LOG_LEVEL": "info"]
        )
    }

    /// Runs one of the programs; what it wrote is the failure.
    private func check(_ arguments: [String], at deployment: Deployment? = nil) async throws {
        let command = Contract.url.deletingLastPathComponent().appending(path: "Tests/Contract/run").path
        let settings = ["CONTRACT_URL=\(deployment?.gatewayURL ?? "")", "CONTRACT_API_KEY=\(Deployment.key)"]
        let (output, code) = try await run(
            "sh",
            ["-c", "exec env \"$@\" 2>&1", "sh"] + settings + [command] + arguments
        )
        #expect(code == 0, "\(output)")
    }

    @Test("it is a valid document of OpenAPI 3.1, and each of its examples fits its schema")
    func document() async throws {
        try await check(["document"])
    }

    @Test("its examples of requests are served as it says, in each way that it says")
    func examples() async throws {
        try await check(["examples"], at: deployment())
    }

    @Test("no request that is made up of it, or against it, is answered in another way")
    func exploration() async throws {
        let extent =
            isSoaked
            ? ["--max-examples", "\(Self.soakedExampleCount)"]
            : ["--max-examples", "\(Self.exampleCount)", "--generation-deterministic"]
        try await check(["exploration"] + extent, at: deployment())
    }
}
