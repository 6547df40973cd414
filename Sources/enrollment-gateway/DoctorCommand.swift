import ArgumentParser
import CurlTransport
import Doctor
import Entra
import Foundation
import Graph
import Logging
import Sandbox
import Settings
import Synchronization
import Transport

/// `doctor`: follows the way of a request to Microsoft step by step, and says what to do where it ends.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look live, step by step, at everything that a request needs.",
        discussion: """
            Configuration, names, connections, TLS, clock, credential, token, permission, and the profiles in Graph. Nothing is \
            changed without --create. No secret is shown. Exits with 0 when all holds, 78 when the configuration is wrong, and \
            1 otherwise.
            """
    )

    @Flag(help: "Answer in JSON, when all is done.")
    var json = false

    @Option(help: ArgumentHelp("Read this profile.", valueName: "id"))
    var profile: String?

    @Flag(
        help: """
            Make one real enrollment token on the profile, with the shortest validity. It replaces the one that the profile \
            shows. Only this proves that Intune lets the app do it.
            """
    )
    var create = false

    @Flag(help: "Emulate Entra and Graph in this process and examine them; no other set-up is needed.")
    var sandbox = false

    @Argument(parsing: .allUnrecognized, help: .hidden)
    var flags: [String] = []

    func validate() throws {
        if let profile, ProfileID(profile) == nil {
            throw ValidationError("The profile is given by its id, a GUID of 36 characters.")
        }
        if create, profile == nil, !sandbox { throw ValidationError("--create needs --profile ID.") }
    }

    func run() async throws {
        let output = DoctorOutput(json: json)
        do {
            if sandbox {
                let common = try ServiceConfiguration.readForSandbox(flags: flags, forCallers: false)
                try await SandboxedExamination(common, tenant: SandboxConfiguration()).run { configuration, sample in
                    try await examine(configuration, profile: profile ?? sample, output: output)
                }
            } else {
                try await examine(
                    ServiceConfiguration.read(flags: flags, forCallers: false),
                    profile: profile,
                    output: output
                )
            }
        } catch let error as SettingsError {
            output.conclude(Doctor.diagnosis(failing: Finding(configuration: error)), told: false)
            throw ExitCode(SettingsError.exitCode)
        } catch let error as CurlTransportError {
            complain(error.description)
            throw ExitCode.failure
        } catch let error as SandboxError {
            complain("\(error)")
            throw ExitCode.failure
        }
    }

    private func examine(_ configuration: ServiceConfiguration, profile: String?, output: DoctorOutput) async throws {
        let transport = try CurlTransport(configuration: configuration.curl)
        // What the layers below would log, the findings say.
        let silence = Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() }
        let credential = configuration.access.credential(
            transport: transport,
            clock: ContinuousClock(),
            logger: silence
        )
        let tools = DoctorTools(
            transport: transport,
            probe: try ConnectionProbe(configuration: configuration.curl),
            grants: credential.source
        )
        let subject = DoctorSubject(configuration, profile: profile.flatMap { ProfileID($0) }, creates: create)
        output.begin(subject)
        let diagnosis = await withLogger(silence) { _ in
            await Doctor(subject, tools: tools).examine(
                after: Finding(.configuration, .passed, configuration.summary),
                report: output.report
            )
        }
        await transport.shutDown()
        output.conclude(diagnosis, told: true)
        if !diagnosis.isHealthy || hasLostOutput.load(ordering: .relaxed) { throw ExitCode.failure }
    }
}
