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

    /// The right one. Before HTTP it makes no difference which version is offered.
    func sound(for version: Fault.Version?) -> NIOSSLContext { version == .http1 ? http1 : http2 }
}
