"""What a decision rests on, as rows: every question that was asked, and every rule with the facts it saw, masked."""

from __future__ import annotations

import json

from sqlalchemy import Connection, insert

from backoffice.domain.facts.derive import Lookups, lookups_needed, masked, role_and_lookup
from backoffice.domain.rules import Result
from backoffice.gateways.lookups import Call
from backoffice.store.tables import tables


def record_calls(connection: Connection, calls: tuple[Call, ...], case_no: str | None, purpose: str) -> None:
    for call in calls:
        connection.execute(
            insert(tables.lookup_call).values(
                evidence_id=call.evidence_id,
                case_no=case_no,
                purpose=purpose,
                lookup=call.lookup,
                about=call.about,
                grounds=call.grounds,
                attempts=call.attempts,
                state=call.state.value,
                took_ms=call.took_ms,
                at=call.at,
            )
        )


def record_results(
    connection: Connection, case_no: str, results: tuple[Result, ...], lookups: Lookups, roles: tuple[str, ...]
) -> None:
    """One row a rule. :param roles: the second persons that facts may be about."""
    for result in results:
        evidence = [_evidence(key, lookups) for key in lookups_needed(tuple(result.facts), roles) if key in lookups]
        connection.execute(
            insert(tables.rule_result).values(
                case_no=case_no,
                rule_id=result.rule.rule_id,
                rule_version=result.rule.version,
                verdict=result.verdict.value,
                facts_masked=json.dumps({name: masked(value) for name, value in result.facts.items()}),
                evidence=json.dumps(evidence),
            )
        )


def _evidence(key: str, lookups: Lookups) -> dict[str, str]:
    """Which entry of the ledger, about whom (the role, never a number) and on what grounds."""
    found = lookups[key]
    role, code = role_and_lookup(key)
    return {
        "lookup": code,
        "about": role,
        "id": found.evidence_id,
        "at": found.answered_at,
        "grounds": found.grounds,
    }
