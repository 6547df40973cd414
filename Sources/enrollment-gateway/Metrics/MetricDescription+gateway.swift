import Telemetry

extension MetricDescription {
    /// Everything that this service measures, in the order of docs/metrics.md, which is made of it.
    static let gateway: [MetricDescription] = requests + upstream + credentials + ledger + health + process

    private static let requests: [MetricDescription] = [
        .init(
            "http.server.request.duration",
            .histogram,
            unit: "seconds",
            "Callers' requests, from their head to their answer. The route is none for a path that is none; the caller is empty before the key is known."
        ),
        .init("http.server.active_requests", .gauge, "Callers' requests that are being answered."),
        .init("gateway.connections", .gauge, "Callers' connections."),
        .init(
            "gateway.connections.refused",
            .counter,
            "Callers' connections that were not taken, and why. With connection-limit they wait until another one ends."
        ),
        .init(
            "gateway.caller_certificate.expiry",
            .gauge,
            unit: "seconds",
            "How long the certificate that callers see still lives, where they speak TLS."
        ),
        .init("gateway.problems", .counter, "Answers that were problem documents, by their code."),
        .init(
            "gateway.outcomes",
            .counter,
            "What came of creations and revocations, by what their callers were told. Repetitions are not counted again."
        ),
    ]

    private static let upstream: [MetricDescription] = [
        .init(
            "gateway.upstream.request.duration",
            .histogram,
            unit: "seconds",
            "Requests to Graph and Entra, each attempt by itself. The status is that of the answer, or the kind of error where none came; of an access token it is 200 or why there is none."
        ),
        .init(
            "gateway.upstream.active_requests",
            .gauge,
            "Requests to Graph and Entra that are under way or wait for a connection."
        ),
        .init("gateway.retries", .counter, "Requests that were sent to Graph once more, and why."),
        .init(
            "gateway.read_backs",
            .counter,
            "How often it was read back what a write without a useful answer has done, and what that showed."
        ),
        .init(
            "gateway.wait.duration",
            .histogram,
            unit: "seconds",
            "How long was waited: by writes for their profile's turn (turn) and for a permit (pacing), where they got it; by writes and reads for an access token (access-token), whether they got it or not, and before Graph was asked once more (pause)."
        ),
        .init("gateway.waiting", .gauge, "Writes that wait for their profile's turn or for a permit."),
        .init("gateway.pacing.limit", .gauge, "Writes that may leave at once: a portion of GRAPH_WRITE_LIMIT."),
        .init("gateway.pacing.available", .gauge, "Writes that could leave now."),
        .init(
            "gateway.pacing.closed",
            .gauge,
            unit: "seconds",
            "How much longer Graph has asked for quiet; 0 when it has not."
        ),
    ]

    private static let credentials: [MetricDescription] = [
        .init("gateway.access_token.age", .gauge, unit: "seconds", "How long ago the access token was fetched."),
        .init(
            "gateway.access_token.expiry",
            .gauge,
            unit: "seconds",
            "How long the access token still lives; below zero once it has ended."
        ),
        .init(
            "gateway.credential.expiry",
            .gauge,
            unit: "seconds",
            "How long the certificate or the client secret still lives, where its end is known."
        ),
        .init(
            "gateway.key_ring.generation",
            .gauge,
            "Counts the contents of the key ring that were put in force, from 1."
        ),
        .init("gateway.key_ring.keys", .gauge, "Keys of the key ring, by their state."),
        .init("gateway.key_ring.keys_ending_soon", .gauge, "Live keys that end within 14 days."),
        .init("gateway.key_ring.reload_failed", .gauge, "1 while the key ring's file, as it is now, cannot be used."),
    ]

    private static let ledger: [MetricDescription] = [
        .init(
            "gateway.ledger.write.duration",
            .histogram,
            unit: "seconds",
            "How long requests waited for the ledger: for taking an Idempotency-Key (claim), before the send (begin) and after it (settle)."
        ),
        .init("gateway.ledger.failures", .counter, "Writes and looks that the ledger's store has failed."),
        .init("gateway.ledger.backlog", .gauge, "Outcomes that could not be written yet."),
        .init(
            "gateway.ledger.unsettled",
            .gauge,
            "Records whose outcome is not known yet and that nobody is at work on, as far as the last look went."
        ),
        .init("gateway.audit_log.missing", .gauge, "Records that could not be written to the audit log."),
    ]

    private static let health: [MetricDescription] = [
        .init("gateway.ready", .gauge, "1 while /readyz answers 200."),
        .init(
            "gateway.readiness_check",
            .gauge,
            "1 while this check of /readyz is ready, 0.5 while it is degraded, 0 while it is not."
        ),
        .init(
            "gateway.spans",
            .counter,
            "Spans of traces: taken by the collector (exported), without a place in the queue (dropped), or given up because the collector did not take them (failed). Where traces are exported."
        ),
        .init("gateway.build_info", .gauge, "Always 1: the versions of this program and of libcurl."),
        .init(
            "metrics.dropped_series",
            .counter,
            "What was measured nowhere, because a metric would have had too many series."
        ),
    ]

    /// The names that Prometheus' own clients use.
    private static let process: [MetricDescription] = [
        .init("process.cpu", .counter, unit: "seconds", "User's and system's time."),
        .init("process.resident_memory", .gauge, unit: "bytes", "Memory in use."),
        .init("process.virtual_memory", .gauge, unit: "bytes", "Address space in use."),
        .init("process.open_fds", .gauge, "Open file descriptors."),
        .init("process.max_fds", .gauge, "The limit of open file descriptors."),
        .init("process.threads", .gauge, "Threads."),
        .init("process.start_time", .gauge, unit: "seconds", "When it was started, in seconds since 1970."),
    ]
}
