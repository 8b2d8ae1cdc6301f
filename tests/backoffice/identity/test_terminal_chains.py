"""A terminal's own audit chain is followed link by link; one that does not go on from what is held is an alarm."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from sqlalchemy import select, update

from backoffice.__main__ import main
from backoffice.identity.terminal_chains import standings
from backoffice.office import Office
from backoffice.store.tables import tables
from backoffice.store.tables.identity import terminal_chain

PATH = "/v1/audit-links"
GENESIS = "0" * 64
Link = dict[str, Any]


def digest_of(link: Link) -> str:
    """As the contract tells it."""
    text = json.dumps(link, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def chain(count: int, what: str = "7", previous: str = GENESIS, first: int = 1) -> list[Link]:
    links = []
    for seq in range(first, first + count):
        facts = {"number": what, "result": "in"}
        link = {"seq": seq, "at": "2026-11-24T10:00:00+08:00", "kind": "staff_login", "facts": facts}
        links.append({**link, "previous": previous})
        previous = digest_of(links[-1])
    return links


def tell(terminal: Any, links: list[Link]) -> Any:
    return terminal.call("POST", PATH, {"links": links})


def noted(office: Office) -> list[dict[str, str]]:
    with office.database.read() as connection:
        entries = connection.execute(select(tables.audit.c.entry).order_by(tables.audit.c.n)).scalars()
        return [entry for entry in map(json.loads, entries) if entry["event"].startswith("terminal_chain_")]


def alarms(office: Office) -> list[tuple[str, bool]]:
    with office.database.read() as connection:
        return [(one.alarm, one.agrees) for one in standings(connection)]


def test_a_chain_goes_on_and_the_same_links_again_change_nothing(terminal: Any, office: Office) -> None:
    assert tell(terminal, []).json() == {"seq": 0, "digest": GENESIS}
    links = chain(5)
    for upto in (2, 2, 5, 4, 5):
        held = tell(terminal, links[:upto] if upto != 4 else links[3:])
        assert held.status_code == 200
    assert held.json() == {"seq": 5, "digest": digest_of(links[-1])}
    assert [entry["seq"] for entry in noted(office)] == ["2", "5"] and alarms(office) == [("", True)]


@pytest.mark.parametrize(
    ("links", "alarm"),
    [
        (chain(7, "8"), "rewritten"),
        (chain(2, "8"), "shortened"),
        (chain(2), "shortened"),
        (chain(4, previous="f" * 64, first=6), "rewritten"),
    ],
    ids=["written anew", "another store", "cut off", "goes on from another link"],
)
def test_a_chain_that_does_not_go_on_is_an_alarm_until_somebody_has_looked(
    terminal: Any, office: Office, place: Any, links: list[Link], alarm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    held = tell(terminal, chain(5)).json()
    answer = tell(terminal, links)
    assert answer.json() == {"seq": links[-1]["seq"], "digest": digest_of(links[-1])}
    assert alarms(office) == [(alarm, True)]
    entry = noted(office)[-1]
    assert (entry["alarm"], entry["held_seq"], entry["held_digest"]) == (alarm, "5", held["digest"])
    more = chain(1, previous=digest_of(links[-1]), first=links[-1]["seq"] + 1)
    assert tell(terminal, more).status_code == 200 and alarms(office) == [(alarm, True)], "it goes on, and stays told"
    assert main(["audit", *place.arguments]) == 1
    assert f"terminal K1: its chain was {alarm}" in capsys.readouterr().out
    assert main(["audit", "--looked-into", "K1", *place.arguments]) == 0
    assert "1 chains of terminals held, 0 alarms" in capsys.readouterr().out
    assert noted(office)[-1]["event"] == "terminal_chain_seen"
    assert main(["audit", "--looked-into", "K1", *place.arguments]) == 2


def test_links_that_are_no_piece_of_a_chain_are_refused_and_nothing_is_kept(terminal: Any, office: Office) -> None:
    links = chain(5)
    tell(terminal, links[:2])
    for wrong in (
        [links[3]],
        [links[2], links[4]],
        [{**links[2], "seq": 1}],
        [links[2], {**links[3], "previous": GENESIS}],
    ):
        answer = tell(terminal, wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "audit_links")
    assert tell(terminal, []).json()["seq"] == 2 and alarms(office) == [("", True)]


def test_a_head_that_was_changed_in_the_database_is_found_by_the_towns_chain(
    terminal: Any, office: Office, place: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who can write the database could hold another chain's head in its place."""
    tell(terminal, chain(5))
    other = digest_of(chain(5, "8")[-1])
    with office.database.write() as connection:
        connection.execute(update(terminal_chain).values(digest=other))
    assert alarms(office) == [("", False)]
    assert main(["audit", *place.arguments]) == 1
    assert "terminal K1: the head that is held is not the one" in capsys.readouterr().out
