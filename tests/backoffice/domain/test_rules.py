"""Rules in three values: an unanswered fact never makes anybody ineligible."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.catalogue.release import read_release
from backoffice.domain.decide import outcome_of
from backoffice.domain.rules import FactValue, Result, Rule, RuleError, Verdict, _verdict, check, facts_used, run
from backoffice.paths import catalogue_dir

RULING = read_release(catalogue_dir()).items["XA032"].ruling
assert RULING is not None
RULES = {rule.rule_id: rule for rule in RULING.rules}
ALL_RIGHT: dict[str, FactValue] = {
    "age_years": 82,
    "household": "350213007007",
    "register_alive": True,
    "death_reported": False,
    "allowance_paid": False,
    "form_account": "yes",
    "account_matches": True,
}
WRONG: dict[str, FactValue] = {
    "age_years": 79,
    "household": "350212007007",
    "register_alive": False,
    "death_reported": True,
    "allowance_paid": True,
    "form_account": "none",
    "account_matches": False,
}


def rule_of(text: str) -> Rule:
    return Rule("r", "XA000", 1, text, "basis", "post:a", "post:b", "2026-01-01", "", "f", "u", "n")


def verdict(rule: Rule, facts: Mapping[str, FactValue]) -> Verdict:
    return run(rule, facts).verdict


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_passes_when_everything_is_right(rule_id: str) -> None:
    assert verdict(RULES[rule_id], ALL_RIGHT) is Verdict.PASSED


RULE_OF_FACT = {
    "age_years": "age",
    "household": "household",
    "register_alive": "alive",
    "death_reported": "alive",
    "allowance_paid": "duplicate",
    "form_account": "account_choice",
    "account_matches": "account",
}


@pytest.mark.parametrize("name", ALL_RIGHT)
def test_one_wrong_fact_fails_exactly_its_own_rule(name: str) -> None:
    facts = {**ALL_RIGHT, name: WRONG[name]}
    failed = [rule_id for rule_id, rule in RULES.items() if verdict(rule, facts) is Verdict.FAILED]
    assert failed == [RULE_OF_FACT[name]]


@pytest.mark.parametrize("name", ALL_RIGHT)
def test_one_missing_fact_leaves_exactly_its_rule_unknown(name: str) -> None:
    facts = {key: value for key, value in ALL_RIGHT.items() if key != name}
    verdicts = {rule_id: verdict(rule, facts) for rule_id, rule in RULES.items()}
    assert [rule_id for rule_id, found in verdicts.items() if found is not Verdict.PASSED] == [RULE_OF_FACT[name]]
    assert verdicts[RULE_OF_FACT[name]] is Verdict.UNKNOWN


def test_every_fact_that_a_rule_names_is_one_that_registers_or_the_form_give() -> None:
    assert {name for rule in RULES.values() for name in facts_used(rule.cel)} == set(RULE_OF_FACT)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("350213", Verdict.PASSED), ("350212", Verdict.FAILED), ("350221", Verdict.FAILED), ("350200", Verdict.FAILED)],
)
def test_the_household_counts_by_the_register(prefix: str, expected: Verdict) -> None:
    assert verdict(RULES["household"], {"household": prefix + "007007"}) is expected


def test_a_fact_that_cannot_change_the_verdict_need_not_be_known() -> None:
    assert verdict(RULES["account"], {"form_account": "none"}) is Verdict.PASSED
    assert verdict(RULES["account"], {"account_matches": True}) is Verdict.PASSED
    assert verdict(RULES["alive"], {"death_reported": True}) is Verdict.FAILED


@given(
    st.dictionaries(st.sampled_from(sorted(ALL_RIGHT)), st.booleans()),
    st.sets(st.sampled_from(sorted(ALL_RIGHT))),
)
def test_removing_facts_never_turns_passed_into_failed_or_back(choice: dict[str, bool], removed: set[str]) -> None:
    facts = {name: (ALL_RIGHT if right else WRONG)[name] for name, right in choice.items()}
    fewer = {name: value for name, value in facts.items() if name not in removed}
    for rule in RULES.values():
        before, after = verdict(rule, facts), verdict(rule, fewer)
        assert after in (before, Verdict.UNKNOWN)


EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", "c", "n >= 3", "n < 3", 's.startsWith("x")', 's == "x"', 's in ["x", "y"]']),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda text: f"!({text})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} ? {t[1]} : {t[2]})"),
    ),
    max_leaves=6,
)
VALUES: dict[str, list[FactValue]] = {
    "a": [True, False],
    "b": [True, False],
    "c": [True, False],
    "n": [2, 3],
    "s": ["x", "z"],
}


@given(EXPRESSIONS, st.sets(st.sampled_from(sorted(VALUES))))
def test_any_rule_text_that_is_let_in_is_monotone(text: str, unknown: set[str]) -> None:
    """Known facts are kept while the unknown ones take every value: a verdict reached without them holds for all."""
    rule = rule_of(text)
    names = facts_used(text)
    free = [name for name in names if name in unknown]
    for known in product(*(VALUES[name] for name in names if name not in unknown)):
        facts = dict(zip([name for name in names if name not in unknown], known, strict=True))
        early = verdict(rule, facts)
        if early is not Verdict.UNKNOWN:
            completed = (
                verdict(rule, {**facts, **dict(zip(free, values, strict=True))})
                for values in product(*(VALUES[name] for name in free))
            )
            assert set(completed) == {early}


@pytest.mark.parametrize(
    "text",
    [
        "has(a.b)",
        "has( a.b )",
        "!has(a.b) || c",
        "a.b == 1",
        'a["b"] == 1',
        "[a].exists(x, x == 1)",
        "type(a) == int",
        "dyn(a) == 1",
        "optional.of(a).hasValue()",
        "a.orValue(true)",
        "a ==",
        "",
    ],
)
def test_a_text_that_could_see_an_absent_fact_is_not_let_in(text: str) -> None:
    with pytest.raises(RuleError):
        check(rule_of(text))


@pytest.mark.parametrize("text", ["size([1, 2].map(x, [1].map(y, y))) > a", "size([1].filter(x, a)) > 0"])
def test_a_loop_is_not_let_in(text: str) -> None:
    with pytest.raises(RuleError, match="a rule has no loops"):
        check(rule_of(text))


def test_a_text_that_could_run_for_long_is_not_let_in() -> None:
    with pytest.raises(RuleError, match="longer than 2000 characters"):
        check(rule_of("a" + " && a" * 500))


@pytest.mark.parametrize("text", ["n * 9223372036854775807 > 0", "n + 9223372036854775807 > 0"])
def test_a_number_that_grows_too_large_is_for_a_human(text: str) -> None:
    assert verdict(rule_of(text), {"n": 2}) is Verdict.UNKNOWN


def test_a_fault_of_the_engine_itself_is_for_a_human_and_the_programs_end_is_not() -> None:
    class PanicException(BaseException):
        pass

    class Program:
        def __init__(self, fault: BaseException) -> None:
            self.fault = fault

        def execute(self, facts: dict[str, Any]) -> bool:
            raise self.fault

    assert _verdict(Program(PanicException("index out of bounds")), {}) is Verdict.UNKNOWN
    with pytest.raises(KeyboardInterrupt):
        _verdict(Program(KeyboardInterrupt()), {})


def test_words_inside_a_string_are_no_code() -> None:
    assert facts_used("note == \"has(x) type(y) a.b\" || note == 'it\\'s has('") == ("note",)


def test_a_rule_that_answers_no_truth_value_is_unknown() -> None:
    assert verdict(rule_of("n"), {"n": 3}) is Verdict.UNKNOWN
    assert verdict(rule_of("n >= 3"), {"n": "three"}) is Verdict.UNKNOWN


def test_the_evidence_names_unanswered_facts() -> None:
    assert run(RULES["alive"], {"register_alive": True}).facts == {"register_alive": True, "death_reported": None}


def test_a_rule_holds_from_its_first_day_to_the_day_before_its_end() -> None:
    rule = rule_of("a")
    assert not rule.in_force(date(2025, 12, 31)) and rule.in_force(date(2026, 1, 1))
    ended = Rule("r", "XA000", 1, "a", "basis", "post:a", "post:b", "2026-01-01", "2026-07-01", "f", "u", "n")
    assert ended.in_force(date(2026, 6, 30)) and not ended.in_force(date(2026, 7, 1))


@given(st.lists(st.sampled_from(list(Verdict)), max_size=5))
def test_only_all_passed_approves_and_only_a_failure_gives_a_notice(verdicts: list[Verdict]) -> None:
    results = tuple(Result(rule_of("a"), found, {}) for found in verdicts)
    outcome = outcome_of(results)
    assert (outcome == "approved") == (bool(verdicts) and set(verdicts) == {Verdict.PASSED})
    assert (outcome == "notice") == (Verdict.FAILED in verdicts)
