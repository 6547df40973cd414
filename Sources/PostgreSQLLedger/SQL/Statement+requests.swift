/// On a request's way. Each is one transaction by itself or with others, and can be run twice.
extension Statement {
    static let durable = [begin, settle, probe]

    /// What makes the key `k` anybody's: the work of a claim is over and its request was not sent; or the key's life is over, and
    /// its request is not one of which it is still to be found out what came of it.
    static let isFree = """
        (CASE WHEN k.claimed_until IS NOT NULL THEN k.claimed_until <= clock_timestamp()
        ELSE k.expires_at <= clock_timestamp() AND NOT EXISTS (
            SELECT FROM enrollment_gateway.records AS s WHERE s.id = k.record AND s.state = 'sent'
        ) END)
        """

    /// caller, digest, fingerprint, record, work, lifetime → a row if it was claimed.
    static let claim = Statement(
        "claim",
        [.text, .bytes, .bytes, .uuid, .interval, .interval],
        """
        INSERT INTO enrollment_gateway.keys AS k (caller, digest, fingerprint, record, claimed_until, expires_at)
        VALUES ($1, $2, $3, $4, clock_timestamp() + $5, clock_timestamp() + $6)
        ON CONFLICT (caller, digest) DO UPDATE SET
            fingerprint = EXCLUDED.fingerprint, record = EXCLUDED.record,
            claimed_until = clock_timestamp() + $5, expires_at = clock_timestamp() + $6
        WHERE \(isFree) OR k.record = EXCLUDED.record AND k.claimed_until IS NOT NULL
        RETURNING true
        """
    )

    /// caller, digest → the fingerprint, and the record if there is one.
    static let holder = Statement(
        "holder",
        [.text, .bytes],
        """
        SELECT k.fingerprint, r.id IS NOT NULL, \(Columns.read)
        FROM enrollment_gateway.keys AS k LEFT JOIN enrollment_gateway.records AS r ON r.id = k.record
        WHERE k.caller = $1 AND k.digest = $2 AND NOT \(isFree)
        """
    )

    /// caller, digest, record.
    static let release = Statement(
        "release",
        [.text, .bytes, .uuid],
        """
        DELETE FROM enrollment_gateway.keys
        WHERE caller = $1 AND digest = $2 AND record = $3 AND claimed_until IS NOT NULL
        """
    )

    /// The columns, how long ago it was accepted, work → whether the key was another's, whether the record was written.
    ///
    /// One that comes late, after its request was settled, must not take a key again that was given back.
    static let begin = Statement(
        "begin",
        Columns.types + [.interval, .interval],
        """
        WITH settled AS (
            SELECT FROM enrollment_gateway.records WHERE id = $1 AND state NOT IN ('accepted', 'sent')
        ), key AS (
            INSERT INTO enrollment_gateway.keys AS k (caller, digest, fingerprint, record, claimed_until, expires_at)
            SELECT $3, $9, $10, $1, NULL, clock_timestamp() + $29
            WHERE $9 IS NOT NULL AND NOT EXISTS (SELECT FROM settled)
            ON CONFLICT (caller, digest) DO UPDATE SET
                fingerprint = EXCLUDED.fingerprint, record = EXCLUDED.record, claimed_until = NULL,
                expires_at = greatest(k.expires_at, EXCLUDED.expires_at)
            WHERE k.record = EXCLUDED.record OR \(isFree)
            RETURNING true
        ), written AS (
            INSERT INTO enrollment_gateway.records AS r (\(Columns.names), accepted_at, sent_at, work_ends)
            SELECT \(Columns.parameters), statement_timestamp() - $28, statement_timestamp(), statement_timestamp() + $29
            WHERE $9 IS NULL OR EXISTS (SELECT FROM key)
            ON CONFLICT (id) DO UPDATE SET
                state = EXCLUDED.state, sent_at = EXCLUDED.sent_at, work_ends = EXCLUDED.work_ends,
                send_earliest = EXCLUDED.send_earliest, send_latest = EXCLUDED.send_latest,
                send_is_graphs_time = EXCLUDED.send_is_graphs_time, before = EXCLUDED.before,
                before_created_at = EXCLUDED.before_created_at, before_expires_from = EXCLUDED.before_expires_from,
                before_expires_to = EXCLUDED.before_expires_to
            WHERE r.state IN ('accepted', 'sent')
            RETURNING true
        )
        SELECT $9 IS NOT NULL AND NOT EXISTS (SELECT FROM key) AND NOT EXISTS (SELECT FROM settled),
            EXISTS (SELECT FROM written)
        """
    )

    /// The columns, how long ago it was accepted, whether that is known, for how long the key is kept (`NULL`: it is released) → whether
    /// it was written.
    ///
    /// What is certainly created or revoked was sent, even if its `sent` was lost with a server: then it counts from its acceptance.
    static let settle = Statement(
        "settle",
        Columns.types + [.interval, .bool, .interval],
        """
        WITH written AS (
            INSERT INTO enrollment_gateway.records AS r (\(Columns.names), accepted_at, sent_at, decided_at)
            VALUES (
                \(Columns.parameters), statement_timestamp() - $28,
                CASE WHEN $12 IN ('created', 'revoked') AND $13 IS NOT NULL THEN statement_timestamp() - $28 END,
                CASE WHEN $29 THEN statement_timestamp() END
            )
            ON CONFLICT (id) DO UPDATE SET
                state = EXCLUDED.state, decided_at = EXCLUDED.decided_at, code = EXCLUDED.code,
                graph_request_ids = EXCLUDED.graph_request_ids, graph_request_id = EXCLUDED.graph_request_id,
                graph_activity_id = EXCLUDED.graph_activity_id, graph_code = EXCLUDED.graph_code,
                token_created_at = EXCLUDED.token_created_at, token_expires_at = EXCLUDED.token_expires_at,
                evidence = EXCLUDED.evidence
            WHERE r.state IN ('accepted', 'sent', 'unknown')
            RETURNING true
        ), kept AS (
            INSERT INTO enrollment_gateway.keys AS k (caller, digest, fingerprint, record, claimed_until, expires_at)
            SELECT $3, $9, $10, $1, NULL, clock_timestamp() + $30 FROM written
            WHERE $9 IS NOT NULL AND $30 IS NOT NULL
            ON CONFLICT (caller, digest) DO UPDATE SET
                fingerprint = EXCLUDED.fingerprint, record = EXCLUDED.record, claimed_until = NULL,
                expires_at = EXCLUDED.expires_at
            WHERE k.record = EXCLUDED.record OR \(isFree)
        ), released AS (
            DELETE FROM enrollment_gateway.keys
            WHERE caller = $3 AND digest = $9 AND record = $1 AND $30 IS NULL AND EXISTS (SELECT FROM written)
        )
        SELECT EXISTS (SELECT FROM written)
        """
    )

    /// One row that is written again and again.
    static let probe = Statement(
        "probe",
        [],
        """
        INSERT INTO enrollment_gateway.probes (id, probed_at) VALUES (1, clock_timestamp())
        ON CONFLICT (id) DO UPDATE SET probed_at = EXCLUDED.probed_at
        """
    )
}
