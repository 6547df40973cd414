/// An absolute http or https URL of an upstream, taken apart once and never re-parsed.
///
/// Only what an upstream's address needs is accepted: no user information, no fragment, printable ASCII. https is required,
/// except for loopback addresses.
package struct UpstreamURL: Sendable, Hashable, CustomStringConvertible {
    /// `http` or `https`, the host in lower case and the port where one was given.
    package let origin: String
    package let host: String
    /// The one given, or the scheme's.
    package let port: Int
    package let isSecure: Bool
    /// Begins with `/` unless empty; never ends with it.
    package private(set) var path: String
    /// Without the `?`; already encoded.
    package private(set) var query: String?

    /// - Parameter allowingPlainHTTP: for a proxy, through which TLS goes end to end, and nothing else.
    /// - Throws: ``UpstreamURLError`` naming what is wrong.
    package init(_ text: String, allowingPlainHTTP: Bool = false) throws(UpstreamURLError) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
            throw UpstreamURLError.unprintable
        }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw UpstreamURLError.notAbsolute
        }
        let scheme = text[..<colon].lowercased()
        guard scheme == "https" || scheme == "http" else { throw UpstreamURLError.scheme }
        var rest = text[colon...].dropFirst(3)
        guard !rest.contains("#") else { throw UpstreamURLError.fragment }
        query = nil
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash].lowercased()
        guard !authority.contains("@") else { throw UpstreamURLError.userInformation }
        let (host, port) = try Self.hostAndPort(of: authority)
        var path = String(rest[slash...])
        while path.hasSuffix("/") { path.removeLast() }

        self.host = host
        self.port = port ?? (scheme == "https" ? 443 : 80)
        self.path = path
        isSecure = scheme == "https"
        origin = "\(scheme)://\(authority)"
        guard isSecure || allowingPlainHTTP || Self.isLoopback(host) else { throw UpstreamURLError.insecure }
    }

    /// The whole URL.
    package var description: String { origin + path + (query.map { "?" + $0 } ?? "") }

    /// This URL with `suffix`, which the program wrote and which begins with `/`, after its path.
    package func appending(path suffix: String, query: String? = nil) -> UpstreamURL {
        var url = self
        url.path += suffix
        url.query = query
        return url
    }

    /// `127.0.0.0/8`, `::1` and `localhost`: the addresses that plain http is accepted for.
    package static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil && $0.utf8.count <= 3 }
    }

    /// `169.254.0.0/16` (RFC 3927) and `fe80::/10` as it is written in practice: addresses that lead nowhere beyond the link.
    package static func isLinkLocal(_ host: String) -> Bool {
        if host.hasPrefix("[fe80:") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "169" && parts[1] == "254"
            && parts.allSatisfy { UInt8($0) != nil && $0.utf8.count <= 3 }
    }

    private static func hostAndPort(of authority: String) throws(UpstreamURLError) -> (host: String, port: Int?) {
        var host = Substring(authority)
        var givenPort: Int?
        let end =
            authority.hasPrefix("[") ? authority.firstIndex(of: "]") ?? authority.startIndex : authority.startIndex
        if let colon = authority[end...].firstIndex(of: ":") {
            host = authority[..<colon]
            guard let port = UInt16(authority[authority.index(after: colon)...]), port > 0 else {
                throw UpstreamURLError.port
            }
            givenPort = Int(port)
        }
        let allowed =
            host.hasPrefix("[") && host.hasSuffix("]")
            ? "0123456789abcdef:.[]" : "abcdefghijklmnopqrstuvwxyz0123456789-._"
        guard !host.isEmpty, host.allSatisfy(allowed.contains) else { throw UpstreamURLError.host }
        return (String(host), givenPort)
    }
}

/// What is wrong with the text of an upstream's URL.
package enum UpstreamURLError: String, Error, Sendable {
    case unprintable = "it contains a space, a backslash or a character outside of printable ASCII"
    case notAbsolute = "it does not begin with https://"
    case scheme = "its scheme is neither https nor http"
    case fragment = "it has a fragment (#)"
    case userInformation = "it has user information (@)"
    case port = "its port is not a number from 1 to 65535"
    case host = "its host is empty or not a host name or address"
    case insecure = "plain http is accepted for loopback addresses only"
}
