"""The office's own register: written when an approval takes effect, read beside what the registers say."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from backoffice.clock import iso
from backoffice.domain.consequences import GRANTED, Effect, Note, with_notes
from backoffice.domain.facts.derive import Lookups
from backoffice.office import Office
from backoffice.store.tables.consequences import register_note

_N = register_note.c


def known_here(office: Office, number: str, lookups: Lookups, *, creates: bool = True) -> Lookups:
    """What registers said about the person of this number, with what was decided here since.

    :param creates: False leaves out whole entries that a register does not have yet: they lack what it would say.
    """
    registers = {effect.register for effect in _effects(office)} & set(lookups)
    if not registers:
        return lookups
    with office.database.read() as connection:
        notes = _notes_of(office, connection, office.vault.index(number), registers)
    return with_notes(lookups, [note for note in notes if creates or not note.creates])


def write(office: Office, connection: Connection, case: Row[Any], effect: Effect) -> bool:
    """The effect of this approval, in the caller's transaction; False when it stands there already."""
    there = connection.execute(select(_N.ended_at).where(_N.case_no == case.case_no)).one_or_none()
    if there is not None and there.ended_at is None:
        return False
    vault, now = office.vault, iso(office.clock.now())
    form = vault.open_json(f"case.form:{case.case_no}", case.form_sealed)
    decided_on = datetime.fromisoformat(case.decided_at).date()
    until = effect.until(decided_on, form)
    mine = (_N.applicant_index == case.applicant_index) & (_N.register == effect.register)
    # The newest decision about a register is the one that holds.
    connection.execute(update(register_note).where(mine, _N.ended_at.is_(None)).values(ended_at=now))
    values = {
        "applicant_index": case.applicant_index,
        "register": effect.register,
        "values_sealed": vault.seal_json(_place(case.case_no), effect.note(decided_on, _facts(office, case))),
        "creates": effect.creates,
        "noted_at": now,
        "until_on": until.isoformat() if until else None,
        "ended_at": None,
    }
    if there is None:
        connection.execute(insert(register_note).values(case_no=case.case_no, **values))
    else:
        connection.execute(update(register_note).where(_N.case_no == case.case_no).values(**values))
    return True


def end(office: Office, connection: Connection, case_no: str) -> bool:
    """The approval was taken back; False when nothing stood there."""
    where = (_N.case_no == case_no) & _N.ended_at.is_(None)
    ended = connection.execute(update(register_note).where(where).values(ended_at=iso(office.clock.now())))
    return ended.rowcount == 1


def is_noted(connection: Connection, case_no: str) -> bool:
    """The effect of this case has been written, whether or not it still holds."""
    return connection.execute(select(_N.case_no).where(_N.case_no == case_no)).one_or_none() is not None


def effect_of(connection: Connection, case: Row[Any]) -> str | None:
    """How far what was approved has come: `under_way`, `done`; None where nothing is approved."""
    if case.state not in GRANTED:
        return None
    return "done" if case.state == "issued" or is_noted(connection, case.case_no) else "under_way"


def _notes_of(office: Office, connection: Connection, person: str, registers: Collection[str]) -> list[Note]:
    today = office.clock.now().date().isoformat()
    query = (
        select(register_note)
        .where(_N.applicant_index == person, _N.register.in_(sorted(registers)), _N.ended_at.is_(None))
        .where(or_(_N.until_on.is_(None), _N.until_on >= today))
        .order_by(_N.noted_at)
    )
    vault = office.vault
    return [
        Note(row.register, vault.open_json(_place(row.case_no), row.values_sealed), row.creates)
        for row in connection.execute(query)
    ]


def _effects(office: Office) -> list[Effect]:
    return [one.effect for one in office.tables.consequences.of_item.values() if one.effect is not None]


def _facts(office: Office, case: Row[Any]) -> dict[str, str]:
    if case.decision_sealed is None:
        return {}
    facts: dict[str, str] = office.vault.open_json(f"case.decision:{case.case_no}", case.decision_sealed)["facts"]
    return facts


def _place(case_no: str) -> str:
    return f"note:{case_no}/register"
