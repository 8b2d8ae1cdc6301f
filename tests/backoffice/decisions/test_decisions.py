"""What each resident is told: through the whole server, with registers that answer over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from backoffice.api import models
from backoffice.api.routes.terminal import submission_of
from backoffice.calls.once import Call
from backoffice.catalogue.release import read_release, read_tables
from backoffice.decisions.asking import ask_about
from backoffice.decisions.deciding import MAX_FAILURES, Decider
from backoffice.domain.decide import Judged, due, judge
from backoffice.domain.facts.derive import Lookup, LookupState
from backoffice.domain.items.item import Mode
from backoffice.domain.items.ruling import Asking
from backoffice.gateways.lookups import HttpLookups
from backoffice.gateways.questions import PurposeRefused
from backoffice.intake.accepting import accept
from backoffice.office import Office
from backoffice.paths import catalogue_dir
from backoffice.queries.reason_keys import reason_keys
from backoffice.store.failures import DatabaseBusy
from backoffice.store.tables import tables

RELEASE = read_release(catalogue_dir())
ITEM = RELEASE.items["XA032"]
CALENDAR = read_tables(catalogue_dir()).calendar
TODAY = date(2026, 11, 24)
Values = Mapping[str, str | bool]

RIGHT: dict[str, Values | None] = {
    "L01": {"matches": True, "birth": "1944-03-15", "household": "350213007007", "alive": True},
    "L08": None,
    "L12": None,
    "L16": {"bank": "农商银行", "last4": "6821", "account_ref": "ref"},
    "L28": {"matches": True},
}
"""None: the register answered that it has no entry."""


def answered(**changes: Values | None) -> dict[str, Lookup]:
    return {
        code: Lookup(code, LookupState.NOT_FOUND if values is None else LookupState.ANSWERED, values or {}, code, "t")
        for code, values in {**RIGHT, **changes}.items()
    }


def silent(lookups: dict[str, Lookup], code: str, state: LookupState) -> dict[str, Lookup]:
    return {**lookups, code: Lookup(code, state, {}, code, "t")}


def judged(lookups: dict[str, Lookup], account: str = "yes", today: date = TODAY) -> Judged:
    found = judge(ITEM, lookups, {"account": account}, today, CALENDAR)
    known = reason_keys(RELEASE)
    decision = found.decision
    for line in (*decision.reasons, *([decision.next_step] if decision.next_step else [])):
        assert {name: arg.kind for name, arg in line.args.items()} == known[line.key]
    return found


def told(found: Judged) -> tuple[str, list[str], str]:
    decision = found.decision
    next_key = decision.next_step.key if decision.next_step else ""
    return decision.outcome.value, [reason.key for reason in decision.reasons], next_key


def test_all_passed_is_approved_with_amount_and_start() -> None:
    decision = judged(answered()).decision
    assert decision.outcome == "approved"
    assert decision.facts == {
        "starts_on": "2026-12-15",
        "amount_fen": "10000",
        "bank": "农商银行",
        "last4": "6821",
    }


@pytest.mark.parametrize(
    ("birth", "fen"),
    [("1946-11-24", "10000"), ("1936-11-24", "20000"), ("1926-11-25", "20000"), ("1926-11-24", "110000")],
)
def test_the_amount_is_that_of_the_age_on_the_day(birth: str, fen: str) -> None:
    person = {**(RIGHT["L01"] or {}), "birth": birth}
    assert judged(answered(L01=person)).decision.facts["amount_fen"] == fen


CHANGES: list[tuple[dict[str, Values | None], str, list[str], str]] = [
    ({"L01": {**(RIGHT["L01"] or {}), "birth": "1947-03-05"}}, "yes", ["reason.XA032.age"], "next.XA032.age"),
    (
        {"L01": {**(RIGHT["L01"] or {}), "household": "350212001001"}},
        "yes",
        ["reason.XA032.household"],
        "next.XA032.household",
    ),
    ({"L01": {**(RIGHT["L01"] or {}), "alive": False}}, "yes", ["reason.XA032.alive"], "next.XA032.notice"),
    ({"L08": {"died_on": "2026-01-01"}}, "yes", ["reason.XA032.alive"], "next.XA032.notice"),
    ({"L12": {"since": "2021-08"}}, "yes", ["reason.XA032.duplicate"], "next.XA032.duplicate"),
    ({"L28": {"matches": False}}, "yes", ["reason.XA032.account"], "next.XA032.notice"),
    ({"L16": None}, "yes", ["reason.XA032.account"], "next.XA032.notice"),
    ({}, "other", ["reason.XA032.account_choice"], "next.XA032.notice"),
    ({}, "none", ["reason.XA032.account_choice"], "next.XA032.notice"),
]


@pytest.mark.parametrize(("changes", "account", "reasons", "next_key"), CHANGES)
def test_a_failed_rule_gives_a_notice_that_says_what_to_do(
    changes: dict[str, Values | None], account: str, reasons: list[str], next_key: str
) -> None:
    assert told(judged(answered(**changes), account)) == ("notice", reasons, next_key)


def test_who_wants_another_account_is_not_told_that_the_known_one_is_wrong() -> None:
    """Nor does it matter then whether the bank answered."""
    for account in ("other", "none"):
        for lookups in (answered(L28={"matches": False}), silent(answered(), "L28", LookupState.TIMEOUT)):
            assert told(judged(lookups, account))[:2] == ("notice", ["reason.XA032.account_choice"])


def test_one_notice_names_everything_that_is_missing() -> None:
    young = {**(RIGHT["L01"] or {}), "birth": "1947-03-05", "household": "350212001001"}
    found = judged(answered(L01=young, L12={"since": "2021-08"}), "none")
    assert told(found) == (
        "notice",
        [f"reason.XA032.{rule}" for rule in ("age", "household", "duplicate", "account_choice")],
        "next.XA032.notice",
    )
    assert found.decision.facts["come_back_on"] == "2027-03-05"


@pytest.mark.parametrize("state", [LookupState.TIMEOUT, LookupState.ERROR, LookupState.GARBAGE, LookupState.NOT_ASKED])
@pytest.mark.parametrize(
    ("code", "reasons"),
    [
        ("L01", ["age", "household", "alive"]),
        ("L08", ["alive"]),
        ("L12", ["duplicate"]),
        ("L28", ["account"]),
    ],
)
def test_a_silent_register_makes_it_pending(code: str, reasons: list[str], state: LookupState) -> None:
    found = judged(silent(answered(), code, state))
    assert told(found) == ("pending", [f"reason.XA032.{rule}.unknown" for rule in reasons], "result.pending.next")
    assert found.decision.facts == {"due_on": "2026-12-22", "due_provisional": "false"}


def test_a_name_that_does_not_belong_to_the_number_says_nothing_about_the_person() -> None:
    stranger = {"matches": False, "birth": "1999-01-01", "household": "350212001001", "alive": False}
    found = judged(answered(L01=stranger, L12={"since": "2021-08"}, L16=None))
    unknown = [f"reason.XA032.{rule}.unknown" for rule in ("age", "household", "alive")]
    assert told(found) == ("pending", unknown, "result.pending.next"), "one cause, and not once more for each register"
    assert told(judged(answered(L01=None, L12={"since": "2021-08"})))[0] == "pending"


def test_a_rule_that_is_not_in_force_yet_decides_nothing() -> None:
    assert told(judged(answered(), today=date(2025, 6, 1))) == ("pending", [], "result.pending.next")


def test_who_is_due_is_told_from_the_registers_alone() -> None:
    assert due(ITEM, answered(), TODAY)
    assert not due(ITEM, answered(L12={"since": "2021-08"}), TODAY)
    assert not due(ITEM, silent(answered(), "L08", LookupState.TIMEOUT), TODAY)
    assert not due(RELEASE.items["XA033"], answered(), TODAY)


EXPECTED: dict[str, tuple[str, list[str], dict[str, str]]] = {
    "a_kim": (
        "approved",
        [],
        {"amount_fen": "10000", "starts_on": "2026-12-15", "bank": "农商银行", "last4": "6821"},
    ),
    "seventy_nine": ("notice", ["reason.XA032.age"], {"come_back_on": "2027-03-05"}),
    "dated_card": (
        "approved",
        [],
        {"amount_fen": "10000", "starts_on": "2026-12-15", "bank": "邮储银行", "last4": "3390"},
    ),
    "hmt": (
        "pending",
        ["reason.XA032.household.unknown"],
        {"due_on": "2026-12-22", "due_provisional": "false"},
    ),
    "already_paid": ("notice", ["reason.XA032.duplicate"], {}),
    "rare_name": (
        "approved",
        [],
        {"amount_fen": "10000", "starts_on": "2026-12-15", "bank": "农商银行", "last4": "1268"},
    ),
}


@pytest.mark.parametrize("who", EXPECTED)
def test_each_demo_resident_is_decided_at_once(
    terminal: Any, submission: Callable[..., dict[str, Any]], who: str
) -> None:
    answer = terminal.post_case(submission(who))
    decision = answer.json()["decision"]
    outcome, reasons, facts = EXPECTED[who]
    assert (answer.status_code, answer.json()["state"]) == (201, "decided")
    assert decision["outcome"] == outcome
    assert [reason["key"] for reason in decision["reasons"]] == reasons
    assert decision["facts"] == facts


def test_the_79_year_old_is_told_the_day_of_the_80th_birthday(
    terminal: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    decision = terminal.post_case(submission("seventy_nine")).json()["decision"]
    date_of = {"date": {"kind": "date", "value": "2027-03-05"}}
    assert decision["reasons"] == [{"key": "reason.XA032.age", "args": date_of}]
    assert decision["next"] == {"key": "next.XA032.age", "args": date_of}


def test_on_that_day_the_same_person_is_approved(
    terminal: Any, clock: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    clock.moment = clock.moment.replace(year=2027, month=3, day=5)
    assert terminal.post_case(submission("seventy_nine")).json()["decision"]["outcome"] == "approved"


def test_who_is_paid_already_is_told_since_when(terminal: Any, submission: Callable[..., dict[str, Any]]) -> None:
    reasons = terminal.post_case(submission("already_paid")).json()["decision"]["reasons"]
    assert reasons[0]["args"] == {"date": {"kind": "date", "value": "2021-08-15"}}


def test_an_unknown_person_goes_to_a_human(terminal: Any, submission: Callable[..., dict[str, Any]]) -> None:
    body = submission()
    body["applicant"] = {**body["applicant"], "number": "350221194403150048"}
    decision = terminal.post_case(body).json()["decision"]
    assert decision["outcome"] == "pending"
    assert [reason["key"] for reason in decision["reasons"]] == [
        f"reason.XA032.{rule}.unknown" for rule in ("age", "household", "alive")
    ]


EVIDENCE = {
    "age": {"L01"},
    "household": {"L01"},
    "alive": {"L01", "L08"},
    "duplicate": {"L12"},
    "account_choice": set(),
    "account": {"L16", "L28"},
}


def test_the_evidence_is_kept_masked_with_the_calls_it_came_from(
    terminal: Any, office: Office, submission: Callable[..., dict[str, Any]]
) -> None:
    terminal.post_case(submission())
    with office.database.read() as connection:
        results = {row.rule_id: row for row in connection.execute(select(tables.rule_result))}
        calls = {row.evidence_id: row for row in connection.execute(select(tables.lookup_call))}
    assert {rule: row.verdict for rule, row in results.items()} == dict.fromkeys(results, "passed")
    assert results["household"].facts_masked == '{"household": "350*********"}'
    assert results["age"].facts_masked == '{"age_years": "##"}'
    assert {row.lookup for row in calls.values()} == {"L01", "L08", "L12", "L16", "L28"}
    # A busy machine may need a second attempt; it is in the ledger, and no other answer than the first would have been.
    assert all(row.state in ("answered", "not_found") and row.attempts >= 1 for row in calls.values())
    for rule, row in results.items():
        named = {calls[entry["id"]].lookup for entry in json.loads(row.evidence)}
        assert named == EVIDENCE[rule]


@pytest.fixture
def late_husband(simulator: Any) -> Iterator[dict[str, Any]]:
    """Known to the registers as dead and cremated; nobody's demo resident."""
    registers = {
        "L01": {"birth": "1935-01-01", "household": "350213007007", "alive": False},
        "L08": {"died_on": "2026-11-01", "cremated_on": "2026-11-04"},
    }
    record = {"number": "35022119350101001X", "name": "陈老伯", "registers": registers}
    simulator.registers.residents[record["number"]] = record
    yield record
    del simulator.registers.residents[record["number"]]


