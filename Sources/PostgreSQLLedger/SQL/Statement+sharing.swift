/// What gateways share. Each touches one row, so that none waits for another with a lock in its hand; all times are the server's,
/// read when the row is locked.
extension Statement {
    /// kind, profile, instance, work → a row with whether it was another's and when it ends, if it was free.
    ///
    /// A turn that this instance did not give back counts as another's: perhaps this is the second try of a statement that was done.
    static let takeTurn = Statement(
        "take-turn",
        [.text, .uuid, .uuid, .interval],
        """
        INSERT INTO enrollment_gateway.turns AS t (profile_kind, profile_id, holder, is_held, ends, was_others)
        VALUES ($1, $2, $3, true, clock_timestamp() + $4, true)
        ON CONFLICT (profile_kind, profile_id) DO UPDATE SET
            was_others = t.is_held OR t.holder <> EXCLUDED.holder,
            holder = EXCLUDED.holder, is_held = true, ends = clock_timestamp() + $4
        WHERE NOT t.is_held OR t.ends <= clock_timestamp() OR t.holder = EXCLUDED.holder
        RETURNING t.was_others, t.ends
        """
    )

    /// kind, profile → for how many microseconds it is held.
    static let turn = Statement(
        "turn",
        [.text, .uuid],
        """
        SELECT (extract(epoch FROM ends - clock_timestamp()) * 1000000)::bigint FROM enrollment_gateway.turns
        WHERE profile_kind = $1 AND profile_id = $2 AND is_held AND ends > clock_timestamp()
        """
    )

    /// kind, profile, instance, when it ends. By the last it ends no turn but the one that it was sent for, however late it arrives.
    static let endTurn = Statement(
        "end-turn",
        [.text, .uuid, .uuid, .time],
        """
        UPDATE enrollment_gateway.turns SET is_held = false, ends = clock_timestamp()
        WHERE profile_kind = $1 AND profile_id = $2 AND holder = $3 AND ends = $4 AND is_held
        """
    )

    /// bucket, the time of one place, the time of a burst less one place, patience → when it was asked, when the place is, whether
    /// it was taken, when the bucket is full.
    ///
    /// The generic cell rate algorithm: a bucket is known by when it is full again. A place is there as long as that is no more than
    /// a burst less one away, and each that is taken puts it off by the time of one.
    static let takePlace = Statement(
        "take-place",
        [.text, .interval, .interval, .interval],
        """
        INSERT INTO enrollment_gateway.buckets AS b (name, full_at, closed_until, asked_at, place_at, is_taken)
        SELECT $1, now + $2, '-infinity', now, now, true FROM (SELECT clock_timestamp() AS now) AS clock
        ON CONFLICT (name) DO UPDATE SET (full_at, asked_at, place_at, is_taken) = (
            SELECT CASE WHEN fits THEN greatest(b.full_at, place) + $2 ELSE b.full_at END, now, place, fits
            FROM (
                SELECT now, place, place - now <= $4 AS fits
                FROM (
                    SELECT now, greatest(now, b.closed_until, b.full_at - $3) AS place
                    FROM (SELECT clock_timestamp() AS now OFFSET 0) AS clock
                ) AS places
            ) AS answers
        )
        RETURNING b.asked_at, b.place_at, b.is_taken, b.full_at, b.closed_until > b.asked_at
        """
    )

    /// bucket, duration.
    static let closeBucket = Statement(
        "close-bucket",
        [.text, .interval],
        """
        INSERT INTO enrollment_gateway.buckets AS b (name, full_at, closed_until, asked_at, place_at, is_taken)
        SELECT $1, now, now + $2, now, now, false FROM (SELECT clock_timestamp() AS now) AS clock
        ON CONFLICT (name) DO UPDATE SET closed_until = greatest(b.closed_until, clock_timestamp() + $2)
        """
    )
}
