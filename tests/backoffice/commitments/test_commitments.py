"""A commitment instead of a paper: kept with the case, checked later, taken back, and what follows when broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from backoffice.calls.once import Call
from backoffice.casework.events import case_row
from backoffice.catalogue.release import read_release
from backoffice.commitments import ends
from backoffice.commitments.ends import Finding
from backoffice.commitments.promises import Deputy, of_case
from backoffice.domain.cases.case import CaseState
from backoffice.domain.commitment import Lifted, deputy_may_promise
from backoffice.domain.person import Applicant
from backoffice.identity.staff import Staff
from backoffice.intake import taking_in
from backoffice.intake.accepting import accept
from backoffice.office import Office
from backoffice.paths import catalogue_dir
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables
from backoffice.store.tables.commitments import commitment_bar

PROMISE = "commitment.XA016"
RELEASE = read_release(catalogue_dir())
CHECKER = Staff("wang", frozenset({"reviewer"}), None, None, "s1")
DECIDER = Staff("li", frozenset({"decider"}), None, None, "s2")
AUTHORITY = "ab" * 32
Body = Callable[..., dict[str, Any]]


@pytest.fixture
def promising(submission: Body) -> Body:
    """A registration of flexible employment, with a commitment about what the work is."""

    def of(serial: int = 1, **changes: Any) -> dict[str, Any]:
        # Each serial is other work: the same work again would be a repeat.
        form = {"work_kind": "trade", "work_place": f"后村市场{serial}号", "work_since": "2026-11-01"}
        return submission(serial=serial, **{"item_id": "XA016", "form": form, "commitment": PROMISE, **changes})

    return of


@pytest.fixture
def failing(simulator: Any, residents: dict[str, Any]) -> Iterator[None]:
    """The credit platform knows a broken promise of a_kim's."""
    registers = simulator.registers.residents[residents["a_kim"]["number"]]["registers"]
    registers["L27"] = {"hit": True, "repaired": False}
    yield
    del registers["L27"]


def made(office: Office, case_no: str) -> Any:
    with office.database.read() as connection:
        return of_case(connection, case_no)


def state_of(office: Office, case_no: str) -> CaseState:
    with office.database.read() as connection:
        row = case_row(connection, case_no)
    assert row is not None
    return CaseState(row.state)


def keys(decision: dict[str, Any]) -> list[str]:
    return [reason["key"] for reason in decision["reasons"]]


def withdraw(terminal: Any, case_no: str, code: str, key: str = "w1") -> Any:
    return terminal.call("POST", f"/v1/cases/{case_no}/commitment/withdrawal", {"code": code}, key=key)


def test_a_commitment_is_kept_with_its_case_and_its_check_is_due(
    terminal: Any, office: Office, promising: Body
) -> None:
    case = terminal.post_case(promising()).json()
    assert case["decision"]["outcome"] == "approved"
    row = made(office, case["case_no"])
    assert (row.text_key, row.text_version, row.signed_by, row.state) == (PROMISE, "2026-1", "applicant", "made")
    assert row.signed_at == "2026-11-24T10:00:00+08:00"
    ruling = RELEASE.items["XA016"].ruling
    assert ruling is not None
    due = office.tables.calendar.after(office.clock.now().date(), ruling.check_workdays).day
    assert row.check_due_on == due.isoformat() > "2026-11-24"
    assert [check["case_no"] for check in ends.due_checks(office, CHECKER)] == [case["case_no"]]


