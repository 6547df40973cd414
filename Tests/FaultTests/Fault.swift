import TestUpstream
import Testing

/// One thing that goes wrong with a `createToken`: what Graph's side does, and what the design makes of it.
///
/// Each fault is a value in one of the lists, and a row of the table for each version of HTTP and each connection.
struct Fault: Sendable {
    typealias Version = WireConnection.Version

    enum Connection: String, Sendable, CaseIterable {
        /// `createToken` is the first request on it.
        case fresh
        /// The profile was read on it before.
        case reused
    }

    /// When the fault happens.
    enum Moment: Sendable {
        /// The connection is up, TLS included, and nothing was read from it. Only the first one meets it.
        case connected
        /// The head of `createToken` is here; its body was not looked at.
        case head
        /// All of it is here.
        case whole
    }

    /// Whether Graph creates a token, fault or not.
    enum Effect: Sendable {
        /// It cannot have: it had not read the request, or its answer says that it did not.
        case none
        /// It did.
        case certain
        /// Both are possible, and both are tried.
        case possible
    }

    /// As the table has it: what Graph's side does.
    var name: String
    /// Empty for what happens before there is any HTTP.
    var versions: [Version] = [.http1, .http2]
    var connections = Connection.allCases
    var moment = Moment.whole
    var effect = Effect.possible
    /// Only the first `createToken`, or the first connection for one, meets it.
    var isPassing = false
    /// All upstream work of the request: short where nothing but its end ends the fault.
    var deadline = Duration.seconds(60)
    var connectTimeout = Duration.seconds(15)
    /// What the resolver does with the name that Graph is looked for under; without it that is a loopback address.
    var resolver: FaultyResolver.Manner?
    /// What a new connection for `createToken` meets before HTTP, in place of the right certificate.
    var entrance: (@Sendable (Certificates) throws -> Entrance)?
    /// What becomes of the port before `createToken` is sent.
    var port = SilentPort.Manner?.none
    /// The server's first frame on HTTP/2.
    var settings = HTTP2Frame.settings
    /// Happens on the connection of the read before, when that is over, and before `createToken` is sent.
    var whileIdle: (@Sendable (Exchange) -> Void)?
    /// That ends the connection.
    var endsIdle = false
    var expected: Expectation
    /// What happens at its moment.
    var happens: @Sendable (Exchange) -> Void = { _ in }

    /// Short enough for a test, and long enough that the part kept for reading back is of use.
    static let shortDeadline = Duration.seconds(30)
}

/// Faults of one kind, as a section of the document.
struct FaultSection: Sendable {
    var title: String
    /// What an operator should know of them.
    var text: String
    var faults: [Fault]

    static let all: [FaultSection] = [connecting, sending, answering, http2]
}

/// One row of the table.
struct FaultRow: Sendable, CustomTestStringConvertible {
    var fault: Fault
    /// None before there is any HTTP.
    var version: Fault.Version?
    var connection: Fault.Connection

    var expected: Expectation { fault.expected }
    var versionName: String { version.map { $0 == .http1 ? "HTTP/1.1" : "HTTP/2" } ?? "–" }
    var connectionName: String { version == nil ? "–" : connection.rawValue }
    var testDescription: String { "\(fault.name): \(versionName), \(connectionName)" }

    static let all: [FaultRow] = FaultSection.all.flatMap { $0.faults.flatMap(\.rows) }
}

extension Fault {
    var rows: [FaultRow] {
        guard !versions.isEmpty else { return [FaultRow(fault: self, version: nil, connection: .fresh)] }
        return versions.flatMap { version in
            connections.map { FaultRow(fault: self, version: version, connection: $0) }
        }
    }
}
