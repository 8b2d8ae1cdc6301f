"""Every table, for whoever compares the schema with the migrations: a subject's file is imported here once."""

from __future__ import annotations

from backoffice.store.metadata import metadata
from backoffice.store.tables import (
    tables,
)

__all__ = [
    "casework",
    "catalogue",
    "commitments",
    "consequences",
    "district",
    "identity",
    "metadata",
    "packages",
    "papers",
    "payments",
    "tables",
    "visits",
]
