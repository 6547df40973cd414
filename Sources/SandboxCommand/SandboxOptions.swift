import ArgumentParser
import Logging
import Sandbox
import Settings

/// The flags of `graph-sandbox`.
struct SandboxOptions: ParsableArguments {
    @Option(help: "The address to listen on; without a TLS directory a loopback one.")
    var host = "127.0.0.1"

    @Option(help: "The port; 0 takes any free one.")
    var port = 8090

    @Option(
        help: ArgumentHelp(
            "Speak https and HTTP/2 under an authority of its own, and write that one's certificate here as ca.pem.",
            valueName: "directory"
        )
    )
    var tlsDirectory: String?

    @Option(help: ArgumentHelp("A further name for the certificate. May be repeated.", valueName: "host"))
    var name: [String] = []

    @Option(help: "The tenant's GUID.")
    var tenant = SandboxConfiguration.defaultTenantID

    @Option(help: "The app registration's client id, a GUID.")
    var client = SandboxConfiguration.defaultClientID

    @Option(help: ArgumentHelp("The file that holds the client secret.", valueName: "file"))
    var secretFile: String?

    @Option(help: "The client secret. Visible to all users of the machine, and for sandboxes only.")
    var secret: String?

    @Option(
        help: ArgumentHelp(
            "A file with a certificate in PEM that is registered for the app. May be repeated.",
            valueName: "file"
        )
    )
    var certificate: [String] = []

    @Option(
        help: ArgumentHelp(
            "Keep a token of the sandbox's own identity provider in this file, for AZURE_FEDERATED_TOKEN_FILE.",
            valueName: "file"
        )
    )
    var federatedTokenFile: String?

    @Option(help: ArgumentHelp("A file of profiles: one KIND:ID:NAME a line, # begins a comment.", valueName: "file"))
    var profiles: String?

    @Option(
        help: ArgumentHelp(
            "A profile; KIND is android-for-work or device-owner. May be repeated.",
            valueName: "kind:id:name"
        )
    )
    var profile: [String] = []

    @Option(help: "Have so many more android-for-work profiles, for lists of several pages.")
    var extraProfiles = 0

    @Option(
        help: ArgumentHelp(
            "For so long after a change of a profile's token, reads show the profile as it was before.",
            valueName: "seconds"
        )
    )
    var readLag = 0

    @Option(help: "How long an access token lives, in seconds.")
    var accessTokenLifetime = 3600

    @Option(
        help: ArgumentHelp(
            "How many writes in how many seconds are not answered 429, for example 10/5s, or off.",
            valueName: "rate"
        )
    )
    var writeLimit = "100/20s"

    @Flag(help: "Log each request, without its content, to stderr.")
    var verbose = false

    /// - Throws: ``OptionError`` or ``SandboxError`` with one sentence.
    func configuration() throws -> SandboxConfiguration {
        var configuration = SandboxConfiguration()
        configuration.host = host
        configuration.port = port
        configuration.tlsDirectory = tlsDirectory
        configuration.names = name
        configuration.tenantID = tenant
        configuration.clientID = client
        configuration.accessTokenLifetime = accessTokenLifetime
        if let secret = try clientSecret() { configuration.clientSecret = secret }
        configuration.certificates = try certificate.map(Self.certificate(from:))
        let profiles = try configuredProfiles()
        if !profiles.isEmpty { configuration.profiles = profiles }
        configuration.profiles += try numberedProfiles()
        configuration.readLag = readLag
        configuration.throttling = try throttling()
        return configuration
    }

    /// To stderr: stdout is for the line with the addresses.
    func logger() -> Logger {
        var logger = Logger(label: "graph-sandbox") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .warning
        return logger
    }

    private func clientSecret() throws -> Secret? {
        guard let secretFile else {
            if secret != nil {
                logger().warning("--secret shows the secret to every user of this machine: give it a sandbox-only one")
            }
            return secret.map(Secret.init)
        }
        guard secret == nil else { throw OptionError("Give --secret or --secret-file, not both.") }
        let text = try TextFile.read(secretFile, option: "--secret-file")
        return Secret(String(text.reversed().drop(while: \.isNewline).reversed()))
    }

    private static func certificate(from path: String) throws -> RegisteredCertificate {
        let text = try TextFile.read(path, option: "--certificate")
        do throws(RegisteredCertificate.Defect) {
            return try RegisteredCertificate(pem: text)
        } catch {
            throw OptionError("The file \"\(path)\" of --certificate \(error.rawValue).")
        }
    }

    private func throttling() throws -> SandboxConfiguration.Throttling? {
        if writeLimit == "off" { return nil }
        guard let rate = SettingRate(writeLimit), rate.interval.components.attoseconds == 0 else {
            throw OptionError(
                "--write-limit is a count and whole seconds, for example 100/20s, or off; \"\(writeLimit)\" is not."
            )
        }
        return .init(writes: rate.count, seconds: Int(rate.interval.components.seconds))
    }

    private func configuredProfiles() throws -> [SandboxProfile] {
        var lines = profile
        if let profiles {
            let text = try TextFile.read(profiles, option: "--profiles")
            lines += text.split(whereSeparator: \.isNewline)
                .map { String($0.drop(while: \.isWhitespace)) }
                .filter { !$0.isEmpty && !$0.hasPrefix("#") }
        }
        return try lines.map(Self.profile(from:))
    }

    private static let mostExtraProfiles = 10_000

    private func numberedProfiles() throws -> [SandboxProfile] {
        guard (0...Self.mostExtraProfiles).contains(extraProfiles) else {
            throw OptionError("--extra-profiles is a number from 0 to \(Self.mostExtraProfiles), not \(extraProfiles).")
        }
        return SandboxProfile.numbered(extraProfiles)
    }

    /// The name is the rest of the line, and may hold colons.
    private static func profile(from line: String) throws -> SandboxProfile {
        let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let kind = SandboxProfile.Kind(rawValue: parts[0]) else {
            throw OptionError(
                "A profile is written KIND:ID:NAME, where KIND is android-for-work or device-owner; \"\(line)\" is not."
            )
        }
        return try SandboxProfile(kind: kind, id: parts[1], displayName: parts[2])
    }
}
