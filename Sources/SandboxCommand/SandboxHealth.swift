import CurlTransport
import HTTPTypes
import Sandbox
import Transport

/// Asks a running sandbox of this machine whether it answers: for a container's health check.
struct SandboxHealth {
    private let url: UpstreamURL
    private let certificate: String?

    /// - Throws: ``OptionError`` or ``SandboxError`` when the options do not say where the sandbox is.
    init(_ configuration: SandboxConfiguration) throws {
        guard configuration.port != 0 else { throw OptionError("--health needs the --port of the sandbox to ask.") }
        try configuration.validate()
        let address = configuration.localAddress
        do {
            url = try UpstreamURL(address.baseURL + "/_sandbox/clock")
        } catch {
            throw OptionError("The sandbox at \(address.baseURL) cannot be asked: \(error.rawValue).")
        }
        certificate = address.certificatePath
    }

    /// - Throws: ``OptionError`` when there is no good answer.
    func check() async throws {
        let status: HTTPResponse.Status
        do {
            status = try await HealthQuestion.ask(url, trusting: certificate)
        } catch let error as TransportError {
            throw OptionError("The sandbox does not answer at \(url.origin): \(error.detail).")
        } catch let error as CurlTransportError {
            throw OptionError("The sandbox at \(url.origin) cannot be asked: \(error.description)")
        }
        guard status == .ok else { throw OptionError("The sandbox at \(url.origin) answered \(status.code).") }
    }
}
