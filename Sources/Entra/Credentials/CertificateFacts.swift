package import Transport

/// What may be told of a certificate.
package struct CertificateFacts: Sendable, Equatable {
    /// SHA-1 of the DER in upper-case hexadecimal: the thumbprint that the portal shows.
    package let sha1: String
    /// SHA-256 of the same, in upper-case hexadecimal.
    package let sha256: String
    package let notBefore: Timestamp
    package let notAfter: Timestamp
}
