import Glibc

/// How the addresses of a host are found. It is called on a thread of its own, and may block for as long as it likes.
package typealias HostLookup = @Sendable (_ host: String) -> Result<[HostAddress], HostLookupError>

/// Why a lookup brought no addresses.
package struct HostLookupError: Error, Sendable, Equatable {
    /// The resolver's words, for the log.
    package var detail: String

    package init(detail: String) { self.detail = detail }
}

extension HostAddress {
    /// Asks the system's resolver (getaddrinfo(3)), in whose order of preference the addresses stay.
    package static let lookup: HostLookup = { host in
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        // No addresses of a kind that this machine has no route for.
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            // Static text.
            return .failure(HostLookupError(detail: unsafe String(cString: gai_strerror(code))))
        }
        defer { unsafe freeaddrinfo(list) }
        // The list lives until it is freed here, and each of its addresses is as long as its family says.
        var addresses: [HostAddress] = []
        var next = unsafe list
        while let entry = unsafe next?.pointee {
            switch unsafe entry.ai_family {
            case AF_INET:
                unsafe entry.ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    addresses.append(HostAddress(unsafe $0.pointee.sin_addr))
                }
            case AF_INET6:
                unsafe entry.ai_addr.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    addresses.append(HostAddress(unsafe $0.pointee.sin6_addr))
                }
            default:
                break
            }
            unsafe next = unsafe entry.ai_next
        }
        return .success(addresses)
    }
}
