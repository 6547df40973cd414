/// What reads records, and what deletes them.
extension Statement {
    static let quick = [
        claim, holder, release, record, orphans, writes, takeTurn, turn, endTurn, takePlace, closeBucket,
    ]

    /// id → the record.
    static let record = Statement(
        "record",
        [.uuid],
        "SELECT \(Columns.read) FROM enrollment_gateway.records AS r WHERE r.id = $1"
    )

    /// limit → records.
    static let orphans = Statement(
        "orphans",
        [.integer],
        """
        SELECT \(Columns.read) FROM enrollment_gateway.records AS r
        WHERE r.state = 'sent' AND r.work_ends < statement_timestamp()
        ORDER BY r.sent_at, r.id LIMIT $1
        """
    )

    /// kind, profile, span → records, how many microseconds ago each was sent, and decided.
    static let writes = Statement(
        "writes",
        [.text, .uuid, .interval],
        """
        SELECT \(Columns.read),
            (extract(epoch FROM statement_timestamp() - r.sent_at) * 1000000)::bigint,
            (extract(epoch FROM statement_timestamp() - r.decided_at) * 1000000)::bigint
        FROM enrollment_gateway.records AS r
        WHERE r.id IN (
            (SELECT w.id FROM enrollment_gateway.records AS w
            WHERE w.profile_kind = $1 AND w.profile_id = $2 AND w.sent_at >= statement_timestamp() - $3
            ORDER BY w.sent_at DESC LIMIT 64)
            UNION ALL
            (\(lastCertain("created")))
            UNION ALL
            (\(lastCertain("revoked")))
        )
        ORDER BY r.sent_at, r.id
        """
    )

    private static func lastCertain(_ state: String) -> String {
        """
        SELECT c.id FROM enrollment_gateway.records AS c
        WHERE c.profile_kind = $1 AND c.profile_id = $2 AND c.state = '\(state)' AND c.sent_at IS NOT NULL
        ORDER BY c.sent_at DESC LIMIT 1
        """
    }

    /// after, caller, profile, kind, since, state, other state, operation, limit → records. Not prepared: the best plan depends on
    /// which of them are there.
    static let records = Statement(
        "records",
        [.uuid, .text, .uuid, .text, .time, .text, .text, .text, .integer],
        """
        SELECT \(Columns.read) FROM enrollment_gateway.records AS r
        WHERE \(isWanted) ORDER BY r.id LIMIT $9
        """
    )

    /// The same, with how many to pass over from the newest on in the place of the limit → the id of the next one.
    static let position = Statement(
        "position",
        [.uuid, .text, .uuid, .text, .time, .text, .text, .text, .integer],
        "SELECT r.id FROM enrollment_gateway.records AS r WHERE \(isWanted) ORDER BY r.id DESC LIMIT 1 OFFSET $9"
    )

    private static let isWanted = """
        ($1 IS NULL OR r.id > $1) AND ($2 IS NULL OR r.caller = $2) AND ($3 IS NULL OR r.profile_id = $3)
            AND ($4 IS NULL OR r.profile_kind = $4) AND ($5 IS NULL OR r.accepted_at >= $5)
            AND ($6 IS NULL OR r.state IN ($6, $7)) AND ($8 IS NULL OR r.operation = $8)
        """

    /// age, limit → how many records. A key goes when its life is over, or with its record.
    static let prune = Statement(
        "prune",
        [.interval, .integer],
        """
        WITH old AS (
            DELETE FROM enrollment_gateway.records WHERE id = ANY (ARRAY(
                SELECT id FROM enrollment_gateway.records WHERE accepted_at < statement_timestamp() - $1
                ORDER BY accepted_at LIMIT $2 FOR UPDATE SKIP LOCKED
            ))
            RETURNING id, caller, key_digest
        ), orphaned AS (
            DELETE FROM enrollment_gateway.keys AS k USING old
            WHERE k.caller = old.caller AND k.digest = old.key_digest AND k.record = old.id
        )
        SELECT count(*) FROM old
        """
    )

    /// limit → how many keys.
    static let pruneKeys = Statement(
        "prune-keys",
        [.integer],
        """
        WITH old AS (
            DELETE FROM enrollment_gateway.keys WHERE (caller, digest) IN (
                SELECT k.caller, k.digest FROM enrollment_gateway.keys AS k
                WHERE k.expires_at <= statement_timestamp() AND \(isFree)
                ORDER BY k.expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
            )
            RETURNING true
        )
        SELECT count(*) FROM old
        """
    )

    /// age, limit.
    static let pruneTurns = Statement(
        "prune-turns",
        [.interval, .integer],
        """
        DELETE FROM enrollment_gateway.turns WHERE (profile_kind, profile_id) IN (
            SELECT profile_kind, profile_id FROM enrollment_gateway.turns WHERE ends < statement_timestamp() - $1
            LIMIT $2 FOR UPDATE SKIP LOCKED
        )
        """
    )
}
