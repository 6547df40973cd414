import Activity
import Console
import CurlTransport
import Entra
import GatewayAPI
import Graph
import KeyRing
import Ledger
import Transport

/// What the console shows of the parts behind the servers; these add what they know themselves.
struct ConsoleSources: Sendable {
    let startedAt: Timestamp
    let transport: CurlTransport
    /// So many requests to Microsoft may be under way.
    let upstreamLimit: Int
    let credential: CredentialInUse
    let cache: TokenCache
    let keys: LiveKeyRing
    let ledger: Ledger?
    let tokens: EnrollmentTokens
    /// `nil` where callers do not speak TLS.
    let certificate: LiveCallerCertificate?

    func read() -> ConsoleReading {
        let backlog = tokens.backlog
        let closedFor = backlog.pacing.closedFor
        return ConsoleReading(
            now: .now,
            startedAt: startedAt,
            version: GatewayVersion.text,
            checks: [],
            accessToken: cache.health,
            credential: credential.facts,
            callerCertificate: certificate?.expiry,
            keyRing: keys.facts,
            gauges: gauges(backlog),
            pacingClosedFor: closedFor > .zero ? closedFor : nil,
            sharesPacing: backlog.sharesLimit,
            history: .init()
        )
    }

    private func gauges(_ backlog: GraphBacklog) -> [ConsoleReading.Gauge] {
        var gauges: [ConsoleReading.Gauge] = [
            .init(.upstream, Double(transport.unfinishedCount), of: Double(upstreamLimit))
        ]
        if let limit = backlog.pacing.limit, let available = backlog.pacing.available {
            gauges.append(.init(.pacing, Double(available), of: Double(limit)))
        }
        gauges.append(.init(.waitingForPacing, Double(backlog.waitingForPermit)))
        gauges.append(.init(.waitingForTurn, Double(backlog.waitingForTurn)))
        if let health = ledger?.health {
            gauges.append(.init(.ledgerBacklog, Double(health.unwritten)))
            gauges.append(.init(.unsettled, Double(health.unsettled)))
        }
        return gauges
    }
}
