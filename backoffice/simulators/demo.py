"""The demo residents as register entries: a few hand-written people, with what the visit shows of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backoffice.simulators.world import Entry


def read_demo(path: Path) -> list[dict[str, Any]]:
    """:raises OSError: no such file. :raises ValueError: not TOML, or a person without a field."""
    people = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        return [_record(person) for person in people.values() if isinstance(person, dict)]
    except KeyError as cause:
        raise ValueError(f"{path.name}: a person has no {cause.args[0]}") from cause


def _record(person: Mapping[str, Any]) -> dict[str, Any]:
    entries: dict[str, Entry] = {"L01": {field: person[field] for field in ("birth", "household", "alive")}}
    if not person["alive"]:
        entries["L08"] = {"died_on": person.get("died_on", "2026-01-01")}
    if person["allowance_since"]:
        entries["L12"] = {"since": person["allowance_since"]}
    if person["bank"]:
        last4 = person["account_last4"]
        entries["L16"] = {
            "state": "active",
            "bank": person["bank"],
            "last4": last4,
            "account_ref": f"acct-{person['number'][-6:]}-{last4}",
            "account_matches": person["account_matches"],
        }
    entries.update(person.get("registers", {}))
    return {
        "number": person["number"],
        "name": person["name"],
        "registers": entries,
        "meters": dict(person.get("meters", {})),
        "openings": list(person.get("openings", ())),
    }
