"""Every table, for whoever compares the schema with the migrations: a subject's file is imported here once."""

from __future__ import annotations

from backoffice.store import (
    tables,
    tables_casework,
    tables_catalogue,
    tables_commitments,
    tables_consequences,
    tables_district,
    tables_identity,
    tables_packages,
    tables_papers,
    tables_payments,
    tables_visits,
)
from backoffice.store.metadata import metadata

__all__ = [
    "metadata",
    "tables",
    "tables_casework",
    "tables_catalogue",
    "tables_commitments",
    "tables_consequences",
    "tables_district",
    "tables_identity",
    "tables_packages",
    "tables_papers",
    "tables_payments",
    "tables_visits",
]