def test_a_second_person_is_asked_about_and_the_evidence_names_the_role_and_never_the_number(
    terminal: Any, office: Office, submission: Callable[..., dict[str, Any]], late_husband: dict[str, Any]
) -> None:
    who = f"{late_husband['number']} {late_husband['name']}"
    form = {"deceased": who, "kin_deceased": "spouse", "account": "yes"}
    claim = submission(item_id="XA036", form=form, commitment="commitment.XA036")
    assert terminal.post_case(claim).json()["decision"]["outcome"] == "approved"
    with office.database.read() as connection:
        calls = {(row.about, row.lookup) for row in connection.execute(select(tables.lookup_call))}
        results = {row.rule_id: row for row in connection.execute(select(tables.rule_result))}
    assert calls == {
        *(("applicant", code) for code in ("L01", "L16", "L27", "L28")),
        *(("deceased", code) for code in ("L01", "L08")),
    }
    (evidence,) = json.loads(results["death"].evidence)
    assert (evidence["about"], evidence["lookup"], evidence["grounds"]) == ("deceased", "L08", "")
    assert results["death"].rule_version == 1 and json.loads(results["death"].facts_masked) == {
        "deceased_death_reported": "true"
    }
    assert late_husband["number"] not in " ".join(str(row) for row in results.values())


