import Entra
import GatewayAPI
import Graph
import Logging
import Sandbox
import ServiceLifecycle
import Settings
import Transport

/// A sandbox to examine, for as long as that takes.
struct SandboxedExamination {
    private let common: ServiceConfiguration.Common
    private let tenant: SandboxConfiguration

    init(_ common: ServiceConfiguration.Common, tenant: SandboxConfiguration) {
        self.common = common
        self.tenant = tenant
    }

    /// - Parameter examine: gets the configuration that leads to the sandbox, and the id of a profile in it.
    /// - Throws: ``SandboxError``, and what `examine` throws.
    func run(_ examine: (ServiceConfiguration, String?) async throws -> Void) async throws {
        let silence = Logger(label: "sandbox") { _ in SwiftLogNoOpLogHandler() }
        let sandbox = try Sandbox(configuration: tenant, logger: silence)
        let services = ServiceGroup(configuration: .init(services: [sandbox], logger: silence))
        let kind = common.gateway.rules.defaultKind.rawValue
        let sample = tenant.profiles.first { $0.kind.rawValue == kind }?.id
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let configuration = try common.configuration(using: tenant, at: await sandbox.address())
            let result: Result<Void, any Error>
            do {
                result = .success(try await examine(configuration, sample))
            } catch {
                result = .failure(error)
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            try result.get()
        }
    }
}

extension ServiceConfiguration.Common {
    /// All settings, with a sandbox as the tenant.
    func configuration(
        using tenant: SandboxConfiguration,
        at address: SandboxAddress
    ) throws -> ServiceConfiguration {
        var common = self
        common.graph.baseURL = try UpstreamURL(address.graphURL)
        let access = try AccessConfiguration(
            authority: UpstreamURL(address.baseURL),
            tenant: TenantID(tenant.tenantID),
            client: ClientID(tenant.clientID),
            scope: TokenScope(graphRoot: common.graph.baseURL),
            secret: tenant.clientSecret
        )
        return common.configuration(access: access)
    }
}
