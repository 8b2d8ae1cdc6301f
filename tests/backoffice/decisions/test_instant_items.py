"""The 46 items that are decided at once: for each somebody who gets it, and for each rule somebody who is told why."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_support import instant

from backoffice.catalogue.release import read_raw, read_release
from backoffice.catalogue.rulings import check_versions
from backoffice.clock import SystemClock
from backoffice.decisions.asking import ask_about, consents_of, grounds_of
from backoffice.domain.cases.case import Outcome
from backoffice.domain.facts.derive import APPLICANT, LookupState, role_and_lookup
from backoffice.domain.items.item import Item
from backoffice.domain.rules import OnFailure, RuleError, Verdict, facts_used, run
from backoffice.gateways.answers import SPECS, Needs
from backoffice.gateways.lookups import HttpLookups
from backoffice.gateways.questions import permitted
from backoffice.paths import catalogue_dir
from backoffice.simulators.population import generate

RELEASE = read_release(catalogue_dir())
INSTANT = {item_id: item for item_id, item in RELEASE.items.items() if item.instant}
SEED, COUNT = 2, 1500
"""A small population in which every case occurs."""
OUT = Path(__file__).resolve().parents[3] / "out" / "proof"


@pytest.fixture(scope="module")
def town() -> Any:
    return instant.Town(generate(SEED, COUNT).residents)


def search(town: Any, item: Item) -> Iterator[tuple[Any, Any, Any]]:
    for visit in town.visits(item):
        lookups = visit.asked(town.gateway, item)
        yield visit, lookups, visit.judged(item, lookups)


@pytest.mark.parametrize("item_id", sorted(INSTANT))
def test_somebody_gets_it_and_every_rule_and_every_silent_register_is_met_by_somebody(town: Any, item_id: str) -> None:
    item = INSTANT[item_id]
    approved = 0
    never_failed = {rule.rule_id for rule in item.rules}
    never_missed = set(instant.asked_keys(item))
    for visit, lookups, judged in search(town, item):
        for result in judged.results:
            if result.verdict is Verdict.FAILED and result.rule.rule_id in never_failed:
                never_failed.discard(result.rule.rule_id)
                wanted = {OnFailure.NOTICE: {Outcome.NOTICE}, OnFailure.HUMAN: {Outcome.NOTICE, Outcome.PENDING}}
                assert judged.decision.outcome in wanted[result.rule.on_failure]
        if judged.decision.outcome is Outcome.APPROVED:
            approved += 1
            for key in sorted(never_missed & set(lookups)):
                found = visit.judged(item, instant.silent(lookups, key)).decision
                assert found.outcome in (Outcome.APPROVED, Outcome.PENDING), key
                if found.outcome is Outcome.PENDING:
                    assert found.reasons and found.facts["due_on"], key
                    never_missed.discard(key)
        if approved and not never_failed and not never_missed:
            return
    pytest.fail(f"approved {approved}; never failed: {never_failed}; never missed: {never_missed}")


def test_a_rule_is_about_facts_that_registers_or_the_items_own_form_give() -> None:
    for item in INSTANT.values():
        assert item.ruling is not None, item.item_id
        known = {"form_payment_code"} | {f"form_{field.key}" for field in (item.form.fields if item.form else ())}
        for rule in item.rules:
            named = {name for name in facts_used(rule.cel) if name.startswith("form_")}
            assert named <= known or item.form is None, (item.item_id, rule.rule_id)


def test_rules_ask_only_registers_that_the_item_publishes_and_with_grounds_where_they_are_needed() -> None:
    for item in INSTANT.values():
        codes = {role_and_lookup(key)[1] for key in instant.asked_keys(item)}
        # The bank is asked about the account that the card register names.
        assert codes <= {*item.lookups, *({"L16"} if "L28" in item.lookups else ())}, item.item_id
        permitted(sorted(codes), grounds_of(item, item.ruling.asking.consents if item.ruling else ()))


def test_consent_is_asked_for_nothing_that_no_rule_uses() -> None:
    for item in INSTANT.values():
        assert item.ruling is not None
        codes = {role_and_lookup(key)[1] for key in instant.asked_keys(item)}
        assert set(item.ruling.asking.consents) <= codes, item.item_id


def test_exactly_seventeen_items_of_five_departments_are_decided_by_rules_alone_twelve_with_a_commitment() -> None:
    by_rules = {item.item_id: item for item in RELEASE.items.values() if item.intelligent}
    promised = {item_id for item_id, item in by_rules.items() if item.commitment}
    assert (len(INSTANT), len(by_rules), len(promised)) == (46, 17, 12)
    assert by_rules.keys() <= INSTANT.keys()
    assert len({item.department for item in by_rules.values()}) == 5
    assert {item_id for item_id, item in INSTANT.items() if item.ruling} == INSTANT.keys()


def test_every_commitment_is_checked_later_and_the_credit_platform_is_asked_where_the_item_publishes_it() -> None:
    for item in INSTANT.values():
        assert item.ruling is not None
        barring = [rule for rule in item.rules if "commitment_allowed" in rule.cel]
        assert bool(item.ruling.check_workdays) == item.commitment, item.item_id
        assert bool(barring) == (item.commitment and "L27" in item.lookups), item.item_id
        assert all(rule.on_failure is OnFailure.HUMAN for rule in barring), "a broken promise refuses nobody"


def test_every_rule_has_a_basis_two_posts_and_texts() -> None:
    for item in INSTANT.values():
        for rule in item.rules:
            assert rule.legal_basis and rule.failed and rule.unknown and rule.next_step
            assert rule.author.startswith("post:") and rule.signer.startswith("post:") and rule.author != rule.signer
            assert rule.in_force(instant.TODAY)


def test_nothing_is_decided_by_the_first_digits_of_a_number() -> None:
    texts = [rule.cel for item in INSTANT.values() for rule in item.rules]
    asked = {name for text in texts for name in re.findall(r"(\w+)\.startsWith", text)}
    assert asked == {"household", "deceased_household", "spouse_household"}


def test_a_rule_that_says_something_else_has_another_version() -> None:
    rulings = read_raw(catalogue_dir()).rulings
    for item_id in INSTANT:
        published, first = rulings[item_id], rulings[item_id]["rule"][0]
        for change in ({"cel": "true"}, {"failed": "reason.other"}, {"on_failure": "human", "cel": "false"}):
            with pytest.raises(RuleError, match=f"still version {first['version']}"):
                check_versions(item_id, published, {**published, "rule": [{**first, **change}]})
        newer = {**first, "cel": "true", "version": first["version"] + 1}
        check_versions(item_id, published, {**published, "rule": [newer]})
        check_versions(item_id, published, published)


def approved_of(town: Any, item: Item) -> Any:
    return next(visit for visit, _, judged in search(town, item) if judged.decision.outcome is Outcome.APPROVED)


@pytest.fixture(scope="module")
def server(town: Any) -> Iterator[Any]:
    """The registers as a server of their own, on the loopback."""
    with instant.serving(town.records) as (url, registers):
        yield url, registers


@pytest.mark.parametrize("item_id", sorted(INSTANT))
def test_through_the_gateway_it_is_the_same(town: Any, server: Any, item_id: str) -> None:
    item = INSTANT[item_id]
    visit = approved_of(town, item)
    gateway = HttpLookups(server[0], SystemClock())
    asked = ask_about(gateway, item, visit.record["name"], visit.record["number"], visit.form, consents_of(item))
    assert {key: found.state for key, found in asked.lookups.items()} == {
        key: found.state for key, found in visit.asked(town.gateway, item).items()
    }
    assert visit.judged(item, asked.lookups).decision.outcome is Outcome.APPROVED
    for call in asked.calls:
        assert call.about in (APPLICANT, *(item.ruling.asking.roles if item.ruling else ()))
        assert call.grounds == ("consent" if SPECS[call.lookup].needs is Needs.CONSENT else "")


@pytest.fixture(scope="module")
def figures() -> Iterator[dict[str, Any]]:
    """What the proof went through, by item: out/proof/rules.json."""
    found: dict[str, Any] = {}
    yield found
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "rules.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


@pytest.mark.proof
@pytest.mark.parametrize("item_id", sorted(INSTANT))
def test_each_register_out_of_order_sends_nobody_away(town: Any, server: Any, item_id: str) -> None:
    """Through the gateway, with every register of the item broken in turn."""
    item, (url, registers) = INSTANT[item_id], server
    visit = approved_of(town, item)
    for key in instant.asked_keys(item):
        registers.set_fault({"lookup": role_and_lookup(key)[1], "mode": "error", "count": 0})
        try:
            name, number = visit.record["name"], visit.record["number"]
            lookups = ask_about(
                HttpLookups(url, SystemClock()), item, name, number, visit.form, consents_of(item)
            ).lookups
        finally:
            registers.heal()
        assert visit.judged(item, lookups).decision.outcome in (Outcome.APPROVED, Outcome.PENDING), key


@pytest.mark.proof
@pytest.mark.parametrize("item_id", sorted(INSTANT))
def test_no_subset_of_answers_turns_anybodys_verdict_round(town: Any, figures: dict[str, Any], item_id: str) -> None:
    """Every subset of the answers, for residents with each outcome and each set of verdicts."""
    item = INSTANT[item_id]
    kinds: dict[Any, Any] = {}
    for visit, lookups, judged in itertools.islice(search(town, item), 3000):
        kinds.setdefault(tuple(result.verdict for result in judged.results), (visit, lookups, judged))
    checked = 0
    for visit, lookups, judged in kinds.values():
        for size in range(len(lookups) + 1):
            for gone in itertools.combinations(sorted(lookups), size):
                weaker(judged, visit.judged(item, instant.without(lookups, set(gone), LookupState.TIMEOUT)))
                checked += 1
    assert kinds and checked >= 2 * len(kinds)
    figures[item_id] = {"verdict_sets": len(kinds), "subsets": checked}


@st.composite
def losses(draw: st.DrawFn) -> tuple[str, int, bool, set[str], LookupState, set[str]]:
    """An item, which of its visits, under the right name or not, and what falls away: answers, how, and facts."""
    item_id = draw(st.sampled_from(sorted(INSTANT)))
    item = INSTANT[item_id]
    names = sorted({name for rule in item.rules for name in facts_used(rule.cel)})
    gone = draw(st.sets(st.sampled_from(instant.asked_keys(item))))
    how = draw(st.sampled_from(instant.UNANSWERED))
    return item_id, draw(st.integers(0, 10**6)), draw(st.booleans()), gone, how, draw(st.sets(st.sampled_from(names)))


@given(losses())
def test_taking_a_fact_or_an_answer_away_never_turns_a_verdict_round(few: Few, loss: Any) -> None:
    """For every rule of the 46: passed stays passed or becomes unknown, failed likewise, and unknown stays unknown."""
    item_id, which, right_name, gone, how, missing = loss
    item = INSTANT[item_id]
    known = few.of(item)
    visit = known[which % len(known)]
    named = visit if right_name else instant.under_another_name(visit)
    lookups = named.asked(few.town.gateway, item)
    weaker(named.judged(item, lookups), named.judged(item, instant.without(lookups, gone & set(lookups), how)))
    facts = named.facts(item, lookups)
    left = {name: value for name, value in facts.items() if name not in missing}
    for rule in item.rules:
        assert run(rule, left).verdict in (run(rule, facts).verdict, Verdict.UNKNOWN)


def weaker(before: Any, after: Any) -> None:
    for one, other in zip(before.results, after.results, strict=True):
        assert other.verdict in (one.verdict, Verdict.UNKNOWN), one.rule
    if before.decision.outcome is not Outcome.APPROVED:
        assert after.decision.outcome is not Outcome.APPROVED
    if before.decision.outcome is Outcome.APPROVED:
        assert after.decision.outcome is not Outcome.NOTICE


class Few:
    """The first visits of each item. No dataclass: a failing example would print everybody."""

    def __init__(self, town: Any) -> None:
        self.town = town
        self.known: dict[str, list[Any]] = {}

    def of(self, item: Item) -> list[Any]:
        if item.item_id not in self.known:
            self.known[item.item_id] = list(itertools.islice(self.town.visits(item), 150))
        return self.known[item.item_id]


@pytest.fixture(scope="module")
def few(town: Any) -> Few:
    return Few(town)
