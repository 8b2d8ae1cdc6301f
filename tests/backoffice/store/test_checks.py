"""Amounts, counts and states that cannot be are refused by the database itself, on a filled one of before, too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from office_support import casework_hands
from sqlalchemy import CheckConstraint, create_engine, inspect, select, text
from sqlalchemy.exc import IntegrityError

from backoffice.calls.once import Call
from backoffice.documents import case_papers, making
from backoffice.files import uploads
from backoffice.office import Office, open_office
from backoffice.payments import records
from backoffice.store import schema
from backoffice.store.checks import one_of
from backoffice.store.database import DatabaseUnusable
from backoffice.store.tables import papers, tables
from backoffice.store.tables.all_tables import metadata
from backoffice.visits import appointments, complaints, help_calls

REFUSED = [
    ("service_case", "state", "lost"),
    ("service_case", "row_version", 0),
    ("document_copy", "n", -1),
    ("document_copy", "state", "eaten"),
]


def checks(office: Office) -> dict[str, dict[str, str]]:
    with office.database.read() as connection:
        there = inspect(connection)
        return {t: {str(c["name"]): c["sqltext"] for c in there.get_check_constraints(t)} for t in metadata.tables}


def declared() -> dict[str, dict[str, str]]:
    return {
        name: {str(c.name): str(c.sqltext) for c in table.constraints if isinstance(c, CheckConstraint)}
        for name, table in metadata.tables.items()
    }


def rows(office: Office) -> dict[str, list[Any]]:
    kept = (tables.service_case, tables.case_event, papers.document, papers.document_copy, tables.audit)
    with office.database.read() as connection:
        return {table.name: [tuple(row) for row in connection.execute(select(table))] for table in kept}


def back_to(url: Any, revision: str) -> None:
    """As a program of before left it."""
    engine = create_engine(url)
    with engine.begin() as connection:
        config = schema.alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    engine.dispose()


def test_a_filled_database_of_before_gets_the_checks_and_keeps_every_row(
    place: Any, clock: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    office = open_office(place.data, clock, db=place.db)
    life = casework_hands.Life(office, clock, submission)
    case_papers.case_paper(office, Call("K1", "paper", "paper"), life.under_review(), "receipt")
    before, url = rows(office), office.database.url
    assert all(before.values())
    office.close()
    back_to(url, "0017")
    office = open_office(place.data, clock, db=place.db)
    try:
        assert rows(office) == before
        found = checks(office)
        assert {table: set(named) for table, named in found.items()} == {
            t: set(named) for t, named in declared().items()
        }
        # PostgreSQL tells a list in other words.
        assert place.db is not None or found == declared()
        for table, column, value in REFUSED:
            with pytest.raises(IntegrityError), office.database.write() as connection:
                connection.execute(text(f"UPDATE {table} SET {column} = :value"), {"value": value})
        with pytest.raises(IntegrityError), office.database.write() as connection:
            connection.execute(text("DELETE FROM service_case"))
        assert rows(office) == before
    finally:
        office.close()


def test_the_states_that_the_database_knows_are_those_that_the_program_writes() -> None:
    written = {
        "upload": (uploads.OPEN, uploads.COMPLETE, uploads.REFUSED),
        "document_copy": (making.MADE, making.PRINTED, making.UNKNOWN, making.FAILED),
        "bill": (records.OPEN, records.LOCKED, records.PAID, records.REPLACED),
        "help_call": tuple(help_calls.CallState),
        "complaint": tuple(complaints.State),
        "appointment": (appointments.BOOKED, appointments.CHECKED_IN, appointments.CANCELLED, appointments.MISSED),
    }
    for table, states in written.items():
        assert declared()[table][f"{table}_state_known"] == str(one_of(table, "state", states).sqltext)


def test_a_file_whose_rows_name_none_is_not_rebuilt_and_nothing_of_it_changes(data: Path, clock: Any) -> None:
    office = open_office(data, clock)
    url = office.database.url
    office.close()
    back_to(url, "0017")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO case_material VALUES ('none', 1, 'photo', 'none')"))
    with pytest.raises(DatabaseUnusable, match="case_material"):
        open_office(data, clock)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0017"
    engine.dispose()
