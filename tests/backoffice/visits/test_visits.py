"""Appointments, tickets, what could not be done, and the calls that follow: as terminals and staff ask for them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice.__main__ import main
from backoffice.calls.once import Call
from backoffice.domain.person import Applicant
from backoffice.domain.waiting import Lane
from backoffice.identity.devices import add_device
from backoffice.intake.taking_in import Submission
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.audit import verify
from backoffice.store.tables import tables
from backoffice.store.tables import visits as rows
from backoffice.visits import appointments, queue, tasks

Body = Callable[..., dict[str, Any]]
SITE, TOWN_HALL, DISTRICT_HALL = "350213007007", "350213007000", "350213000000"
DAY, START = "2026-11-25", "09:00"


@pytest.fixture
def booking(office: Office, submission: Body) -> Callable[..., dict[str, Any]]:
    """The body of a case about a check-up or of a property registration."""

    def of(who: str = "a_kim", serial: int = 1, item_id: str = "XA054", **changes: Any) -> dict[str, Any]:
        item = office.release.items[item_id]
        assert item.form is not None
        asked = [field for field in item.form.fields if field.source == "ask" and not field.beside]
        form = {field.key: choices(office, field)[0] for field in asked}
        return submission(who, serial, item_id=item_id, item_version=item.version, form=form, **changes)

    return of


def choices(office: Office, field: Any) -> list[str]:
    if field.spec.options:
        return list(field.spec.options)
    return list(office.release.lists[field.spec.table])


def book(terminal: Any, body: dict[str, Any], day: str = DAY, start: str = START) -> Any:
    sent = {"submission": body, "day": day, "start": start}
    return terminal.call("POST", "/v1/appointments", sent, key=body["case_no"])


def slip(case: dict[str, Any]) -> dict[str, str]:
    return {"number": case["case_no"][-16:], "code": case["query_code"]}


def free(terminal: Any, item_id: str = "XA054", day: str = DAY, start: str = START) -> int:
    slots = terminal.call("GET", f"/v1/slots?item_id={item_id}&site={SITE}").json()["slots"]
    return next(int(slot["free"]) for slot in slots if (slot["day"], slot["start"]) == (day, start))


def test_an_appointment_takes_a_place_ends_its_case_and_is_the_ticket(terminal: Any, booking: Body) -> None:
    before = free(terminal)
    answer = book(terminal, booking())
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert case["appointment"]["ticket"] == "Y701" and case["appointment"]["place"] == TOWN_HALL
    assert (case["decision"]["outcome"], case["decision"]["next"]["key"]) == ("done", "book.done")
    assert case["decision"]["next"]["args"]["ticket"] == {"kind": "digits", "value": "701"}
    assert free(terminal) == before - 1
    assert book(terminal, booking()).json() == case
    assert free(terminal) == before - 1


def test_one_person_has_one_appointment_an_item_and_gets_it_back_by_cancelling(terminal: Any, booking: Body) -> None:
    case, before = book(terminal, booking()).json(), free(terminal)
    assert book(terminal, booking(serial=2), start="09:30").json()["code"] == "already_booked"
    told = terminal.call("POST", "/v1/appointment-cancellations", slip(case), key="cancel-1")
    assert (told.json()["state"], told.json()["line"]["key"]) == ("cancelled", "book.cancelled")
    assert terminal.call("POST", "/v1/appointment-cancellations", slip(case), key="cancel-1").json() == told.json()
    assert free(terminal) == before + 1
    assert book(terminal, booking(serial=2), start="09:30").status_code == 201
    again = terminal.call("POST", "/v1/appointment-cancellations", slip(case), key="cancel-2")
    assert again.json()["code"] == "appointment_state"


def test_whoever_holds_the_slip_may_move_it_and_nobody_else(terminal: Any, booking: Body) -> None:
    case, before = book(terminal, booking()).json(), free(terminal)
    wanted = {"day": "2026-11-26", "start": "08:00"}
    wrong = {**slip(case), "code": "0000" if case["query_code"] != "0000" else "1111"}
    answer = terminal.call("POST", "/v1/appointment-changes", {**wrong, **wanted}, key="change-1")
    assert answer.json()["code"] == "progress_unknown"
    moved = terminal.call("POST", "/v1/appointment-changes", {**slip(case), **wanted}, key="change-2").json()
    assert (moved["day"], moved["start"], moved["line"]["key"]) == ("2026-11-26", "08:00", "book.changed")
    assert free(terminal) == before + 1
    gone = terminal.call("POST", "/v1/appointment-changes", {**slip(case), "day": DAY, "start": "03:00"}, key="c-3")
    assert gone.json()["code"] == "slot_unknown"


def test_an_appointment_joins_the_queue_with_its_own_number(
    terminal: Any, clock: Any, booking: Body, office: Office
) -> None:
    case = book(terminal, booking()).json()
    early = terminal.call("POST", "/v1/check-ins", slip(case), key="in-1")
    assert early.json()["code"] == "check_in_early"
    clock.moment = clock.moment.replace(day=25, hour=8, minute=50)
    here = terminal.call("POST", "/v1/check-ins", slip(case), key="in-2").json()
    assert (here["ticket"], here["lane"], here["ahead"], here["line"]["key"]) == (
        *("Y701", "priority", 0),
        "queue.checked_in",
    )
    walk_in = terminal.call("POST", "/v1/queue-tickets", {"site": SITE, "lane": "normal"}, key="q-1").json()
    assert (walk_in["ticket"], walk_in["ahead"], walk_in["minutes"]) == ("A001", 1, 8)
    with office.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(rows.queue_ticket)).scalar_one() == 2


def test_who_comes_just_in_time_is_in_the_other_line_and_too_late_is_told_so(
    terminal: Any, clock: Any, booking: Body
) -> None:
    first, second = (book(terminal, booking(who, n)).json() for n, who in ((1, "a_kim"), (2, "dated_card")))
    clock.moment = clock.moment.replace(day=25, hour=8, minute=51)
    assert terminal.call("POST", "/v1/check-ins", slip(first), key="in-1").json()["lane"] == "normal"
    clock.moment = clock.moment.replace(hour=9, minute=31)
    assert terminal.call("POST", "/v1/check-ins", slip(second), key="in-2").json()["code"] == "appointment_missed"
    # What the words for it promise: a number of today's queue, or another day for the same appointment.
    assert terminal.call("POST", "/v1/queue-tickets", {"site": SITE, "lane": "normal"}, key="q-1").status_code == 201
    later = {**slip(second), "day": "2026-11-26", "start": "08:00"}
    assert terminal.call("POST", "/v1/appointment-changes", later, key="later").json()["state"] == "booked"


def test_an_elder_who_did_not_come_is_called_and_never_blocked(
    terminal: Any, clock: Any, booking: Body, office: Office, staff_hands: Callable[..., Any]
) -> None:
    case = book(terminal, booking()).json()
    clock.moment = clock.moment.replace(day=26)
    assert tasks.note_missed(office, date(2026, 11, 25)) == 1
    for route, wanted in (("check-ins", {}), ("appointment-changes", {"day": "2026-11-27", "start": "08:00"})):
        told = terminal.call("POST", f"/v1/{route}", {**slip(case), **wanted}, key=f"over-{route}")
        assert told.json()["code"] == "appointment_missed"
    assert tasks.note_missed(office, date(2026, 11, 25)) == 0
    clerk = staff_hands(office, terminal.http, clock, "lin", "clerk", town="350213007")
    stranger = staff_hands(office, terminal.http, clock, "tan", "clerk", town="350213001")
    (task,) = clerk.call("GET", "/staff/v1/visit-tasks").json()["tasks"]
    assert (task["kind"], task["contact_by"], task["fix_by"]) == ("reminder", "2026-11-27", None)
    assert stranger.call("GET", "/staff/v1/visit-tasks").json()["tasks"] == []
    target, version = f"/staff/v1/visit-tasks/{task['task_id']}/result", {"If_Match": '"1"'}
    assert stranger.call("POST", target, {"result": "called"}, **version).json()["code"] == "task_unknown"
    assert clerk.call("POST", target, {"result": "called"}, **version).json()["done_at"]
    assert clerk.call("POST", target, {"result": "called"}, **version).json()["code"] == "version_stale"
    assert clerk.call("GET", "/staff/v1/visit-tasks").json()["tasks"] == []
    assert book(terminal, booking(serial=2), day="2026-11-27").status_code == 201


def test_a_window_calls_recalls_moves_back_voids_and_revives(
    terminal: Any, clock: Any, office: Office, staff_hands: Callable[..., Any]
) -> None:
    for n in range(5):
        terminal.call("POST", "/v1/queue-tickets", {"site": SITE, "lane": "normal"}, key=f"q-{n}")
    clerk = staff_hands(office, terminal.http, clock, "lin", "clerk", town="350213007")
    base = f"/staff/v1/halls/{TOWN_HALL}"

    def step(deed: str, ticket: dict[str, Any]) -> dict[str, Any]:
        target = f"{base}/tickets/{ticket['number']}/{deed}"
        answer: dict[str, Any] = clerk.call("POST", target, If_Match=f'"{ticket["row_version"]}"').json()
        return answer

    def not_there() -> dict[str, Any]:
        ticket: dict[str, Any] = clerk.call("POST", f"{base}/calls", {"window": "3"}).json()
        assert step("missed", ticket)["code"] == "ticket_state"
        ticket = step("recall", step("recall", ticket))
        assert step("recall", ticket)["code"] == "ticket_state"
        return step("missed", ticket)

    first = not_there()
    assert (first["number"], first["state"], first["moved_back"]) == (1, "waiting", True)
    assert [ticket["number"] for ticket in clerk.call("GET", f"{base}/queue").json()["tickets"]] == [2, 3, 4, 1, 5]
    for number in (2, 3, 4):
        ticket = clerk.call("POST", f"{base}/calls", {"window": "3"}).json()
        assert ticket["number"] == number
        served = step("service", ticket)
        assert step("service", ticket)["code"] == "version_stale"
        assert step("end", served)["state"] == "finished"
    void = not_there()
    assert (void["number"], void["state"]) == (1, "void")
    assert step("revival", void)["state"] == "waiting"
    assert clerk.call("POST", f"{base}/calls", {"window": "3"}).json()["number"] == 1
    other = clerk.call("POST", "/staff/v1/halls/350213001000/calls", {"window": "3"})
    assert other.json()["code"] == "not_found"
    assert clerk.call("POST", f"{base}/calls", {"window": "3"}).json()["number"] == 5
    assert clerk.call("POST", f"{base}/calls", {"window": "3"}).json()["code"] == "nobody_waits"


def test_the_day_is_closed_by_a_command_once_it_is_over(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["visits", "close-day", "--data", str(data), "--day", "2026-01-05"]) == 0
    assert capsys.readouterr().out == "0 missed appointments, 0 cases that nobody rated\n"
    assert main(["visits", "close-day", "--data", str(data), "--day", "9999-01-01"]) == 1
    assert "not over yet" in capsys.readouterr().err


COMPLAINT = {
    "site": SITE,
    "case_no": "",
    "item_id": "XA032",
    "step": "ask",
    "reason": "",
    "note": "三趟都办不成",
    "lang": "nan",
    "made_at": "2026-11-24T10:00:00+08:00",
}


def test_what_could_not_be_done_gets_a_number_four_dates_and_people_who_see_it(
    terminal: Any, clock: Any, office: Office, staff_hands: Callable[..., Any]
) -> None:
    answer = terminal.call("POST", "/v1/complaints", COMPLAINT, key="no-1")
    assert answer.status_code == 201, answer.text
    taken = answer.json()
    assert taken["complaint_no"] == "261124007001"
    assert taken["due"] == {
        "window": "2026-11-24",
        "department": "2026-12-01",
        "panel": "2026-12-08",
        "district": "2026-12-15",
    }
    assert taken["line"]["args"]["date"]["value"] == "2026-12-15"
    assert terminal.call("POST", "/v1/complaints", COMPLAINT, key="no-1").json() == taken
    assert terminal.call("POST", "/v1/complaints", COMPLAINT, key="no-2").json()["complaint_no"] == "261124007002"
    strange = {**COMPLAINT, "case_no": "9" * 22}
    assert terminal.call("POST", "/v1/complaints", strange, key="no-3").json()["code"] == "case_unknown"
    clerk = staff_hands(office, terminal.http, clock, "lin", "clerk", town="350213007")
    stranger = staff_hands(office, terminal.http, clock, "tan", "clerk", town="350213001")
    shown = clerk.call("GET", "/staff/v1/complaints").json()["complaints"]
    assert [one["note"] for one in shown] == ["三趟都办不成"] * 2
    assert stranger.call("GET", "/staff/v1/complaints").json()["complaints"] == []
    with office.database.read() as connection:
        sealed = connection.execute(select(rows.complaint.c.note_sealed)).scalars().all()
        assert verify(connection, office.chain_key)[1] == []
    assert not any("三趟".encode() in note for note in sealed)


def together(work: Callable[[int], str], count: int = 20) -> Counter[str]:
    begin = threading.Barrier(count, timeout=30)

    def one(n: int) -> str:
        begin.wait()
        try:
            return work(n)
        except Problem as problem:
            return problem.code

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(one, range(count)))


@pytest.fixture
def many(office: Office) -> Office:
    for n in range(10):
        add_device(office, f"M{n}", bytes(32), None)
    return office


def test_twenty_at_once_for_the_last_places_get_exactly_those(many: Office, booking: Body) -> None:
    capacity = many.tables.booking.services["XA077"].capacity
    bodies = [booking("a_kim", n + 1, "XA077") for n in range(20)]
    sent = [
        Submission(
            **{
                **body,
                "applicant": Applicant(**{**body["applicant"], "number": f"35021319440315{n:03d}X"}),
                "consents": (),
            }
        )
        for n, body in enumerate(bodies)
    ]

    def take(n: int) -> str:
        one = sent[n]
        told = appointments.book(many, Call(f"M{n % 10}", one.case_no, "body"), one, DAY, START)
        return str(told["appointment"]["ticket"])

    answers = together(take)
    assert answers["slot_full"] == 20 - capacity
    assert sorted(set(answers) - {"slot_full"}) == [f"Y{701 + n}" for n in range(capacity)]
    with many.database.read() as connection:
        assert connection.execute(select(rows.slot_use.c.taken)).scalar_one() == capacity
        assert connection.execute(select(func.count()).select_from(tables.service_case)).scalar_one() == capacity


def test_twenty_posts_of_one_person_make_one_appointment(many: Office, booking: Body) -> None:
    bodies = [booking("a_kim", n + 1) for n in range(20)]
    sent = [Submission(**{**body, "applicant": Applicant(**body["applicant"])}) for body in bodies]

    def take(n: int) -> str:
        appointments.book(many, Call(f"M{n % 10}", sent[n].case_no, "body"), sent[n], DAY, f"{8 + n % 2:02d}:00")
        return "booked"

    answers = together(take)
    assert answers["booked"] == 1
    assert answers["booked"] + answers["already_booked"] + answers["slot_full"] == 20


def test_twenty_tickets_at_once_have_no_gap_and_no_double(many: Office) -> None:
    def take(n: int) -> str:
        return str(queue.take_ticket(many, Call(f"M{n % 10}", f"t-{n}", "body"), SITE, Lane.PRIORITY)["ticket"])

    assert together(take) == {f"P{501 + n}": 1 for n in range(20)}
