import Foundation
import Glibc
import NIOConcurrencyHelpers

/// The server's end of a connection. Every call blocks; used by the one thread that serves it.
package final class RawConnection: Sendable {
    /// Counted from 0.
    package let index: Int
    let descriptor: Int32
    private let log: RawLog
    private let state = NIOLockedValueBox((isOpen: true, unread: [UInt8]()))

    init(descriptor: Int32, index: Int, log: RawLog) {
        self.descriptor = descriptor
        self.index = index
        self.log = log
    }

    /// Reads one request, body included, and writes it down. Nil when the far side is done.
    package func readRequest() -> RawRequest? {
        guard let head = readHead() else { return nil }
        let request = RawRequest(head: head, body: "", connection: index)
        let length = Int(request.field("content-length") ?? "0") ?? 0
        guard let body = read(count: length) else { return nil }
        let whole = RawRequest(head: head, body: String(decoding: body, as: UTF8.self), connection: index)
        log.add(whole)
        return whole
    }

    /// Writes, as far as the far side takes it.
    package func send(_ text: String) { send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Ends the connection in order.
    package func close() {
        let wasOpen = state.withLockedValue { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        if wasOpen { Glibc.close(descriptor) }
    }

    /// Ends the connection with a reset.
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close()
    }

    /// Reads and drops whatever comes, until the far side ends the connection.
    package func waitForEnd() {
        while receive() != nil {}
    }

    private func readHead() -> String? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = read(count: 1) else { return nil }
            head += byte
        }
        return String(decoding: head.dropLast(4), as: UTF8.self)
    }

    private func read(count: Int) -> [UInt8]? {
        while state.withLockedValue({ $0.unread.count }) < count {
            guard let bytes = receive() else { return nil }
            state.withLockedValue { $0.unread += bytes }
        }
        return state.withLockedValue { state in
            defer { state.unread.removeFirst(count) }
            return Array(state.unread.prefix(count))
        }
    }

    private func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }
}
