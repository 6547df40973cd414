import NIOCore

/// Where a request comes from, as far as one can be told from another: an IPv4 address, or the 64 bits of an IPv6 network, all
/// of whose addresses one machine may have.
struct SourceNetwork: Hashable {
    /// The first half of an IPv6 address, or an IPv4 address behind a mark that no network of IPv6 has (RFC 4291 §2.5.5.2).
    private let bits: UInt64
    private static let mark: UInt64 = 0x0000_FFFF_0000_0000

    init(_ address: IPAddress) { bits = address.isIPv4 ? Self.mark | address.low & 0xFFFF_FFFF : address.high }

    /// What has no address, such as a UNIX socket.
    static let unknown = SourceNetwork(bits: Self.mark)

    private init(bits: UInt64) { self.bits = bits }
}

/// An address of IPv6; one of IPv4 in its mapped form (RFC 4291 §2.5.5.2).
struct IPAddress: Hashable {
    let high: UInt64
    let low: UInt64

    var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// `nil` for what is neither in the dotted form of IPv4 nor in a form of IPv6. A zone behind `%` is left out.
    init?(_ text: some StringProtocol) {
        let bare = text.prefix { $0 != "%" }
        // The system judges what is an address, and gives it one form.
        guard let form = try? SocketAddress(ipAddress: String(bare), port: 0).ipAddress else { return nil }
        self.init(form: form[...])
    }

    /// `nil` for a UNIX socket.
    init?(_ address: SocketAddress?) {
        guard let form = address?.ipAddress else { return nil }
        self.init(form: form[...])
    }

    /// - Parameter form: as inet_ntop(3) writes it: at most one `::`, and a dotted end only where it is an IPv4 address.
    private init?(form: Substring) {
        var groups: [UInt16] = []
        var gap: Int?
        if form.contains(":") {
            // An empty part stands for `::`; at an end of the text there are two of them.
            for part in form.split(separator: ":", omittingEmptySubsequences: false) {
                if part.isEmpty {
                    gap = groups.count
                } else if part.contains(".") {
                    guard let words = Self.dotted(part) else { return nil }
                    groups += words
                } else {
                    guard let group = UInt16(part, radix: 16) else { return nil }
                    groups.append(group)
                }
            }
        } else {
            guard let words = Self.dotted(form) else { return nil }
            groups = [0xFFFF] + words
            gap = 0
        }
        if let gap, groups.count < 8 {
            groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { return nil }
        high = groups[..<4].reduce(0) { $0 << 16 | UInt64($1) }
        low = groups[4...].reduce(0) { $0 << 16 | UInt64($1) }
    }

    private static func dotted(_ text: Substring) -> [UInt16]? {
        let bytes = text.split(separator: ".").compactMap { UInt8($0) }.map(UInt16.init)
        return bytes.count == 4 ? [bytes[0] << 8 | bytes[1], bytes[2] << 8 | bytes[3]] : nil
    }
}
