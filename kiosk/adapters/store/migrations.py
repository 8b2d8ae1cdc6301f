"""Numbered migrations of the kiosk's store. Only ever append; `PRAGMA user_version` counts them."""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE outbox (
            key TEXT PRIMARY KEY, kind TEXT NOT NULL, case_no TEXT NOT NULL, ord INTEGER NOT NULL,
            body TEXT NOT NULL, created_at TEXT NOT NULL, item_version INTEGER NOT NULL,
            consent_version TEXT NOT NULL, attachments TEXT NOT NULL, state TEXT NOT NULL,
            attempts INTEGER NOT NULL, last_problem TEXT NOT NULL, receipt TEXT NOT NULL
        )
        """,
        "CREATE INDEX outbox_case ON outbox (case_no, ord)",
        "CREATE TABLE counters (name TEXT PRIMARY KEY, high INTEGER NOT NULL)",
    ),
    (
        """
        CREATE TABLE catalogue (
            id INTEGER PRIMARY KEY CHECK (id = 1), release INTEGER NOT NULL, document TEXT NOT NULL
        )
        """,
    ),
    (
        """
        CREATE TABLE receipts (
            key TEXT PRIMARY KEY, kind TEXT NOT NULL, case_no TEXT NOT NULL, purged_at TEXT NOT NULL,
            receipt_sha256 TEXT NOT NULL, visit_token TEXT NOT NULL
        )
        """,
    ),
    (
        """
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, facts TEXT NOT NULL,
            previous TEXT NOT NULL, digest TEXT NOT NULL
        )
        """,
    ),
    (
        """
        CREATE TABLE attachment (
            case_no TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, material TEXT NOT NULL,
            content BLOB NOT NULL, kept_at TEXT NOT NULL, PRIMARY KEY (case_no, digest)
        )
        """,
    ),
    (
        """
        CREATE TABLE draft (
            case_no TEXT PRIMARY KEY, code TEXT NOT NULL, salt TEXT NOT NULL, owner TEXT NOT NULL,
            saved_at TEXT NOT NULL, content TEXT NOT NULL
        )
        """,
    ),
)
"""1 outbox and counters · 2 catalogue · 3 receipts after the purge · 4 audit chain · 5 files that go with a case
· 6 what was said before somebody left in the middle."""

LATEST = len(MIGRATIONS)
