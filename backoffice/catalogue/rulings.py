"""One item's file of rules, `rules/<item>.toml`: read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backoffice.domain.facts.derive import APPLICANT
from backoffice.domain.items.ruling import Asking, Band, Benefit, Party, Ruling
from backoffice.domain.rules import OnFailure, Rule, RuleError, check


def ruling_of(data: Mapping[str, Any]) -> Ruling:
    """:raises RuleError: a rule must not be released. :raises KeyError, ValueError: a field is missing or wrong."""
    item_id = data["item"]
    rules = tuple(_rule(item_id, row) for row in data["rule"])
    if len({rule.rule_id for rule in rules}) != len(rules):
        raise RuleError(f"{item_id}: two rules of one name")
    for rule in rules:
        try:
            check(rule)
        except RuleError as cause:
            raise RuleError(f"{item_id}.{rule.rule_id}: {cause}") from cause
    eligibility = data.get("eligibility", {})
    return Ruling(
        rules=rules,
        asking=_asking(item_id, data),
        benefit=_benefit(data["benefit"]) if "benefit" in data else None,
        minimum_age=eligibility.get("minimum_age", 0),
        offered=eligibility.get("offered", False),
        several=data.get("several", "next.notice"),
        ordinary_workdays=data.get("ordinary", {}).get("workdays", 0),
        check_workdays=data.get("commitment", {}).get("check_workdays", 0),
    )


def check_versions(item_id: str, published: Mapping[str, Any] | None, coming: Mapping[str, Any] | None) -> None:
    """A rule that says something else is another version of it: results name the version they were reached by.

    :raises RuleError: a rule changed under its version, or came back under an older one.
    """
    if published is None or coming is None:
        return
    before = {row["id"]: row for row in published["rule"]}
    for row in coming["rule"]:
        known = before.get(row["id"])
        if known is None or known == row:
            continue
        if row["version"] <= known["version"]:
            raise RuleError(f"{item_id}.{row['id']}: changed, but still version {row['version']}")


def _asking(item_id: str, data: Mapping[str, Any]) -> Asking:
    grounds = data.get("grounds", {})
    parties = tuple(Party(row["role"], row["field"], row["firm"]) for row in data.get("party", ()))
    roles = [party.role for party in parties]
    if len(set(roles)) != len(roles) or APPLICANT in roles:
        raise RuleError(f"{item_id}: each party has a role of its own")
    return Asking(
        consents=tuple(grounds.get("consents", ())),
        statute=grounds.get("statute", ""),
        details=dict(data.get("details", {})),
        parties=parties,
    )


def _benefit(data: Mapping[str, Any]) -> Benefit:
    bands = tuple(Band(row["from_age"], row["amount_fen"]) for row in data["band"])
    return Benefit(data["payday"], bands, data["provisional"])


def _rule(item_id: str, row: Mapping[str, Any]) -> Rule:
    return Rule(
        rule_id=row["id"],
        item_id=item_id,
        version=row["version"],
        cel=row["cel"],
        legal_basis=row["legal_basis"],
        author=row["author"],
        signer=row["signer"],
        effective_from=row["effective_from"],
        effective_to=row["effective_to"],
        failed=row["failed"],
        unknown=row["unknown"],
        next_step=row["next"],
        failed_args=dict(row.get("failed_args", {})),
        next_args=dict(row.get("next_args", {})),
        on_failure=OnFailure(row.get("on_failure", OnFailure.NOTICE.value)),
    )
