import NIOSSL
import TestUpstream

/// The right certificate for the fake Graph, and some wrong ones. Making them takes a while, so that all rows share them.
struct Certificates: Sendable {
    let authority: TestAuthority
    let http1: NIOSSLContext
    let http2: NIOSSLContext
    let expired: NIOSSLContext
    let otherName: NIOSSLContext
    let unknownAuthority: NIOSSLContext
    let oldVersion: NIOSSLContext

    init() throws {
        authority = try TestAuthority()
        http1 = try authority.serverContext(protocols: ["http/1.1"])
        http2 = try authority.serverContext()
        expired = try authority.serverContext(expired: true)
        otherName = try authority.serverContext(host: "other.example")
        unknownAuthority = try TestAuthority().serverContext()
        oldVersion = try authority.serverContext(newestVersion: .tlsv1)
    }

    /// The right one: for the address, or for the name. Before HTTP it makes no difference which version is offered.
    func sound(for version: Fault.Version?, isNamed: Bool) throws -> NIOSSLContext {
        guard isNamed else { return version == .http1 ? http1 : http2 }
        return try authority.serverContext(
            host: FaultyResolver.host,
            protocols: [version == .http1 ? "http/1.1" : "h2"]
        )
    }
}
