import NIOCertificateReloading
import NIOCore
import NIOSSL

extension TLSConfiguration {
    /// What is offered to callers: TLS 1.3 and 1.2, with suites that keep what was said secret even from those who get the key
    /// later (forward secrecy) and that authenticate what they encrypt (RFC 9325 §4.2).
    static func callers(_ reloader: some CertificateReloader) throws -> TLSConfiguration {
        var configuration = try TLSConfiguration.makeServerConfiguration(certificateReloader: reloader)
        configuration.minimumTLSVersion = .tlsv12
        // Of TLS 1.2 the one for each kind of key that every caller with HTTP/2 has (RFC 9113 §9.2.2): of several the caller would
        // choose, since NIOSSL (2.37) does not let the server. Those of TLS 1.3 are all of that kind.
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ]
        configuration.applicationProtocols = ["h2", "http/1.1"]
        // Many callers do not answer a goodbye (close_notify): the socket is closed soon after ours, as servers do.
        configuration.shutdownTimeout = .milliseconds(200)
        return configuration
    }
}
