import HTTPTypes
import NIOCore
import NIOPosix

@testable import Sandbox

/// One request over one connection, byte by byte, and all that came back: what an HTTP library would hide, tests want to see.
struct HTTPConversation: Sendable {
    /// How the server ended it.
    enum Ending: Equatable { case closed, reset }

    let bytes: ByteBuffer
    let ending: Ending

    var text: String { String(buffer: bytes) }

    /// nil when not even a status line came.
    var status: Int? {
        let line = text.prefix { $0 != "\r\n" }.split(separator: " ")
        return line.count > 1 && line[0] == "HTTP/1.1" ? Int(line[1]) : nil
    }

    /// The field's value, or nil.
    func field(_ name: String) -> String? {
        for line in head.split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts[0].lowercased() == name.lowercased(), parts.count == 2 {
                return String(parts[1].drop { $0 == " " })
            }
        }
        return nil
    }

    var body: String {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return "" }
        return String(text[end.upperBound...])
    }

    var json: JSONValue { JSONValue(parsing: ByteBuffer(string: body)) ?? .null }

    private var head: Substring { text.firstRange(of: "\r\n\r\n").map { text[..<$0.lowerBound] } ?? text[...] }

    /// Sends `request` to the address and reads until the server ends the connection.
    static func hold(_ request: String, with address: SandboxAddress) async throws -> HTTPConversation {
        let channel = try await connect(address)
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var bytes = ByteBuffer()
            do {
                for try await chunk in inbound { bytes.writeImmutableBuffer(chunk) }
                return HTTPConversation(bytes: bytes, ending: .closed)
            } catch let error as IOError where error.errnoCode == ECONNRESET {
                return HTTPConversation(bytes: bytes, ending: .reset)
            }
        }
    }

    /// Sends `request`, waits until `condition` holds, and leaves without having read an answer.
    static func leave(
        _ request: String,
        with address: SandboxAddress,
        when condition: () async throws -> Void
    ) async throws {
        let channel = try await connect(address)
        try await channel.executeThenClose { _, outbound in
            try await outbound.write(ByteBuffer(string: request))
            try await condition()
        }
    }

    private static func connect(_ address: SandboxAddress) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
            }
    }
}
