package import Transport

/// How far connecting to an upstream came, and whom it met.
package struct ConnectionFindings: Sendable, Equatable {
    /// Where it ended.
    package enum Stage: Sendable, Equatable {
        /// No connection to the host, or to the proxy.
        case connecting
        /// The proxy did not make the way on.
        case proxy(status: Int?)
        /// The proxy took the connection and said nothing in time.
        case silentProxy
        case trust(TrustFault)
    }

    /// Why TLS did not come about.
    package enum TrustFault: Sendable, Equatable {
        /// None of the trusted authorities has issued the chain: an authority of one's own, or a proxy that looks into TLS.
        case unknownAuthority
        case expired
        case notYetValid
        /// The certificate is for other names.
        case wrongName
        /// The connection was taken, and nothing came in time.
        case silent
        /// Another flaw of the certificates: revoked, or by too weak a key or digest.
        case rejected
        /// Everything else: versions, ciphers, a server that does not speak TLS at all.
        case handshake
    }

    package struct Failure: Error, Sendable, Equatable {
        package var stage: Stage
        /// libcurl's words.
        package var detail: String

        package init(_ stage: Stage, _ detail: String) {
            self.stage = stage
            self.detail = detail
        }
    }

    /// The address that was connected to: the proxy's, where there is one. Nil without a connection.
    package var address: String?
    /// After how long the connection was there.
    package var connectedAfter: Duration?
    /// After how long TLS was up. Nil where it is not, or is not spoken.
    package var securedAfter: Duration?
    /// What the server showed, its own certificate first; also where it was not trusted.
    package var chain: [ServerCertificate]
    /// Nil when all went well.
    package var failure: Failure?

    package init(
        address: String? = nil,
        connectedAfter: Duration? = nil,
        securedAfter: Duration? = nil,
        chain: [ServerCertificate] = [],
        failure: Failure? = nil
    ) {
        self.address = address
        self.connectedAfter = connectedAfter
        self.securedAfter = securedAfter
        self.chain = chain
        self.failure = failure
    }
}

/// What a certificate says about itself. Printable ASCII, and no longer than a line or two: a server writes what it likes.
package struct ServerCertificate: Sendable, Equatable {
    package var subject: String
    package var issuer: String
    package var notBefore: Timestamp?
    package var notAfter: Timestamp?

    package init(subject: String, issuer: String, notBefore: Timestamp? = nil, notAfter: Timestamp? = nil) {
        self.subject = subject
        self.issuer = issuer
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// The common name or, where there is none, the whole subject.
    package var shortSubject: String { Self.commonName(of: subject) }
    package var shortIssuer: String { Self.commonName(of: issuer) }

    /// OpenSSL writes `C = US, O = Example\, Inc., CN = example.com`, with semicolons or without blanks as it is told. A part
    /// without `=` belongs to the one before it.
    private static func commonName(of name: String) -> String {
        var found: String?
        var isInside = false
        for part in name.split(whereSeparator: { $0 == "," || $0 == ";" }) {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmingBlanks }
            if pair.count == 2 {
                isInside = pair[0] == "CN" && found == nil
                if isInside { found = pair[1] }
            } else if isInside, let start = found {
                found = "\(start),\(part)"
            }
        }
        return found ?? name
    }
}

extension ServerCertificate {
    static let longestName = 200

    /// Of the lines `Name:value` that libcurl makes of a certificate (CURLINFO_CERTINFO(3)).
    init(lines: [String]) {
        var values: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            if parts.count == 2, values[parts[0]] == nil { values[parts[0]] = parts[1] }
        }
        self.init(
            subject: Self.shown(values["Subject"]),
            issuer: Self.shown(values["Issuer"]),
            notBefore: values["Start date"].flatMap(Self.date),
            notAfter: values["Expire date"].flatMap(Self.date)
        )
    }

    private static func shown(_ text: String?) -> String {
        let scalars = (text ?? "").unicodeScalars.prefix(longestName)
        return String(scalars.map { $0.value >= 0x20 && $0.value < 0x7F ? Character($0) : "?" }).trimmingBlanks
    }

    /// As OpenSSL's ASN1_TIME_print writes it: `Nov  4 08:49:37 2026 GMT`.
    static func date(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 5, words[4] == "GMT", let month = months.firstIndex(of: String(words[0])) else {
            return nil
        }
        let pad = { (text: String) in text.count < 2 ? "0" + text : text }
        return Timestamp(iso8601: "\(words[3])-\(pad("\(month + 1)"))-\(pad(String(words[1])))T\(words[2])Z")
    }
}

extension StringProtocol {
    fileprivate var trimmingBlanks: String {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
