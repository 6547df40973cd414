import NIOCore
import SwiftASN1
import X509

/// A name under which a server is found: a DNS name, or an address.
struct HostName: Sendable, Hashable {
    /// RFC 1035 §2.3.4.
    static let longest = 253

    /// In lower case; an IPv6 address without brackets.
    let text: String
    let generalName: GeneralName

    /// nil when the text is neither an address nor a DNS name in letters, digits and hyphens (RFC 1123 §2.1).
    init?(_ text: String) {
        let text = text.lowercased()
        self.text = text
        if let address = try? SocketAddress(ipAddress: text, port: 0), let canonical = address.ipAddress {
            let bytes =
                canonical.contains(":")
                ? Self.ipv6(canonical) : canonical.split(separator: ".").compactMap { UInt8($0) }
            generalName = .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
            return
        }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.longest, labels.allSatisfy(Self.isLabel) else { return nil }
        generalName = .dnsName(text)
    }

    /// The 16 bytes of an address in the system's own notation: groups, of which zeros may be left out at one place, and
    /// perhaps an IPv4 address at the end (RFC 5952).
    private static func ipv6(_ text: String) -> [UInt8] {
        func bytes(_ groups: some StringProtocol) -> [UInt8] {
            groups.split(separator: ":").flatMap { group -> [UInt8] in
                if group.contains(".") { return group.split(separator: ".").compactMap { UInt8($0) } }
                let value = UInt16(group, radix: 16) ?? 0
                return [UInt8(value >> 8), UInt8(value & 0xFF)]
            }
        }
        guard let gap = text.firstRange(of: "::") else { return bytes(text) }
        let (before, after) = (bytes(text[..<gap.lowerBound]), bytes(text[gap.upperBound...]))
        return before + [UInt8](repeating: 0, count: max(0, 16 - before.count - after.count)) + after
    }

    /// Whether it is 0.0.0.0 or ::, in any of their spellings: all addresses of a machine.
    var isWildcard: Bool {
        guard case .ipAddress(let octets) = generalName else { return false }
        return octets.bytes.allSatisfy { $0 == 0 }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }
}
