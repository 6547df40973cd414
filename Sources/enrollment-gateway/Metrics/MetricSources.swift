import CurlTransport
import Entra
import GatewayAPI
import Graph
import KeyRing
import Ledger
import Telemetry
import Traces
import Transport

/// What is not measured as it happens but looked up when somebody asks.
struct MetricSources: Sendable {
    let transport: CurlTransport
    let credential: CredentialInUse
    let cache: TokenCache
    let keys: LiveKeyRing
    let ledger: Ledger?
    let tokens: EnrollmentTokens
    let applications: GatewayApplications
    /// `nil` where callers do not speak TLS.
    let certificate: LiveCallerCertificate?
    /// `nil` where no traces are exported.
    let spans: SpanQueue?

    func add(to registry: MetricsRegistry) {
        registry.onRead { reading in
            addProcess(&reading)
            addCallers(&reading)
            addUpstream(&reading)
            addCredential(&reading)
            addKeys(&reading)
            addLedger(&reading)
            addSpans(&reading)
            await addReadiness(&reading)
        }
    }

    private func addProcess(_ reading: inout MetricsReading) {
        let facts = ProcessFacts.read()
        reading.add("process.cpu", facts.cpuSeconds)
        reading.add("process.resident_memory", facts.residentBytes)
        reading.add("process.virtual_memory", facts.virtualBytes)
        reading.add("process.open_fds", facts.openDescriptors)
        reading.add("process.max_fds", facts.descriptorLimit)
        reading.add("process.threads", facts.threads)
        reading.add("process.start_time", facts.startTime)
        reading.add(
            "gateway.build_info",
            1,
            [("version", GatewayVersion.text), ("libcurl", CurlTransport.libraryVersion)]
        )
    }

    private func addCallers(_ reading: inout MetricsReading) {
        reading.add("http.server.active_requests", applications.admission.inFlight)
        reading.add("gateway.connections", applications.connections.count)
        let refused = applications.connections.refused
        for reason in ConnectionRefusal.allCases {
            reading.add("gateway.connections.refused", refused[reason] ?? 0, [("reason", reason.rawValue)])
        }
        reading.add("gateway.caller_certificate.expiry", certificate?.secondsLeft)
    }

    private func addUpstream(_ reading: inout MetricsReading) {
        let backlog = tokens.backlog
        reading.add("gateway.upstream.active_requests", transport.unfinishedCount)
        reading.add("gateway.waiting", backlog.waitingForTurn, [("step", "turn")])
        reading.add("gateway.waiting", backlog.waitingForPermit, [("step", "pacing")])
        reading.add("gateway.pacing.limit", backlog.pacing.limit)
        reading.add("gateway.pacing.available", backlog.pacing.available)
        reading.add("gateway.pacing.closed", backlog.pacing.closedFor.seconds)
    }

    private func addCredential(_ reading: inout MetricsReading) {
        let health = cache.health
        reading.add("gateway.access_token.age", health.age?.seconds)
        reading.add("gateway.access_token.expiry", health.expiresIn?.seconds)
        guard let expiry = credential.facts.expiry else { return }
        let left = expiry.endsAt.secondsSince1970 - Timestamp.now.secondsSince1970
        reading.add("gateway.credential.expiry", left, [("credential", credential.facts.kind.rawValue)])
    }

    private func addKeys(_ reading: inout MetricsReading) {
        let facts = keys.facts
        let now = Timestamp.now
        reading.add("gateway.key_ring.generation", facts.generation)
        for state in KeyEntry.State.allCases {
            reading.add("gateway.key_ring.keys", facts.count(state, at: now), [("state", state.rawValue)])
        }
        reading.add("gateway.key_ring.keys_ending_soon", facts.endingSoon(at: now).count)
        reading.add("gateway.key_ring.reload_failed", facts.fault == nil ? 0 : 1)
    }

    private func addLedger(_ reading: inout MetricsReading) {
        guard let health = ledger?.health else { return }
        reading.add("gateway.ledger.backlog", health.unwritten)
        reading.add("gateway.ledger.unsettled", health.unsettled)
        reading.add("gateway.audit_log.missing", health.auditDropped)
    }

    private func addSpans(_ reading: inout MetricsReading) {
        guard let counts = spans?.counts else { return }
        reading.add("gateway.spans", counts.exported, [("result", "exported")])
        reading.add("gateway.spans", counts.dropped, [("result", "dropped")])
        reading.add("gateway.spans", counts.failed, [("result", "failed")])
    }

    private func addReadiness(_ reading: inout MetricsReading) async {
        let findings = await applications.readiness()
        reading.add("gateway.ready", findings.contains { $0.status == .notReady } ? 0 : 1)
        for finding in findings {
            let value =
                switch finding.status {
                case .ready: 1.0
                case .degraded: 0.5
                case .notReady: 0.0
                }
            reading.add("gateway.readiness_check", value, [("check", finding.check)])
        }
    }
}

extension MetricsReading {
    fileprivate mutating func add(_ label: String, _ value: Int?, _ dimensions: [(String, String)] = []) {
        add(label, value.map { Double($0) }, dimensions)
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
