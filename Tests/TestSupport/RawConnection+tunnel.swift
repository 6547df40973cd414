import Glibc

extension RawConnection {
    /// Connects to a port of this machine and passes bytes to and fro, until one of the two ends. Returns whether it connected.
    @discardableResult
    package func tunnel(toward port: Int, greeting: String) -> Bool {
        let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { Glibc.close(far) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(far, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return false }
        send(greeting)
        var ends = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        ends.append(pollfd(fd: far, events: Int16(POLLIN), revents: 0))
        while poll(&ends, 2, -1) > 0 {
            for (from, to) in [(0, 1), (1, 0)] where ends[from].revents != 0 {
                guard pass(from: ends[from].fd, to: ends[to].fd) else { return true }
            }
        }
        return true
    }

    /// Returns whether the connection goes on.
    private func pass(from: Int32, to: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let count = recv(from, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        var sent = 0
        while sent < count {
            let passed = buffer[sent..<count].withUnsafeBytes {
                Glibc.send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard passed > 0 else { return false }
            sent += passed
        }
        return true
    }
}
