/// The ledger's tables, in a schema of their own: a role needs no more than to own it, or to be allowed to create it.
///
/// Migrations only go forward, and replicas of the version before go on working beside a newer one: a migration adds what has a
/// default, and takes nothing away that the version before reads or writes.
enum Schema {
    static let name = "enrollment_gateway"
    /// Of the tables as this version of the gateway knows them.
    static var version: Int { migrations.count }

    /// The statements of each step. What is here was run somewhere: it is not changed, only added to.
    static let migrations: [[String]] = [
        [records, byProfile, certain, sent, byAge, keys, keysByAge, turns, buckets, probes]
    ]

    /// Written for people, too: times are times, and the words are the gateway's own.
    private static let records = """
        CREATE TABLE enrollment_gateway.records (
            id uuid PRIMARY KEY,
            operation text NOT NULL,
            caller text NOT NULL,
            key_id text,
            profile_kind text NOT NULL,
            profile_id uuid NOT NULL,
            validity_seconds bigint,
            request_id text NOT NULL,
            key_digest bytea,
            fingerprint bytea NOT NULL,
            instance uuid NOT NULL,
            state text NOT NULL,
            accepted_at timestamptz NOT NULL,
            sent_at timestamptz,
            decided_at timestamptz,
            work_ends timestamptz,
            send_earliest timestamptz,
            send_latest timestamptz,
            send_is_graphs_time boolean,
            before text,
            before_created_at timestamptz,
            before_expires_from timestamptz,
            before_expires_to timestamptz,
            code text,
            graph_request_ids text[] NOT NULL DEFAULT '{}',
            graph_request_id text,
            graph_activity_id text,
            graph_code text,
            token_created_at timestamptz,
            token_expires_at timestamptz,
            evidence text
        )
        """
    private static let byProfile = """
        CREATE INDEX records_by_profile ON enrollment_gateway.records (profile_kind, profile_id, sent_at)
            WHERE sent_at IS NOT NULL
        """
    private static let certain = """
        CREATE INDEX records_certain ON enrollment_gateway.records (profile_kind, profile_id, state, sent_at)
            WHERE state IN ('created', 'revoked') AND sent_at IS NOT NULL
        """
    private static let sent = """
        CREATE INDEX records_sent ON enrollment_gateway.records (work_ends) WHERE state = 'sent'
        """
    private static let byAge = "CREATE INDEX records_by_age ON enrollment_gateway.records (accepted_at)"

    /// `claimed_until` is `NULL` once the request was sent or decided: then the key is taken until it expires.
    private static let keys = """
        CREATE TABLE enrollment_gateway.keys (
            caller text NOT NULL,
            digest bytea NOT NULL,
            fingerprint bytea NOT NULL,
            record uuid NOT NULL,
            claimed_until timestamptz,
            expires_at timestamptz NOT NULL,
            PRIMARY KEY (caller, digest)
        )
        """
    private static let keysByAge = "CREATE INDEX keys_by_age ON enrollment_gateway.keys (expires_at)"

    /// One row for each profile that had a turn in the last days. Changed in place, without a change of an index.
    private static let turns = """
        CREATE TABLE enrollment_gateway.turns (
            profile_kind text NOT NULL,
            profile_id uuid NOT NULL,
            holder uuid NOT NULL,
            is_held boolean NOT NULL,
            ends timestamptz NOT NULL,
            was_others boolean NOT NULL,
            PRIMARY KEY (profile_kind, profile_id)
        ) WITH (fillfactor = 50)
        """

    /// A bucket is full at `full_at` if nobody takes a place meanwhile; the rest says what came of the last question.
    private static let buckets = """
        CREATE TABLE enrollment_gateway.buckets (
            name text PRIMARY KEY,
            full_at timestamptz NOT NULL,
            closed_until timestamptz NOT NULL,
            asked_at timestamptz NOT NULL,
            place_at timestamptz NOT NULL,
            is_taken boolean NOT NULL
        ) WITH (fillfactor = 50)
        """
    private static let probes = """
        CREATE TABLE enrollment_gateway.probes (id integer PRIMARY KEY, probed_at timestamptz NOT NULL)
            WITH (fillfactor = 50)
        """
}
