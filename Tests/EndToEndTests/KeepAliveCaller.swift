import Foundation
import Glibc
import Synchronization

/// A caller that asks one thing after another on one connection, as pools of connections do, and that notes what came of each.
///
/// It follows `Connection: close`, and repeats nothing. Its calls block, on a thread of its own.
final class KeepAliveCaller: Sendable {
    struct Count: Sendable {
        /// Answers, by status.
        var answers: [Int: Int] = [:]
        /// Requests that were written whole, and that the connection's end was the answer to.
        var lost: Int { losses.count }
        /// How each of them was lost.
        var losses: [String] = []
        /// What was asked for last.
        var wasRefused = false

        static func + (one: Count, other: Count) -> Count {
            Count(
                answers: one.answers.merging(other.answers, uniquingKeysWith: +),
                losses: one.losses + other.losses,
                wasRefused: one.wasRefused && other.wasRefused
            )
        }
    }

    private let port: UInt16
    private let request: [UInt8]
    private let state = Mutex((isOver: false, count: Count?.none, answered: 0))

    /// - Parameter head: request line and fields, without the empty line behind them.
    init(port: Int, head: [String]) {
        self.port = UInt16(port)
        request = Array((head + ["Host: 127.0.0.1", "Content-Length: 0", "", ""]).joined(separator: "\r\n").utf8)
        Thread.detachNewThread { self.call() }
    }

    /// How many answers came so far.
    var answered: Int { state.withLock(\.answered) }

    /// It begins with nothing new.
    func end() { state.withLock { $0.isOver = true } }

    /// Suspends until it is done: told to end, or refused a connection.
    func count() async throws -> Count {
        while true {
            if let count = state.withLock(\.count) { return count }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func call() {
        var count = Count()
        var connection: Connection?
        while !state.withLock(\.isOver) {
            if connection == nil { connection = Connection(port: port) }
            guard let current = connection else {
                count.wasRefused = true
                break
            }
            guard current.send(request) else {
                // Closed before it was used: nothing of the request was taken.
                connection = nil
                continue
            }
            guard let answer = current.answer() else {
                count.losses.append(current.course)
                connection = nil
                continue
            }
            count.answers[answer.status, default: 0] += 1
            state.withLock { $0.answered += 1 }
            if answer.isLast { connection = nil }
        }
        state.withLock { [count] in $0.count = count }
    }
}

/// A connection that goes with its last reference.
final class Connection {
    private let descriptor: Int32
    private var unread: [UInt8] = []
    private let opened = ContinuousClock.now
    private var sent: [ContinuousClock.Instant] = []
    /// How it ended.
    private var end = "open"

    /// What happened on it, for somebody who wonders why it ended.
    var course: String {
        let now = ContinuousClock.now
        let moments = sent.map { "request \(sent.count) after \($0 - opened)" }.last ?? "no request"
        return "\(end) \(now - opened) after it was opened, \(moments)"
    }

    /// - Returns: nil where nobody listens.
    init?(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code != 0 { return nil }
    }

    deinit { close(descriptor) }

    /// - Returns: false where the far side has closed the connection already.
    func send(_ bytes: [UInt8]) -> Bool {
        var byte: UInt8 = 0
        let isClosed = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 0
        sent.append(.now)
        return !isClosed && Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// The next answer; nil at the connection's end.
    func answer() -> (status: Int, isLast: Bool)? {
        while true {
            let text = String(decoding: unread, as: UTF8.self)
            if let head = text.range(of: "\r\n\r\n") {
                let lines = text[..<head.lowerBound].lowercased().components(separatedBy: "\r\n")
                let length = lines.firstMatch(of: "content-length").flatMap { Int($0) } ?? 0
                let whole = text[..<head.upperBound].utf8.count + length
                if unread.count >= whole {
                    unread.removeFirst(whole)
                    let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
                    return (status, lines.firstMatch(of: "connection") == "close")
                }
            }
            var buffer = [UInt8](repeating: 0, count: 16 << 10)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                end = count == 0 ? "closed" : String(cString: strerror(errno))
                return nil
            }
            unread += buffer[..<count]
        }
    }
}

extension [String] {
    /// The value of a field, in lower case.
    fileprivate func firstMatch(of name: String) -> String? {
        first { $0.hasPrefix(name + ":") }?.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
    }
}