def test_a_promise_is_signed_in_a_file_or_agreed_to_aloud_and_nothing_else(
    terminal: Any, office: Office, promising: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That a file has arrived whole is the uploads' own test."""
    monkeypatch.setattr("backoffice.files.uploads.settle", lambda *_: None)
    monkeypatch.setattr("backoffice.files.uploads.claim", lambda *_: None)
    bare = terminal.post_case(promising(consents=[]))
    assert (bare.status_code, bare.json()["code"]) == (422, "signature_missing")
    other = promising(consents=[], materials=[{"material": "营业执照", "digest": "cd" * 32}])
    assert terminal.post_case(other).json()["code"] == "signature_missing"
    with office.database.read() as connection:
        assert case_row(connection, other["case_no"]) is None
    item = office.release.items["XA016"]
    (name,) = [material.name for material in item.materials if material.kind.value == "promise"]
    signed = promising(consents=[], materials=[{"material": name, "digest": "ef" * 32}])
    assert terminal.post_case(signed).status_code == 201
    assert terminal.post_case(promising(serial=2)).status_code == 201


def test_without_a_commitment_the_ordinary_way_is_open_and_has_a_limit(
    terminal: Any, office: Office, promising: Body
) -> None:
    case = terminal.post_case(promising(commitment=None)).json()
    assert (case["decision"]["outcome"], keys(case["decision"])) == ("pending", ["reason.ordinary_way"])
    assert case["decision"]["facts"]["due_on"] > "2026-11-24"
    assert made(office, case["case_no"]) is None
    assert withdraw(terminal, case["case_no"], case["query_code"]).json()["code"] == "commitment_unknown"


@pytest.mark.parametrize(
    ("commitment", "outcome", "why"),
    [("commitment.XA026", "approved", []), (None, "pending", ["reason.ordinary_way"])],
)
def test_care_elsewhere_is_put_down_at_once_on_a_commitment_only(
    terminal: Any, office: Office, submission: Body, commitment: str | None, outcome: str, why: list[str]
) -> None:
    """Its rules alone do not make it intelligent, but they decide it at once all the same."""
    item = office.release.items["XA026"]
    form = {"region_care": "350582000000", "care_kind": "long_stay", "date_from": "2026-12-01", "date_to": "2027-06-01"}
    body = submission("pensioner", item_id="XA026", item_version=item.version, form=form, commitment=commitment)
    case = terminal.post_case(body).json()
    assert (case["decision"]["outcome"], keys(case["decision"])) == (outcome, why)
    row = made(office, case["case_no"])
    assert (row.state if row else None) == ("made" if commitment else None)
    due = [check["case_no"] for check in ends.due_checks(office, CHECKER)]
    assert due == ([case["case_no"]] if commitment else [])


@pytest.mark.usefixtures("failing")
def test_who_broke_a_promise_elsewhere_goes_the_ordinary_way_and_is_not_refused(
    terminal: Any, office: Office, promising: Body
) -> None:
    case = terminal.post_case(promising()).json()
    assert (case["decision"]["outcome"], keys(case["decision"])) == ("pending", ["reason.commitment_barred"])
    assert case["decision"]["facts"]["due_on"] > "2026-11-24"
    assert state_of(office, case["case_no"]) is CaseState.HANDED_OVER
    assert made(office, case["case_no"]).state == "lapsed"


def test_taken_back_it_carries_the_case_no_longer(terminal: Any, office: Office, promising: Body) -> None:
    case = terminal.post_case(promising()).json()
    case_no, code = case["case_no"], case["query_code"]
    wrong = withdraw(terminal, case_no, f"{(int(code) + 1) % 10000:04d}", "w0")
    assert (wrong.status_code, wrong.json()["code"]) == (404, "progress_unknown")
    answer = withdraw(terminal, case_no, code)
    assert (answer.status_code, answer.json()["key"]) == (201, "reason.commitment_withdrawn")
    assert withdraw(terminal, case_no, code).json() == answer.json(), "the same request again"
    again = withdraw(terminal, case_no, code, "w2")
    assert (again.status_code, again.json()["code"]) == (409, "commitment_closed")
    assert state_of(office, case_no) is CaseState.UNDER_REVIEW
    told = terminal.post_case(promising()).json()["decision"]
    assert (told["outcome"], keys(told)) == ("pending", ["reason.commitment_withdrawn"])
    assert ends.due_checks(office, CHECKER) == []


def test_what_was_not_kept_reopens_the_case_and_bars_until_it_is_repaired(
    terminal: Any, office: Office, promising: Body
) -> None:
    first = terminal.post_case(promising(1)).json()
    row = made(office, first["case_no"])
    with pytest.raises(Problem, match="version_stale"):
        ends.settle(office, CHECKER, row.commitment_id, 7, Finding(False, "没有这个摊位"))
    settled = ends.settle(office, CHECKER, row.commitment_id, 1, Finding(False, "没有这个摊位"))
    assert settled["state"] == "broken"
    assert state_of(office, first["case_no"]) is CaseState.UNDER_REVIEW
    told = terminal.post_case(promising(1)).json()["decision"]
    assert (keys(told), told["next"]["key"]) == (["reason.commitment_broken"], "next.commitment_appeal")
    second = terminal.post_case(promising(2)).json()["decision"]
    assert (second["outcome"], keys(second)) == ("pending", ["reason.commitment_barred"])
    with pytest.raises(Problem, match="forbidden"):
        ends.lift(office, CHECKER, settled["bar_id"], 1, Lifted.REPAIR)
    (bar,) = ends.open_bars(office, DECIDER)
    ends.lift(office, DECIDER, bar["bar_id"], bar["row_version"], Lifted.REPAIR)
    assert ends.open_bars(office, DECIDER) == []
    assert terminal.post_case(promising(3)).json()["decision"]["outcome"] == "approved"


def test_what_was_kept_stands_and_is_not_checked_twice(terminal: Any, office: Office, promising: Body) -> None:
    case = terminal.post_case(promising()).json()
    row = made(office, case["case_no"])
    settled = ends.settle(office, CHECKER, row.commitment_id, 1, Finding(True, "摊位在"))
    assert (settled["state"], settled["bar_id"], state_of(office, case["case_no"])) == (
        "kept",
        None,
        CaseState.APPROVED,
    )
    with pytest.raises(Problem, match="commitment_closed"):
        ends.settle(office, CHECKER, row.commitment_id, 2, Finding(False, "不在"))
    assert withdraw(terminal, case["case_no"], case["query_code"]).status_code == 409
    assert made(office, case["case_no"]).note_sealed and "摊位" not in repr(made(office, case["case_no"]))


def test_nothing_that_rests_on_no_decision_is_checked(terminal: Any, office: Office, promising: Body) -> None:
    case = terminal.post_case(promising()).json()
    withdraw(terminal, case["case_no"], case["query_code"])
    with pytest.raises(Problem, match="commitment_closed"):
        row = made(office, case["case_no"])
        ends.settle(office, CHECKER, row.commitment_id, row.row_version, Finding(False, "不在"))
    with office.database.read() as connection:
        assert connection.execute(select(commitment_bar)).all() == []


def test_another_towns_checker_sees_nothing_of_it(terminal: Any, office: Office, promising: Body) -> None:
    case = terminal.post_case(promising()).json()
    stranger = Staff("chen", frozenset({"reviewer"}), "350213103", None, "s3")
    assert ends.due_checks(office, stranger) == []
    with pytest.raises(Problem, match="commitment_unknown"):
        row = made(office, case["case_no"])
        ends.settle(office, stranger, row.commitment_id, 1, Finding(True, "好"))


@pytest.mark.parametrize("item_id", sorted(item.item_id for item in RELEASE.items.values() if item.ruling))
def test_every_commitment_that_a_form_offers_has_a_day_of_its_check(item_id: str) -> None:
    item = RELEASE.items[item_id]
    assert item.ruling is not None and item.form is not None
    assert bool(item.form.commitment) == bool(item.ruling.check_workdays)


def test_a_deputy_promises_with_authority_only_and_not_at_all_where_the_person_must() -> None:
    assert deputy_may_promise(RELEASE.items["XA016"], AUTHORITY)
    assert not deputy_may_promise(RELEASE.items["XA016"], "")
    assert not deputy_may_promise(RELEASE.items["XA036"], AUTHORITY)


def test_a_deputy_without_a_written_authority_is_refused(terminal: Any, promising: Body) -> None:
    deputy = {"name": "陈大弟", "number": "350221197003150017", "authority": AUTHORITY}
    answer = terminal.post_case(promising(promised_by=deputy))
    assert (answer.status_code, answer.json()["code"]) == (422, "deputy_without_authority")


def test_a_deputy_with_authority_is_kept_beside_the_commitment(
    office: Office, promising: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The authority is a file of the case; that it has arrived whole is the uploads' own test."""
    monkeypatch.setattr("backoffice.files.uploads.settle", lambda *_: None)
    monkeypatch.setattr("backoffice.files.uploads.claim", lambda *_: None)
    body = promising()
    deputy = Deputy("陈大弟", "350221197003150017", AUTHORITY)
    files = (("authority", AUTHORITY),)
    whole = {**body, "applicant": Applicant(**body["applicant"]), "materials": files, "promised_by": deputy}
    whole["consents"] = (("sign.by_key", "v1"),)
    accept(office, Call("K1", body["case_no"], "hash"), taking_in.Submission(**whole))
    row = made(office, body["case_no"])
    assert row.signed_by == "deputy" and deputy.number.encode() not in row.authority_sealed


def test_a_promised_item_is_in_somebodys_hands_at_once(terminal: Any, office: Office, submission: Body) -> None:
    form = {"aid_kind": "wheelchair", "use_place": "both"}
    case = terminal.post_case(submission(item_id="XA047", form=form)).json()
    assert (case["decision"]["outcome"], keys(case["decision"])) == ("pending", ["reason.by_hand"])
    limit = office.release.items["XA047"].promised_limit.count
    assert limit is not None
    due = office.tables.calendar.after(office.clock.now().date(), limit).day
    assert case["decision"]["facts"]["due_on"] == due.isoformat()
    assert state_of(office, case["case_no"]) is CaseState.HANDED_OVER
    with office.database.read() as connection:
        assert connection.execute(select(tables.lookup_call.c.lookup)).all() == [], "nobody's register was asked"
