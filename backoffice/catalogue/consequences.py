"""`consequences.toml`: what approvals bring and when a request is a repeat, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backoffice.catalogue.place import CatalogueError, Place, toml
from backoffice.domain.consequences import Consequence, Consequences, Effect, Period
from backoffice.gateways.answers import SPECS


def read_consequences(path: Path) -> Consequences:
    """:raises CatalogueError: missing, malformed, an item twice, or a register or field that there is not."""
    rows = toml(path).get("item", [])
    try:
        found = {str(row["id"]): _consequence(row) for row in rows}
    except (KeyError, ValueError, TypeError, AttributeError) as cause:
        raise CatalogueError(f"{path}: {type(cause).__name__} {cause}") from cause
    if len(found) != len(rows):
        raise CatalogueError(f"{path}: an item stands twice")
    return Consequences(found)


def _consequence(row: Mapping[str, Any]) -> Consequence:
    Place(f"consequences.toml: {row['id']}", row).only("id", "period", "per", "told", "effect")
    return Consequence(
        period=Period(row.get("period", Period.IN_FORCE.value)),
        per=tuple(row.get("per", ())),
        effect=_effect(row["effect"]) if "effect" in row else None,
        told=str(row.get("told", "")),
    )


def _effect(row: Mapping[str, Any]) -> Effect:
    Place("consequences.toml: effect", row).only("register", "set", "creates", "days", "days_by")
    spec, values = SPECS[row["register"]], {str(name): str(value) for name, value in row["set"].items()}
    unknown = set(values) - set(spec.answers)
    if unknown or not values:
        raise ValueError(f"{row['register']} has no field {', '.join(sorted(unknown)) or 'to set'}")
    by = dict(row.get("days_by", {}))
    return Effect(
        register=spec.code,
        values=values,
        creates=bool(row.get("creates", False)),
        days=int(row.get("days", 0)),
        days_of=(str(by.pop("field")), {str(answer): int(days) for answer, days in by.items()}) if by else None,
    )
