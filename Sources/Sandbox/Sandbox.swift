import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// An emulator of Entra and Microsoft Graph over real HTTP: the tenant that a person, a test or a demonstration has at hand.
///
/// It issues access tokens, checks them, and keeps the enrollment tokens of its profiles, with Microsoft's words, statuses
/// and limits; and it fails in the ways that it is told to. Start it once, as a service.
package final class Sandbox: Service {
    /// What it remembers, for tests in the same process.
    package let store: SandboxStore

    private let logger: Logger
    private let group: any EventLoopGroup
    private let bound: EventLoopPromise<SandboxAddress>

    /// - Throws: ``SandboxError/invalidConfiguration(_:)`` or ``SandboxError/insecureHost(_:)``.
    package init(configuration: SandboxConfiguration = .init(), logger: Logger) throws(SandboxError) {
        try configuration.validate()
        store = SandboxStore(configuration)
        self.logger = logger
        group = MultiThreadedEventLoopGroup.singleton
        bound = group.any().makePromise()
    }

    deinit { bound.fail(SandboxError.stopped) }

    /// Everything as at the start.
    package func reset() { store.reset() }

    /// Where it is found. Suspends until it listens.
    ///
    /// - Throws: ``SandboxError`` when it could not listen, or was stopped before it did.
    package func address() async throws -> SandboxAddress { try await bound.futureResult.get() }

    /// A token of the sandbox's own issuer, as a Kubernetes cluster mounts one for a workload: what belongs into the file that
    /// `AZURE_FEDERATED_TOKEN_FILE` names. Suspends until the sandbox listens.
    ///
    /// - Parameter lifetime: in seconds of the sandbox's clock; below 0 the token is out of time already.
    /// - Throws: ``SandboxError`` when it did not listen, or an error of the cryptographic libraries.
    package func federatedToken(
        subject: String = FederatedCredential.defaultSubject,
        audience: String = FederatedCredential.defaultAudience,
        lifetime: Int = 3600
    ) async throws -> String {
        try await FederatedIssuer(address()).token(
            subject: subject,
            audience: audience,
            lifetime: lifetime,
            at: store.now
        )
    }

    /// Listens and answers until the service is shut down.
    ///
    /// - Throws: ``SandboxError`` when it cannot listen.
    package func run() async throws {
        // Whoever still waits for the address must not wait for ever. A promise that was kept ignores this.
        defer { bound.fail(SandboxError.stopped) }
        let key = try SigningKey.ofThisProcess.get()
        let issuer = await AccessTokenIssuer(key: key)
        do {
            let face = try SandboxFace(store.configuration)
            defer { face.discard() }
            try await serve(face, issuer)
        } catch let error as IOError {
            throw fail(cannotListen(error))
        } catch let error as SocketAddressError.UnknownHost {
            throw fail(cannotListen(error))
        } catch let error as SandboxError {
            throw fail(error)
        }
    }

    /// Tells those who wait for the address, too.
    private func fail(_ error: SandboxError) -> SandboxError {
        bound.fail(error)
        return error
    }

    private func serve(_ face: SandboxFace, _ issuer: AccessTokenIssuer) async throws {
        let configuration = store.configuration
        let address = Mutex<SandboxAddress?>(nil)
        let unpublished = Mutex<SandboxError?>(nil)
        let server = try face.builder().buildServer(
            configuration: .init(address: .hostname(configuration.host, port: configuration.port)),
            eventLoopGroup: group,
            logger: logger,
            responder: { [store, logger] request, writer, channel in
                // Set before the first connection is served: the server announces itself first.
                guard let address = address.withLock({ $0 }) else { throw ConnectionEnded() }
                let exchange = SandboxExchange(store: store, issuer: issuer, address: address, logger: logger)
                try await exchange.respond(to: request, writer: writer, channel: channel)
            },
            onServerRunning: { [bound] channel in
                let found = face.address(port: channel.localAddress?.port ?? configuration.port)
                do throws(SandboxError) {
                    try face.publish()
                    address.withLock { $0 = found }
                    bound.succeed(found)
                } catch {
                    unpublished.withLock { $0 = error }
                    channel.close(promise: nil)
                }
            }
        )
        try await server.run()
        if let error = unpublished.withLock({ $0 }) { throw error }
    }

    private func cannotListen(_ error: any Error) -> SandboxError {
        let (host, port) = (store.configuration.host, store.configuration.port)
        return switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: .portTaken(host: host, port: port)
        case EACCES, EPERM:
            .cannotListen(host: host, port: port, reason: "this user may not: choose a port above 1023")
        case EADDRNOTAVAIL:
            .cannotListen(host: host, port: port, reason: "this machine does not have that address")
        case let code?:
            .cannotListen(host: host, port: port, reason: "the system refuses it with error \(code)")
        case nil:
            .cannotListen(host: host, port: port, reason: "nobody knows an address of that name")
        }
    }
}
