import Logging
import Sandbox
import ServiceLifecycle

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The file in which a workload finds its federated token, kept fresh as Kubernetes' kubelet keeps it.
struct FederatedTokenFile: Service {
    /// The life of a token. Kubernetes' shortest is an hour too.
    static let lifetime = 3600
    /// How long one is left there: 80 % of its life.
    static let renewal = Duration.seconds(lifetime * 8 / 10)

    let path: String
    let sandbox: Sandbox
    let logger: Logger

    /// Puts a new token there until the service is shut down; the first is ``renew()``'s.
    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: Self.renewal)
                do {
                    try await renew()
                } catch let error as OptionError {
                    // The sandbox goes on: the file was there once, and may be again.
                    logger.warning("\(error.description)")
                }
            }
        }
        try await gracefulShutdown()
    }

    /// Puts a new token there, in one step for those who read.
    ///
    /// - Throws: ``OptionError`` when the file cannot be written; ``SandboxError`` when the sandbox does not listen.
    func renew() async throws {
        let token = try await sandbox.federatedToken(lifetime: Self.lifetime)
        let draft = path + "." + UUID().uuidString
        // Made for its owner alone from the beginning, and never through a link that somebody else put there.
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw cannotWrite() }
        let bytes = Array(token.utf8)
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        guard written == bytes.count, rename(draft, path) == 0 else {
            let error = cannotWrite()
            unlink(draft)
            throw error
        }
    }

    private func cannotWrite() -> OptionError {
        OptionError(
            "The file \"\(path)\" of --federated-token-file cannot be written: \(String(cString: strerror(errno)))."
        )
    }
}
