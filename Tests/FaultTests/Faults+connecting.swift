import NIOSSL
import TestUpstream

extension FaultSection {
    /// Before a request can be written.
    static let connecting = FaultSection(
        title: "Connecting",
        text: """
            Nothing of the request leaves before the connection is up and the server has shown a certificate that counts. So all of
            these prove that nothing was created, and the gateway tries again, twice at most. Addresses that were known are used on for
            ten minutes while looking their name up brings nothing.
            """,
        faults: [
            .name("has a name that does not exist", .knowsNothing),
            .name("has a name whose lookup hangs", .hangs),
            .nameLater("has a name that does not exist any more a moment later", .forgets),
            .nameLater("has a name whose lookup hangs a moment later", .hangsLater),
            Fault(
                name: "refuses the connection",
                versions: [],
                effect: .none,
                port: .refuses,
                expected: .notSent("connect-failed")
            ),
            // Thrice the time for a connection: the profile before has to have it, too.
            Fault(
                name: "never answers the connection",
                versions: [],
                effect: .none,
                connectTimeout: .seconds(5),
                port: .ignores,
                expected: .notSent("connect-failed")
            ),
            .entrance("ends the connection before TLS", .ends(.drop)),
            .entrance("ends the connection in the middle of the TLS handshake", .endsAtHello(.drop)),
            .entrance("resets the connection in the middle of the TLS handshake", .endsAtHello(.reset)),
            Fault(
                name: "never answers the TLS handshake",
                versions: [],
                effect: .none,
                connectTimeout: .seconds(5),
                entrance: { _ in .silent },
                expected: .notSent("connect-failed")
            ),
            .entrance("speaks HTTP without TLS", .says("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
            .entrance("speaks something else without TLS", .says("SSH-2.0-OpenSSH_9.2\r\n")),
            .certificate("has a certificate that is over", \.expired),
            .certificate("has a certificate for another name", \.otherName),
            .certificate("has a certificate of an unknown authority", \.unknownAuthority),
            .certificate("knows TLS 1.0 only", \.oldVersion),
            Fault(
                name: "ends the first connection before TLS; the next one is sound",
                versions: [],
                effect: .certain,
                isPassing: true,
                entrance: { _ in .ends(.drop) },
                expected: .secondTry(after: "not sent: tls-failed", seen: "1")
            ),
        ]
    )
}

extension Fault {
    fileprivate static func entrance(_ name: String, _ entrance: Entrance) -> Fault {
        Fault(
            name: name,
            versions: [],
            effect: .none,
            entrance: { _ in entrance },
            expected: .notSent("tls-failed")
        )
    }

    fileprivate static func certificate(
        _ name: String,
        _ context: @escaping @Sendable (Certificates) -> NIOSSLContext
    ) -> Fault {
        Fault(
            name: name,
            versions: [],
            effect: .none,
            entrance: { .tls(context($0)) },
            expected: .notSent("tls-failed")
        )
    }

    /// The name was never known: the profile cannot be read either, and nothing is sent.
    fileprivate static func name(_ name: String, _ resolver: FaultyResolver.Manner) -> Fault {
        Fault(
            name: name,
            versions: [],
            effect: .none,
            connectTimeout: .milliseconds(1500),
            resolver: resolver,
            expected: Expectation(
                outcome: "none: the profile could not be read before",
                seen: "0",
                ifNotCreated: Expectation.unreachable
            )
        )
    }

    /// The name was known when the profile was read: its addresses are used on.
    fileprivate static func nameLater(_ name: String, _ resolver: FaultyResolver.Manner) -> Fault {
        Fault(
            name: name,
            connections: [.fresh],
            effect: .certain,
            resolver: resolver,
            expected: .created,
            happens: { $0.answer(204) }
        )
    }
}
