"""Calls for help: what is said of one is what its row holds, until somebody accepts it or its time is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backoffice.geography.stored import sites_on
from backoffice.identity.standing_place import put_site
from backoffice.office import Office
from backoffice.store import audit
from backoffice.store.tables import tables
from backoffice.upkeep.due_timers import Ringer

SITE = "350213007007"
Hands = Callable[..., Any]


def body(**changes: Any) -> dict[str, Any]:
    called = {"case_no": "", "site": SITE, "step": "identify", "item_id": "", "note": ""}
    return {**called, "called_at": "2026-11-24T10:05:00+08:00", **changes}


def call(terminal: Any, key: str = "k/call/1", **changes: Any) -> dict[str, Any]:
    answer = terminal.call("POST", "/v1/help-calls", body(**changes), key=key)
    assert answer.status_code == 201
    told: dict[str, Any] = answer.json()
    return told


def now(terminal: Any, call_id: str) -> dict[str, Any]:
    told: dict[str, Any] = terminal.call("GET", f"/v1/help-calls/{call_id}").json()
    return told


def values(told: dict[str, Any]) -> dict[str, str]:
    return {name: arg["value"] for name, arg in told["answer"]["args"].items()}


@pytest.fixture
def clerk(staff_hands: Hands, office: Office, terminal: Any, clock: Any) -> Any:
    return staff_hands(office, terminal.http, clock, "clerk_a", "clerk", town="350213007")


def accept(hands: Any, told: dict[str, Any], version: int | None = None, **wanted: Any) -> Any:
    match = f'"{version or told["row_version"]}"'
    return hands.call("POST", f"/staff/v1/help-calls/{told['call_id']}/acceptance", wanted, **{"If-Match": match})


def test_a_call_is_told_as_sent_with_the_time_and_the_telephone_of_its_site(terminal: Any, office: Office) -> None:
    told = call(terminal)
    with office.database.read() as connection:
        phone = next(site.phone for site in sites_on(connection, office.clock.now().date()) if site.code == SITE)
    assert told["state"] == "sent" and told["ticket"] == "001"
    assert told["answer"]["key"] == "help.sent"
    due = values(told)["time"]
    assert values(told) == {"ticket": "001", "time": due, "desk_phone": phone}
    assert 120 <= told["answer_within_s"] < 180
    assert due == (office.clock.now() + timedelta(seconds=told["answer_within_s"])).strftime("%H:%M")


def test_tickets_count_by_village_and_day_and_a_repeat_takes_none(terminal: Any, office: Office, clock: Any) -> None:
    def ticket(key: str, **changes: Any) -> str:
        return str(call(terminal, key, **changes)["ticket"])

    assert [ticket("a"), ticket("b"), ticket("b")] == ["001", "002", "002"]
    office.database.transact(lambda connection: put_site(office, connection, "K1", "350213004008"))
    assert ticket("c", site="350213004008") == "001"
    clock.advance(days=1)
    assert ticket("d") == "001"


def test_who_accepts_is_told_by_post_and_minutes_and_only_then(terminal: Any, office: Office, clerk: Any) -> None:
    told = call(terminal)
    (listed,) = clerk.call("GET", "/staff/v1/help-calls").json()["calls"]
    assert (listed["call_id"], listed["state"]) == (told["call_id"], "sent")
    assert accept(clerk, told, who="who.village_clerk", minutes=7).status_code == 200
    accepted = now(terminal, told["call_id"])
    assert (accepted["state"], accepted["answer"]["key"]) == ("accepted", "help.accepted")
    assert values(accepted) == {"who": "who.village_clerk", "minutes": "7", "ticket": "001"}
    assert clerk.call("GET", "/staff/v1/help-calls").json()["calls"] == []
    with office.database.read() as connection:
        assert audit.verify(connection, office.chain_key)[1] == []
        assert "help_accepted" in "".join(connection.execute(select(tables.audit.c.entry)).scalars())


def test_of_two_who_accept_one_does(terminal: Any, clerk: Any, staff_hands: Hands, office: Office, clock: Any) -> None:
    told = call(terminal)
    other = staff_hands(office, terminal.http, clock, "clerk_b", "clerk", town="350213007")
    assert accept(clerk, told).status_code == 200
    late = accept(other, told)
    assert (late.status_code, late.json()["code"]) == (412, "version_stale")
    newest = accept(other, told, version=now(terminal, told["call_id"])["row_version"])
    assert newest.json()["code"] == "version_stale"


def test_a_call_that_nobody_accepts_in_time_says_so_and_whom_to_ring_up(
    terminal: Any, office: Office, clock: Any, clerk: Any
) -> None:
    told = call(terminal)
    clock.advance(seconds=told["answer_within_s"] - 1)
    Ringer(office).ring()
    assert now(terminal, told["call_id"])["state"] == "sent"
    clock.advance(seconds=1)
    Ringer(office).ring()
    late = now(terminal, told["call_id"])
    assert (late["state"], late["answer"]["key"], late["answer_within_s"]) == ("unanswered", "help.unanswered", 0)
    assert values(late) == {"ticket": "001", "desk_phone": values(told)["desk_phone"]}
    assert accept(clerk, late).status_code == 200, "better late than never"
    assert now(terminal, told["call_id"])["state"] == "accepted"


def test_an_accepted_call_stays_accepted_when_its_time_is_over(
    terminal: Any, office: Office, clock: Any, clerk: Any
) -> None:
    told = call(terminal)
    accept(clerk, told)
    clock.advance(minutes=10)
    assert Ringer(office).ring() == 0
    assert now(terminal, told["call_id"])["state"] == "accepted"


def test_outside_hours_it_says_who_opens_when_and_waits_for_nobody(subtests: Any, terminal: Any, clock: Any) -> None:
    for hour, minute, expected in [
        (8, 0, {}),
        (12, 30, {}),
        (19, 59, {}),
        (20, 0, {"who": "who.village_clerk", "date": "2026-11-25", "time": "08:00"}),
        (6, 0, {"who": "who.village_clerk", "date": "2026-11-24", "time": "08:00"}),
    ]:
        with subtests.test(hour=repr(hour), minute=repr(minute)):
            clock.moment = clock.moment.replace(hour=hour, minute=minute)
            told = call(terminal, clock.moment.isoformat())
            assert told["answer"]["key"] == ("help.closed" if expected else "help.sent")
            assert told["state"] == ("unanswered" if expected else "sent")
            assert values(told).items() >= expected.items()


def test_feasts_and_shifted_days_count(subtests: Any, terminal: Any, clock: Any) -> None:
    for day, expected in [("2026-10-01", "2026-10-08"), ("2026-10-10", "now"), ("2026-11-22", "2026-11-23")]:
        with subtests.test(day=repr(day), expected=repr(expected)):
            year, month, number = (int(part) for part in day.split("-"))
            clock.moment = clock.moment.replace(year=year, month=month, day=number)
            told = call(terminal, clock.moment.isoformat())
            if expected == "now":
                assert told["answer"]["key"] == "help.sent"
            else:
                assert values(told)["date"] == expected


def test_another_terminal_and_another_town_see_nothing_of_it(
    terminal: Any, start: Any, staff_hands: Hands, office: Office, clock: Any
) -> None:
    told = call(terminal)
    stranger = staff_hands(office, terminal.http, clock, "clerk_c", "clerk", town="350213004")
    assert stranger.call("GET", "/staff/v1/help-calls").json()["calls"] == []
    assert accept(stranger, told).json()["code"] == "call_unknown"
    assert terminal.call("GET", "/v1/help-calls/350213007007261124999").json()["code"] == "call_unknown"


def test_what_was_said_in_a_call_is_sealed(terminal: Any, office: Office) -> None:
    call(terminal, note="我的名字是陈阿金")
    with office.database.read() as connection:
        (row,) = connection.execute(select(tables.help_call)).all()
    assert "陈阿金".encode() not in row.note_sealed
    opened = office.vault.open(f"help.note:{row.site}/{row.day}/{row.ticket}", row.note_sealed).decode()
    assert opened.endswith("陈阿金")


def test_a_call_without_a_key_or_from_elsewhere_is_refused(terminal: Any) -> None:
    assert terminal.call("POST", "/v1/help-calls", body()).json()["code"] == "idempotency_key_missing"
    far = terminal.call("POST", "/v1/help-calls", body(site="110101001001"), key="k")
    assert (far.status_code, far.json()["code"]) == (422, "site_unknown")
