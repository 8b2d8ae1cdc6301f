"""What is gathered is written as one, in order, before anything that reads it; and not at all when one part fails."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from backoffice.office import Office
from backoffice.store.prepared import Prepared, adding, gathered, settle
from backoffice.store.tables import tables

_OUTBOX = tables.outbox
ADD = adding(_OUTBOX, "topic", "case_no", "body", "created_at")
COUNT = Prepared(select(func.count()).where(_OUTBOX.c.topic == bindparam("of_topic")))
AGAIN = adding(tables.audit_head, "town", "n", "hash")


def row(n: int) -> dict[str, Any]:
    return {"topic": f"t{n % 2}", "case_no": "x", "body": f"50% of {n}", "created_at": "2026-11-24T10:00:00+08:00"}


def counted(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(_OUTBOX)).scalar_one())


def test_everything_is_there_at_the_end_with_its_own_values(office: Office) -> None:
    with office.database.write() as connection:
        before = counted(connection)
        with gathered(connection):
            for n in range(3):
                ADD.run(connection, row(n))
        assert counted(connection) == before + 3
    with office.database.read() as connection:
        query = select(_OUTBOX.c.topic, _OUTBOX.c.body).order_by(_OUTBOX.c.body)
        kept = [tuple(found) for found in connection.execute(query.where(_OUTBOX.c.case_no == "x"))]
    assert kept == [("t0", "50% of 0"), ("t1", "50% of 1"), ("t0", "50% of 2")]


def test_a_prepared_statement_that_reads_sees_what_was_gathered(office: Office) -> None:
    with office.database.write() as connection, gathered(connection):
        ADD.run(connection, row(0))
        ADD.run(connection, row(2))
        assert COUNT.first(connection, {"of_topic": "t0"}) == (2,)
        ADD.run(connection, row(1))
        settle(connection)
        assert counted(connection) >= 3


def test_one_part_that_fails_undoes_the_whole_and_leaves_nothing_waiting(office: Office) -> None:
    town = sorted(office.tables.towns)[0]

    def work(connection: Connection) -> None:
        with gathered(connection):
            ADD.run(connection, row(0))
            AGAIN.run(connection, {"town": town, "n": 0, "hash": ""})

    with pytest.raises(IntegrityError, match="audit_head"):
        office.database.transact(work)
    with office.database.write() as connection:
        assert COUNT.first(connection, {"of_topic": "t0"}) == (0,)
        ADD.run(connection, row(1))
        assert COUNT.first(connection, {"of_topic": "t1"}) == (1,), "written at once outside of the block"
