import TestUpstream

extension FaultSection {
    /// The connection ends, and there was no answer.
    static let sending = FaultSection(
        title: "Sending",
        text: """
            Once the first byte may have left, an end without an answer proves nothing: Graph may have acted or not, and both are
            shown. The profile is read back, and the request is never sent again.
            """,
        faults: [
            .unread("ends the connection as soon as it is up", at: .connected, .goodbye),
            .unread("resets the connection as soon as it is up", at: .connected, .reset),
            .unread("ends the connection after the request's head", at: .head, .goodbye),
            .unread("resets the connection after the request's head", at: .head, .reset),
            .read("ends the connection after the whole request", .goodbye),
            .read("ends TCP alone after the whole request", .drop),
            .read("resets the connection after the whole request", .reset),
            Fault(
                name: "reads the whole request and never answers",
                deadline: Fault.shortDeadline,
                expected: .timedOut()
            ),
            Fault(
                name: "reads the whole request, and falls silent on that connection",
                deadline: Fault.shortDeadline,
                expected: .timedOut(),
                happens: { $0.connection.fallSilent() }
            ),
            .idle("ended the connection in order while it was idle", .goodbye),
            .idle("ended TCP alone while the connection was idle", .drop),
            .idle("reset the connection while it was idle", .reset),
            .withoutGoAway("ended the connection while it was idle, without GOAWAY"),
        ]
    )
}

extension Fault {
    fileprivate static func unread(_ name: String, at moment: Moment, _ death: Death) -> Fault {
        Fault(
            name: name,
            connections: moment == .connected ? [.fresh] : Connection.allCases,
            moment: moment,
            effect: .none,
            expected: .unread("connection-lost", seen: moment == .connected ? "0" : "1 begun"),
            happens: { exchange in
                exchange.connection.fallSilent()
                // Late enough that the request has left.
                exchange.later { $0.end(death) }
            }
        )
    }

    fileprivate static func read(_ name: String, _ death: Death) -> Fault {
        Fault(name: name, expected: .unknown("connection-lost"), happens: { $0.end(death) })
    }

    fileprivate static func idle(_ name: String, _ death: Death, versions: [Version] = [.http1, .http2]) -> Fault {
        Fault(
            name: name,
            versions: versions,
            connections: [.reused],
            effect: .certain,
            whileIdle: { exchange in
                if death == .goodbye, exchange.version == .http2 { exchange.frames(.goAway(last: exchange.stream)) }
                exchange.end(death)
            },
            endsIdle: true,
            expected: .created
        )
    }

    /// libcurl 7.88 takes a connection that TLS has ended for one that lives.
    fileprivate static func withoutGoAway(_ name: String) -> Fault {
        Fault(
            name: name,
            versions: [.http2],
            connections: [.reused],
            effect: .certain,
            whileIdle: { $0.end(.goodbye) },
            endsIdle: true,
            expected: .created
        )
    }
}