def test_a_second_person_under_a_wrong_name_is_nobody_and_a_human_looks(
    terminal: Any, submission: Callable[..., dict[str, Any]], late_husband: dict[str, Any]
) -> None:
    form = {"deceased": f"{late_husband['number']} 陈某某", "kin_deceased": "spouse", "account": "yes"}
    claim = submission(item_id="XA036", form=form, commitment="commitment.XA036")
    decision = terminal.post_case(claim).json()["decision"]
    assert (decision["outcome"], [reason["key"] for reason in decision["reasons"]]) == (
        "pending",
        ["reason.unknown.identity"],
    )


def test_her_word_is_the_ground_of_a_look_up_and_without_it_nothing_is_asked(
    terminal: Any, office: Office, simulator: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    item = office.release.items["XA076"]
    assert item.mode is Mode.PRINT and item.ruling is not None
    gateway, number = HttpLookups(simulator.url, office.clock), submission()["applicant"]["number"]
    assert "L22" not in ask_about(gateway, item, "陈阿金", number, {}).lookups
    asked = ask_about(gateway, item, "陈阿金", number, {}, ("L22",))
    assert (asked.lookups["L22"].grounds, asked.lookups["L01"].grounds) == ("consent", "")
    with pytest.raises(PurposeRefused, match="L22"):
        bare = replace(item, ruling=replace(item.ruling, asking=Asking()))
        ask_about(gateway, bare, "陈阿金", number, {}, ("L22",))


def test_a_notice_is_written_once_and_locked(
    terminal: Any, office: Office, submission: Callable[..., dict[str, Any]]
) -> None:
    terminal.post_case(submission("seventy_nine"))
    with office.database.read() as connection:
        (row,) = connection.execute(select(tables.notice)).all()
    assert (row.n, row.locked) == (1, True)
    reasons = office.vault.open_json(f"notice:{row.case_no}/1", row.reasons_sealed)
    assert [reason["key"] for reason in reasons] == ["reason.XA032.age"]


@pytest.mark.parametrize(("problem", "state"), [(DatabaseBusy("locked"), "accepted"), (RuntimeError(), "handed_over")])
def test_a_busy_database_is_no_failure_and_takes_no_case_out_of_the_machines_hands(
    office: Office,
    submission: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    problem: Exception,
    state: str,
) -> None:
    """Three failures of our own hand a case over; a database that is busy as often only delays it."""
    body, table = submission(), tables.service_case
    case_no = body["case_no"]
    # Without a server: nobody else decides it meanwhile.
    accept(office, Call("K1", case_no, "body"), submission_of(models.Submission(**body)))
    decider = Decider(office, HttpLookups("http://127.0.0.1:9", office.clock))

    def fails(*_: object) -> None:
        raise problem

    monkeypatch.setattr(decider, "_decide", fails)
    try:
        for _ in range(MAX_FAILURES):
            decider.submit(case_no).result(timeout=20)
    finally:
        decider.close()
    with office.database.read() as connection:
        assert connection.execute(select(table.c.state).where(table.c.case_no == case_no)).scalar_one() == state
