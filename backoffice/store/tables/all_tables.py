"""Every table, for whoever compares the schema with the migrations: a subject's file is imported here once."""

from __future__ import annotations

from backoffice.store.metadata import metadata
from backoffice.store.tables import (
    casework,
    catalogue,
    commitments,
    consequences,
    district,
    identity,
    packages,
    papers,
    payments,
    tables,
    visits,
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
