import Glibc

/// An IP address that a host's name stands for.
package struct HostAddress: Sendable, Hashable, CustomStringConvertible {
    /// As `inet_ntop` writes it.
    package let description: String
    let isVersion6: Bool

    /// An address as `inet_pton` reads it; nil for anything else.
    package init?(_ text: String) {
        var version4 = in_addr()
        var version6 = in6_addr()
        if unsafe inet_pton(AF_INET, text, &version4) == 1 {
            self.init(version4)
        } else if unsafe inet_pton(AF_INET6, text, &version6) == 1 {
            self.init(version6)
        } else {
            return nil
        }
    }

    init(_ address: in_addr) {
        var address = address
        description = unsafe Self.text(AF_INET, &address, length: Int(INET_ADDRSTRLEN))
        isVersion6 = false
    }

    init(_ address: in6_addr) {
        var address = address
        description = unsafe Self.text(AF_INET6, &address, length: Int(INET6_ADDRSTRLEN))
        isVersion6 = true
    }

    /// `address` is an `in_addr` or an `in6_addr`, as `family` says; `length` is what the longest text takes, its NUL included.
    private static func text(_ family: Int32, _ address: UnsafeRawPointer, length: Int) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: length) { buffer in
            let start = buffer.baseAddress!
            guard unsafe inet_ntop(family, address, start, socklen_t(length)) != nil else { return "" }
            return unsafe String(cString: start)
        }
    }
}
