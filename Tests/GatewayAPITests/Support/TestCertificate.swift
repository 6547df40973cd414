import Logging
import NIOSSL
import TestSupport
import TestUpstream
import Transport

@testable import GatewayAPI

/// The files of a certificate of a test's own, for 127.0.0.1, which may be replaced.
struct TestCertificate: Sendable {
    let authority: TestAuthority
    let folder: Folder
    let files: CallerCertificateFiles

    init() throws {
        authority = try TestAuthority()
        folder = try Folder()
        files = CallerCertificateFiles(certificate: folder.path("chain.pem"), key: folder.path("key.pem"))
        try replace()
    }

    /// Writes another certificate and its key.
    func replace(beginsIn: Double = -3600, endsIn: Double = 3600) throws {
        let (certificate, key) = try authority.identity(beginsIn: beginsIn, endsIn: endsIn)
        try folder.write(certificate, to: "chain.pem")
        try folder.write(key, to: "key.pem")
    }

    /// The one that the files hold now, in force.
    func live(
        wallClock: @escaping @Sendable () -> Timestamp = { .now },
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) throws -> LiveCallerCertificate {
        try LiveCallerCertificate(files, first: files.read(), wallClock: wallClock, logger: logger)
    }

    /// A caller's side of TLS, which trusts the authority.
    func caller(
        protocols: [String] = [],
        _ change: (inout TLSConfiguration) -> Void = { _ in }
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(authority.path)
        configuration.applicationProtocols = protocols
        change(&configuration)
        return try NIOSSLContext(configuration: configuration)
    }
}
