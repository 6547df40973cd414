"""A ledger of many records: one that the gateway has written, over and over, with other ids, profiles and times."""

import os
import sqlite3
import struct
import subprocess

PROFILES = 100_000
# The records come evenly over so long before now: none is old enough to be deleted meanwhile.
SPAN = 80 * 86_400_000_000
REST = struct.pack(">HHHHI", 0, 0x4000, 0x8000, 0, 0)
TIMES = [
    "accepted_at", "sent_at", "decided_at", "work_ends", "send_earliest", "send_latest", "before_created_at",
    "before_expires_from", "before_expires_to", "token_created_at", "token_expires_at",
]


def fill_sqlite(path, count):
    """Puts so many records into the file, in which a gateway has written one. Nobody may have it open."""
    database = sqlite3.connect(path, isolation_level=None)
    database.create_function("record_id", 2, _record_id, deterministic=True)
    database.create_function("profile_of", 1, _profile, deterministic=True)
    for pragma in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -400000", "temp_store = MEMORY"):
        database.execute(f"PRAGMA {pragma}")
    age = f"((:count - n) * {SPAN // count} + 3600000000)"
    others = {name: f"r.{name} - {age}" for name in TIMES}
    others |= {"id": f"record_id(r.accepted_at - {age}, n)", "profile": "profile_of(n)", "number": "n + 2"}
    columns = [row[1] for row in database.execute("PRAGMA table_info(records)")]
    # An index that is made at once takes a part of the time.
    indexes = database.execute("SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'records' AND type = 'index'").fetchall()
    database.execute("BEGIN")
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")
    database.execute(
        f"""
        WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :count)
        INSERT INTO records ({", ".join(columns)})
        SELECT {", ".join(others.get(name, f"r.{name}") for name in columns)}
        FROM numbers, (SELECT * FROM records ORDER BY number LIMIT 1) AS r
        """,
        {"count": count},
    )
    for _, sql in indexes:
        database.execute(sql)
    database.execute("COMMIT")
    database.execute("PRAGMA journal_mode = WAL")
    database.close()


def bytes_per_record_sqlite(path):
    database = sqlite3.connect(path)
    count = database.execute("SELECT count(*) FROM records").fetchone()[0]
    database.close()
    return os.path.getsize(path) / count


def fill_postgresql(server, database, count):
    """The same in a database of the server."""
    table = "enrollment_gateway.records"
    columns = server.run(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'enrollment_gateway' AND table_name = 'records' ORDER BY ordinal_position",
        database,
    ).splitlines()
    age = f"(({count} - n) * interval '{SPAN // count} microseconds' + interval '1 hour')"
    milliseconds = f"(extract(epoch FROM r.accepted_at - {age}) * 1000)::bigint"
    others = {name: f"r.{name} - {age}" for name in TIMES}
    others |= {
        "id": f"(lpad(to_hex({milliseconds}), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid",
        "profile_id": f"(lpad(to_hex(n % {PROFILES}), 8, '0') || '-0000-4000-8000-000000000000')::uuid",
    }
    indexes = server.run(
        "SELECT indexname || '|' || indexdef FROM pg_indexes"
        " WHERE schemaname = 'enrollment_gateway' AND tablename = 'records' AND indexname NOT LIKE '%_pkey'",
        database,
    ).splitlines()
    statements = ["SET synchronous_commit = off", "SET maintenance_work_mem = '256MB'"]
    statements += [f"DROP INDEX enrollment_gateway.{line.split('|')[0]}" for line in indexes]
    statements.append(
        f"INSERT INTO {table} ({', '.join(columns)})"
        f" SELECT {', '.join(others.get(name, f'r.{name}') for name in columns)}"
        f" FROM generate_series(0, {count - 1}) AS n, (SELECT * FROM {table} LIMIT 1) AS r"
    )
    statements += [line.split("|", 1)[1] for line in indexes]
    statements += [f"VACUUM ANALYZE {table}", "CHECKPOINT"]
    server.run_all(statements, database)


def bytes_per_record_postgresql(server, database):
    sql = "SELECT pg_total_relation_size('enrollment_gateway.records') / count(*) FROM enrollment_gateway.records"
    return int(server.run(sql, database))


def settle_disk():
    """What was written so far is on the disk, and takes no time of what comes."""
    subprocess.run(["sync"], check=False)


def _record_id(microseconds, number):
    return struct.pack(">QQ", (microseconds // 1000) << 16 | 0x7000, 1 << 63 | number)


def _profile(number):
    return struct.pack(">I", number % PROFILES) + REST
