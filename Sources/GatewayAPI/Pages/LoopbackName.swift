/// The names by which a page on a loopback address is asked for.
///
/// A page of somewhere else whose name was made to lead here (DNS rebinding) would read what is shown as its own; the name that the
/// browser sends gives it away.
enum LoopbackName {
    /// - Parameter authority: the value of `Host`, with or without a port: a tunnel may have another one.
    static func isLoopback(authority: String?) -> Bool {
        guard let authority, let host = host(of: authority) else { return false }
        return isLoopback(host: host)
    }

    /// Whether what listens there is reached from this machine alone.
    static func isLoopback(host: String) -> Bool {
        if host.lowercased() == "localhost" { return true }
        guard let address = IPAddress(host) else { return false }
        return address.isIPv4 ? address.low >> 24 & 0xFF == 127 : address.high == 0 && address.low == 1
    }

    private static func host(of authority: String) -> String? {
        var host = authority[...]
        if host.hasPrefix("[") {
            guard let close = host.firstIndex(of: "]"), isPort(host[host.index(after: close)...]) else { return nil }
            return String(host[host.index(after: host.startIndex)..<close])
        }
        if let colon = host.firstIndex(of: ":") {
            guard isPort(host[colon...]) else { return nil }
            host = host[..<colon]
        }
        return String(host)
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || (text.first == ":" && text.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) })
    }
}
