import HTTPTypes
package import Settings

/// The proxies in front of the gateway that may say whom they speak for.
///
/// Nobody else's `X-Forwarded-For` is believed: any caller can write one.
package struct TrustedProxies: Sendable, Equatable {
    private struct Network: Sendable, Equatable {
        var high: UInt64
        var low: UInt64
        var length: Int
    }

    private let networks: [Network]

    package init() { networks = [] }

    /// Reads `TRUSTED_PROXIES`: addresses and networks, such as `10.0.0.0/8, 192.0.2.7, 2001:db8::/32`.
    package init(_ settings: SettingsReader) {
        var networks: [Network] = []
        for part in (settings.text("TRUSTED_PROXIES") ?? "").split(separator: ",") {
            let text = Self.trimmed(part)
            if text.isEmpty { continue }
            guard let network = Self.network(text) else {
                settings.report(
                    "TRUSTED_PROXIES",
                    "'\(clipped(String(text)))' is neither an address nor a network",
                    fix: "Give addresses and networks, for example 10.0.0.0/8, 192.0.2.7, 2001:db8::/32"
                )
                continue
            }
            networks.append(network)
        }
        self.networks = networks
    }

    private static func network(_ text: Substring) -> Network? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        // An IPv4 address in the form of IPv6 (RFC 4291 §2.5.5.2) is counted as that.
        let most = first.contains(":") ? 128 : 32
        var length = most
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]),
                (address.isIPv4 && most == 128 ? 96...most : 0...most).contains(given)
            else { return nil }
            length = given
        }
        return Network(high: address.high, low: address.low, length: 128 - most + length)
    }

    func contains(_ address: IPAddress) -> Bool {
        networks.contains { network in
            let high = min(network.length, 64)
            let low = network.length - high
            return (address.high ^ network.high) & Self.mask(high) == 0
                && (address.low ^ network.low) & Self.mask(low) == 0
        }
    }

    /// So many bits from the left.
    private static func mask(_ length: Int) -> UInt64 { length == 0 ? 0 : ~0 << UInt64(64 - length) }

    /// Where a request comes from: the connection's other end, or, where that is a proxy that is trusted, the last address that
    /// no trusted proxy has.
    ///
    /// It reads `X-Forwarded-For` from its end, because each proxy appends what it saw itself; what stands before the first
    /// address that is not trusted may be invented. Where an entry is no address, the proxy that wrote it counts.
    func source(peer: IPAddress?, fields: HTTPFields) -> SourceNetwork {
        guard let peer else { return .unknown }
        guard !networks.isEmpty, contains(peer) else { return SourceNetwork(peer) }
        var source = peer
        let entries = fields[values: .forwardedFor].flatMap {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        for entry in entries.reversed() {
            guard let address = Self.address(entry) else { break }
            source = address
            if !contains(address) { break }
        }
        return SourceNetwork(source)
    }

    /// Without the blanks and tabs around it.
    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }

    /// An entry: an address, with or without brackets and a port.
    private static func address(_ entry: Substring) -> IPAddress? {
        let text = trimmed(entry)
        if text.first == "[" { return IPAddress(text.dropFirst().prefix { $0 != "]" }) }
        if let address = IPAddress(text) { return address }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? IPAddress(parts[0]) : nil
    }
}

extension HTTPField.Name {
    static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
}
