"""One-time notices, supplements, refusals with a second review, and the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from backoffice.casework.notices import notices_of
from backoffice.casework.refusals import LAWSUIT_MONTHS, REVIEW_DAYS, ledger, read_reasons, refusals_of
from backoffice.catalogue.release import CatalogueError
from backoffice.domain.cases.case import SEPARATED, Actor, Move, Role
from backoffice.paths import catalogue_dir
from backoffice.problems.problem import Problem


def refused(code: str, work: Callable[[], Any]) -> None:
    with pytest.raises(Problem) as raised:
        work()
    assert raised.value.code == code


def shown(life: Any, case_no: str) -> list[dict[str, Any]]:
    with life.office.database.read() as connection:
        return notices_of(life.office, connection, case_no)


def test_a_notice_says_for_each_point_what_why_basis_how_until_when_and_who_helps(life: Any) -> None:
    case_no = life.under_review()
    names = [material.name for material in life.office.release.items["XA032"].materials][:2]
    life.notice(case_no, points=life.points(*names))
    (notice,) = shown(life, case_no)
    until = (life.clock.now().date() + timedelta(days=30)).isoformat()
    assert (notice["locked"], notice["until"], notice["issued_by"]) == (True, until, "revi-350213007")
    assert [point["what"] for point in notice["points"]] == names
    for point in notice["points"]:
        assert all(point[part] for part in ("what", "why", "basis", "how", "until", "helper"))


def test_a_second_notice_is_a_superiors_with_a_reason_and_repeats_nothing(life: Any) -> None:
    case_no = life.under_review()
    life.notice(case_no)
    life.supplement(case_no)
    refused("move_not_allowed", lambda: life.notice(case_no, points=life.points(unusable=True)))
    superior = Role.SUPERIOR
    refused("notice_incomplete", lambda: life.notice(case_no, superior, points=life.points(unusable=True)))
    refused("notice_repeats", lambda: life.notice(case_no, superior, why_again="it was torn"))
    life.notice(case_no, superior, points=life.points(unusable=True), why_again="what came was torn")
    assert life.state(case_no) == "noticed"
    assert [notice.get("why_again") for notice in shown(life, case_no)] == [None, "what came was torn"]
    assert life.events(case_no)[-1] == "noticed_again"


def test_a_first_notice_is_not_the_superiors_to_give(life: Any) -> None:
    case_no = life.under_review()
    refused("move_not_allowed", lambda: life.notice(case_no, Role.SUPERIOR, why_again="because"))


def test_a_notice_that_asks_too_much_or_says_too_little_is_not_issued(life: Any) -> None:
    case_no = life.under_review()
    (point,) = life.points()
    for code, changes in (
        ("notice_outside_guide", {"points": life.points("a certificate that no guide names")}),
        ("notice_incomplete", {"days": 0}),
        ("notice_incomplete", {"days": 400}),
        ("notice_incomplete", {"helper": " "}),
        ("notice_incomplete", {"points": (point, point)}),
        ("notice_incomplete", {"points": (replace(point, why=" "),)}),
    ):
        refused(code, partial(life.notice, case_no, **changes))
    assert life.state(case_no) == "under_review" and shown(life, case_no) == []


def test_waiting_for_the_resident_is_not_counted(life: Any) -> None:
    case_no = life.under_review()
    due_on = life.row(case_no).due_on
    life.notice(case_no)
    assert not any(kind.startswith("limit") for kind in life.timers(case_no))
    life.clock.advance(days=14)
    life.supplement(case_no)
    assert life.row(case_no).due_on > due_on
    assert life.move(case_no, (Role.REVIEWER, Move.BEGIN_REVIEW)) == "under_review"


def test_a_refusal_needs_a_second_person_and_stands_in_the_ledger(life: Any) -> None:
    case_no = life.under_review()
    life.propose(case_no)
    assert life.state(case_no) == "refusal_proposed"
    first = life.people[Role.REVIEWER]
    both = Actor(first.login, SEPARATED, None)
    life.people = {**life.people, Role.SUPERIOR: both}
    refused("roles_not_separate", lambda: life.review(case_no, confirm=True))
    life.people = {**life.people, Role.SUPERIOR: Actor("another", frozenset((Role.SUPERIOR,)), None)}
    life.review(case_no, confirm=True)
    assert life.state(case_no) == "refused" and life.row(case_no).outcome == "refused"
    (row,) = ledger(life.office)
    assert (row["case_no"], row["verdict"], row["kind"]) == (case_no, "confirmed", "not_granted")
    assert (row["proposed_by"], row["reviewed_by"]) == (first.login, "another")
    assert (row["review_days"], row["lawsuit_months"]) == (REVIEW_DAYS, LAWSUIT_MONTHS)
    assert "words" not in json.dumps(row)
    with life.office.database.read() as connection:
        (letter,) = refusals_of(life.office, connection, case_no)
    assert letter["words"] == "in words" and letter["authority"] and letter["basis"]


def test_what_the_second_review_overrules_goes_back_and_stands_in_the_ledger_too(life: Any) -> None:
    case_no = life.under_review()
    life.move(case_no, (Role.REVIEWER, Move.REVIEWED))
    life.propose(case_no, Role.DECIDER)
    life.review(case_no, confirm=False)
    assert life.state(case_no) == "under_review"
    fresh = life.handed_over(2)
    life.propose(fresh, code="not_our_authority")
    life.review(fresh, confirm=False)
    assert life.state(fresh) == "handed_over"
    assert [(row["kind"], row["verdict"]) for row in ledger(life.office)] == [
        ("not_granted", "overruled"),
        ("not_admitted", "overruled"),
    ]


def test_the_counter_cannot_refuse_and_reasons_come_from_the_closed_list(life: Any) -> None:
    case_no = life.under_review()
    refused("move_not_allowed", lambda: life.propose(case_no, Role.INTAKE))
    refused("reason_unknown", lambda: life.propose(case_no, code="because"))
    refused("reason_unknown", lambda: life.propose(case_no, code="not_our_authority"))
    assert life.state(case_no) == "under_review"


def test_a_list_of_reasons_with_a_double_or_unknown_kind_is_refused(tmp_path: Path, place: Any) -> None:
    good = (catalogue_dir() / "refusal_reasons.tsv").read_text(encoding="utf-8")
    assert {reason.kind for reason in read_reasons(catalogue_dir()).values()} == {"not_admitted", "not_granted"}
    for bad in (good + good.splitlines()[1] + "\n", good + "x\tsomething\tx\tx\n", "code\tkind\na\tnot_admitted\n"):
        (tmp_path / "refusal_reasons.tsv").write_text(bad, encoding="utf-8")
        with pytest.raises(CatalogueError):
            read_reasons(tmp_path)


def test_a_proposal_is_answered_by_a_second_review_and_by_nothing_else_but_the_resident(life: Any) -> None:
    case_no = life.under_review()
    life.propose(case_no)
    refused("move_not_allowed", lambda: life.move(case_no, (Role.SUPERIOR, Move.SEND_BACK)))
    life.move(case_no, (Role.INTAKE, Move.WITHDRAW))
    assert [row["verdict"] for row in ledger(life.office)] == ["withdrawn"]
