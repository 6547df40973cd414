import HummingbirdCore
import HummingbirdHTTP2

/// What is spoken on the wire, and under which names: plain http, or https under an authority of the sandbox's own.
struct SandboxFace: Sendable {
    private struct Security: Sendable {
        let server: TLSConfiguration
        let certificate: CertificateFile
    }

    private let configuration: SandboxConfiguration
    private let security: Security?

    /// - Throws: ``SandboxError/directoryNotWritable(_:reason:)``, or an error of the cryptographic libraries.
    init(_ configuration: SandboxConfiguration) throws {
        self.configuration = configuration
        guard let directory = configuration.tlsDirectory else {
            security = nil
            return
        }
        let authority = try SandboxAuthority()
        security = Security(
            server: try authority.serverConfiguration(for: configuration.hostNames),
            certificate: try CertificateFile(authority.pem, in: directory)
        )
    }

    func builder() throws -> HTTPServerBuilder {
        guard let security else { return .http1() }
        return HTTPServerBuilder { responder in try SecureChannel(security.server, responder: responder) }
    }

    func address(port: Int) -> SandboxAddress {
        SandboxAddress(
            scheme: security == nil ? "http" : "https",
            host: configuration.announcedHost,
            port: port,
            names: configuration.hostNames.map(\.text),
            certificatePath: security?.certificate.path
        )
    }

    /// To be called once it listens: from now on its certificate is the one to trust.
    func publish() throws(SandboxError) { try security?.certificate.publish() }

    /// Takes away what was prepared and not published.
    func discard() { security?.certificate.discard() }
}
