"""A full disk: the terminal is told to come again, nothing is half there, and with room it goes on by itself."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg.errors
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from backoffice.office import Office
from backoffice.store.failures import DiskFull
from backoffice.store.postgresql import PostgresqlStore
from backoffice.store.tables import tables

Body = Callable[..., dict[str, Any]]


def count(office: Office) -> int:
    with office.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.service_case)).scalar_one())


def told(answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "disk_full")
    assert answer.json()["next"] == "retry" and answer.headers["retry-after"] == "60"


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_database_without_room_says_so_and_goes_on_when_there_is_some(
    office: Office, terminal: Any, submission: Body
) -> None:
    def room(pages: int) -> None:
        with office.database.write() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    assert terminal.post_case(submission(serial=1)).status_code == 201
    room(1)
    for serial in range(2, 40):
        body = submission(serial=serial)
        refused = terminal.post_case(body)
        if refused.status_code != 201:
            break
    told(refused)
    before = count(office)
    with ThreadPoolExecutor(4) as pool:
        for answer in pool.map(lambda n: terminal.post_case(submission(serial=n)), range(40, 44)):
            told(answer)
    assert count(office) == before
    room(1_000_000)
    assert terminal.post_case(body).status_code == 201 and count(office) == before + 1


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_postgresqls_own_word_for_it_is_the_same(office: Office) -> None:
    cause = OperationalError("INSERT", {}, psycopg.errors.DiskFull("could not extend file"))
    store = office.database._store
    assert isinstance(store, PostgresqlStore) and isinstance(store.told(cause), DiskFull)
