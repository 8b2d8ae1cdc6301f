"""Whoever can write the database cannot write an audit link that fits, and cannot take away what an anchor names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from backoffice.__main__ import main
from backoffice.identity import journal
from backoffice.office import UNKEYED_FILE, Office, open_office
from backoffice.store.audit import _algorithm, _link, heads, verify
from backoffice.store.chain_key import AnchorError
from backoffice.store.digest import Digest, Profile, digest_of
from backoffice.store.tables import tables

TOWN = "350213007"
LINKS = 6


def note(office: Office, count: int) -> None:
    def work(connection: Any) -> None:
        for n in range(count):
            journal.note(office, connection, TOWN, "tried", "test", number=str(n))

    office.database.transact(work)


def found(office: Office, anchored: Any = None) -> list[tuple[int, str]]:
    with office.database.read() as connection:
        return [(link.n, link.what) for link in verify(connection, office.chain_key, anchored)[1]]


def forge(office: Office, digest: Digest, gone: int, algorithm: str = "") -> None:
    """What an insider does who may write the database: one link goes, and all after it are hashed anew."""
    where = tables.audit.c.town == TOWN
    with office.database.write() as connection:
        rows = connection.execute(select(tables.audit).where(where).order_by(tables.audit.c.n)).all()
        connection.execute(delete(tables.audit).where(where))
        previous, n = "0" * 64, 0
        for row in rows:
            if row.n == gone:
                continue
            n += 1
            link = _link(digest, TOWN, n, previous, row.entry)
            values = {"town": TOWN, "n": n, "entry": row.entry, "previous": previous, "hash": link}
            connection.execute(tables.audit.insert().values(**values, algorithm=algorithm or _algorithm(digest)))
            previous = link
        change = update(tables.audit_head).where(tables.audit_head.c.town == TOWN)
        connection.execute(change.values(n=n, hash=previous))


@pytest.mark.parametrize("gone", [1, 3])
@pytest.mark.parametrize(
    ("digest", "algorithm"),
    [(Digest(Profile.SM3), ""), (Digest(Profile.SM3), "mac-sm3"), (Digest(Profile.SM3, b"a guess"), "")],
    ids=["without a key", "said to be with the key", "with another key"],
)
def test_a_link_that_is_removed_and_hashed_over_is_found(
    office: Office, gone: int, digest: Digest, algorithm: str
) -> None:
    note(office, LINKS)
    assert found(office) == []
    forge(office, digest, gone, algorithm)
    assert {what for _, what in found(office)} <= {"it was not made with the key", "its content was changed"}
    assert len(found(office)) == LINKS - 1, "every link that was hashed anew"


def test_with_the_key_the_same_forgery_would_fit_so_the_key_is_what_holds(office: Office) -> None:
    note(office, LINKS)
    with office.database.read() as connection:
        kept = heads(connection)
    forge(office, office.digest, 3)
    assert found(office) == []
    assert found(office, kept) == [(LINKS, "the link of the anchor is missing")]
    note(office, 1)
    assert found(office, kept) == [(LINKS, "it is not the link of the anchor")], "an anchor finds it all the same"


def test_the_last_links_are_missed_by_the_anchor_alone(office: Office) -> None:
    note(office, LINKS)
    with office.database.read() as connection:
        kept = heads(connection)
    note(office, 2)
    assert found(office, kept) == []
    last = tables.audit.c.n > LINKS - 2
    with office.database.write() as connection:
        connection.execute(delete(tables.audit).where((tables.audit.c.town == TOWN) & last))
        row = connection.execute(select(tables.audit).where(tables.audit.c.n == LINKS - 2)).one()
        change = update(tables.audit_head).where(tables.audit_head.c.town == TOWN)
        connection.execute(change.values(n=row.n, hash=row.hash))
    assert found(office) == [], "a shorter chain is a whole one"
    assert found(office, kept) == [(LINKS, "the link of the anchor is missing")]
    note(office, 2)
    assert found(office, kept) == [(LINKS, "it is not the link of the anchor")]


def test_an_office_of_the_time_before_the_key_goes_on_and_only_its_old_links_are_without_one(
    place: Any, clock: Any
) -> None:
    office = open_office(place.data, clock, db=place.db)
    note(office, LINKS)
    forge(office, digest_of(Profile.SM3), 0)
    office.close()
    (place.data / UNKEYED_FILE).unlink()
    office = open_office(place.data, clock, db=place.db)
    assert found(office) == []
    note(office, 2)
    assert found(office) == []
    with office.database.read() as connection:
        algorithms = list(connection.execute(select(tables.audit.c.algorithm).order_by(tables.audit.c.n)).scalars())
    assert algorithms == ["hmac-sm3"] * LINKS + ["mac-sm3"] * 2
    forge(office, digest_of(Profile.SM3), 0)
    assert found(office) == [(n, "it was not made with the key") for n in (LINKS + 1, LINKS + 2)]
    office.close()


def _changed(anchor: dict[str, Any]) -> Iterable[object]:
    yield {**anchor, "at": "2020-01-01T00:00:00+08:00"}
    yield {**anchor, "heads": {}}
    yield {**anchor, "signature": "00" * 64}
    yield {**anchor, "signature": "not hexadecimal"}
    yield {name: value for name, value in anchor.items() if name != "signature"}
    yield from ([], None, "x", {"heads": 1, "at": 1, "signature": "00"})


def test_an_anchor_that_was_changed_or_is_none_is_refused(office: Office, place_of: Callable[..., Any]) -> None:
    note(office, 1)
    with office.database.read() as connection:
        anchor = office.chain_key.sign(heads(connection), "2026-11-24T10:00:00+08:00")
    assert office.chain_key.heads_of(json.loads(json.dumps(anchor)))[TOWN][0] == 1
    for other in _changed(anchor):
        with pytest.raises(AnchorError):
            office.chain_key.heads_of(other)


def test_the_command_signs_heads_and_compares_with_them(
    data: Path, clock: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = open_office(data, clock)
    note(office, LINKS)
    anchor, where = tmp_path / "anchor.json", ["audit", "--data", str(data)]
    assert main([*where, "--write-anchor", str(anchor)]) == 0
    assert main([*where, "--anchor", str(anchor)]) == 0
    assert f"{LINKS} links, 0 broken\n1 heads of {anchor} compared" in capsys.readouterr().out
    forge(office, office.digest, 3)
    assert main([*where, "--anchor", str(anchor), "--write-anchor", str(tmp_path / "next")]) == 1
    assert f"town {TOWN}, link {LINKS}: the link of the anchor is missing" in capsys.readouterr().out
    assert not (tmp_path / "next").exists()
    anchor.write_text(anchor.read_text("utf-8").replace(f'"n": {LINKS}', f'"n": {LINKS - 1}'), "utf-8")
    assert main([*where, "--anchor", str(anchor)]) == 2
    assert "not signed with this office's key, or it was changed" in capsys.readouterr().err
    office.close()
