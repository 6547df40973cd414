import Activity
import Console

/// What the console is told: by the other parts, and by the servers themselves.
struct ConsoleSource: Sendable {
    let others: @Sendable () -> ConsoleReading
    let checks: [any ReadinessCheck]
    let admission: Admission
    let connections: CallerConnections
    let limits: EdgeLimits
    let history: RequestHistory

    var pages: ConsolePages {
        ConsolePages(read: read) { [history] in history.request($0) }
    }

    private func read() async -> ConsoleReading {
        var reading = others()
        for check in checks { reading.checks.append(.init(check.name, await check.finding())) }
        reading.gauges =
            [
                .init(.inFlight, Double(admission.inFlight), of: Double(limits.maximumInFlight)),
                .init(.connections, Double(connections.count), of: Double(limits.maximumConnections)),
            ] + reading.gauges
        reading.history = history.reading(at: reading.now)
        return reading
    }
}

extension ConsoleReading.Check {
    fileprivate init(_ name: String, _ finding: ReadinessFinding) {
        let status: Status =
            switch finding.status {
            case .ready: .ready
            case .degraded: .degraded
            case .notReady: .notReady
            }
        self.init(name: name, status: status, detail: finding.detail, message: finding.message)
    }
}
