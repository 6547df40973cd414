package import Transport

/// A certificate that callers are shown, with its chain and its key, in the form in which it is put in force.
package struct CallerCertificate: Sendable, Equatable {
    /// PEM, the certificate itself first.
    let chain: [UInt8]
    /// PEM, one block.
    let key: [UInt8]
    package let facts: Facts

    /// What may be told of it.
    package struct Facts: Sendable, Equatable {
        /// SHA-256 of the certificate's DER, in upper-case hexadecimal.
        package let sha256: String
        /// The names and addresses that it holds for.
        package let names: [String]
        package let notBefore: Timestamp
        package let notAfter: Timestamp

        func isValid(at now: Timestamp) -> Bool { notBefore <= now && now < notAfter }

        /// For people, in one line.
        package func remark(at now: Timestamp) -> String {
            let names = names.isEmpty ? "no name" : names.joined(separator: ", ")
            let end = "ends \(notAfter.rfc3339)\(notAfter <= now ? ", which has passed" : "")"
            return "for \(names), \(notBefore > now ? "begins only \(notBefore.rfc3339), " : "")\(end)"
        }
    }
}
