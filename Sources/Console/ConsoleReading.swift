package import Activity
package import Entra
package import KeyRing
package import Transport

/// All that the console shows, at one moment.
package struct ConsoleReading: Sendable {
    /// How one check of readiness stands.
    package struct Check: Sendable, Equatable {
        package enum Status: String, Sendable {
            case ready
            case degraded
            case notReady = "not-ready"
        }

        package var name: String
        package var status: Status
        /// A code of ``Explanations``, of readiness or of the credential.
        package var detail: String?
        /// What is so, in an English sentence.
        package var message: String?

        package init(name: String, status: Status, detail: String? = nil, message: String? = nil) {
            self.name = name
            self.status = status
            self.detail = detail
            self.message = message
        }
    }

    /// Something that has a limit.
    package struct Gauge: Sendable, Equatable {
        package enum Kind: String, Sendable, CaseIterable {
            /// Requests that are being answered, of HTTP_MAX_IN_FLIGHT.
            case inFlight
            /// Callers' connections, of HTTP_MAX_CONNECTIONS.
            case connections
            /// Requests to Microsoft under way, of UPSTREAM_MAX_IN_FLIGHT.
            case upstream
            /// What may still be sent to Graph at once, of the limit of writes.
            case pacing
            /// Waiting for their profile's turn; no limit.
            case waitingForTurn
            /// Waiting for the pacing; no limit.
            case waitingForPacing
            /// Records that wait to be written; no limit.
            case ledgerBacklog
            /// Records whose outcome is being found out; no limit.
            case unsettled
        }

        package var kind: Kind
        package var value: Double
        package var limit: Double?

        package init(_ kind: Kind, _ value: Double, of limit: Double? = nil) {
            self.kind = kind
            self.value = value
            self.limit = limit
        }
    }

    package var now: Timestamp
    package var startedAt: Timestamp
    package var version: String
    package var checks: [Check]
    package var accessToken: TokenHealth
    package var credential: CredentialFacts
    /// Of the certificate that callers are shown.
    package var callerCertificate: CredentialExpiry?
    package var keyRing: KeyRingFacts
    package var gauges: [Gauge]
    /// Graph asked for a pause: so long nothing is sent.
    package var pacingClosedFor: Duration?
    /// Other gateways use the limit of writes up as well, and what they know of it is not in these gauges.
    package var sharesPacing: Bool
    package var history: RequestHistory.Reading

    package init(
        now: Timestamp,
        startedAt: Timestamp,
        version: String,
        checks: [Check],
        accessToken: TokenHealth,
        credential: CredentialFacts,
        callerCertificate: CredentialExpiry?,
        keyRing: KeyRingFacts,
        gauges: [Gauge],
        pacingClosedFor: Duration?,
        sharesPacing: Bool = false,
        history: RequestHistory.Reading
    ) {
        self.now = now
        self.startedAt = startedAt
        self.version = version
        self.checks = checks
        self.accessToken = accessToken
        self.credential = credential
        self.callerCertificate = callerCertificate
        self.keyRing = keyRing
        self.gauges = gauges
        self.pacingClosedFor = pacingClosedFor
        self.sharesPacing = sharesPacing
        self.history = history
    }
}
