"""Tidying takes what is old enough, and never anything younger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from backoffice.calls.once import Call, remember
from backoffice.clock import iso
from backoffice.identity.devices import SEQ_WINDOW
from backoffice.identity.enrolment import Post, make_code
from backoffice.identity.tidy import KEYS_KEPT, REST_KEPT, tidy
from backoffice.office import Office
from backoffice.store.tables import identity as identity
from backoffice.store.tables import tables

A_BIT = timedelta(milliseconds=1)


def count(office: Office, table: Any) -> int:
    with office.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_the_key_of_a_request_is_kept_four_hundred_days_and_a_bit_longer_it_is_not(office: Office, clock: Any) -> None:
    assert timedelta(days=400) <= KEYS_KEPT
    with office.database.write() as connection:
        remember(office, connection, Call("K1", "key", "hash"), "ratings", 201, {})
    clock.moment += KEYS_KEPT
    assert tidy(office).idempotency == 0 and count(office, tables.idempotency) == 1
    clock.moment += A_BIT
    assert tidy(office).idempotency == 1 and count(office, tables.idempotency) == 0


def test_a_repeat_after_a_year_still_gets_the_same_case(
    terminal: Any, office: Office, clock: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    first = terminal.post_case(submission()).json()
    clock.advance(days=399)
    tidy(office)
    assert terminal.post_case(submission()).json()["case_no"] == first["case_no"]
    assert count(office, tables.service_case) == 1


def test_nonces_inside_the_window_stay(terminal: Any, office: Office) -> None:
    for seq in (1, 2, 3):
        terminal.call("GET", "/v1/health", Seq=str(seq))
    assert tidy(office).nonce == 0
    with office.database.write() as connection:
        connection.execute(tables.device.update().values(last_seq=SEQ_WINDOW + 2))
    assert tidy(office).nonce == 2
    with office.database.read() as connection:
        assert connection.execute(select(tables.nonce.c.seq)).scalars().all() == [3]
    late = terminal.call("GET", "/v1/health", Seq="2", Nonce="another-nonce")
    assert late.json()["code"] == "replayed", "forgotten, but outside the window"


@pytest.mark.parametrize("ended", [True, False])
def test_sessions_go_when_they_have_been_over_for_a_month(office: Office, clock: Any, ended: bool) -> None:
    now = iso(clock.now())
    with office.database.write() as connection:
        person = {"login": "lin", "password_hash": "", "totp_sealed": b"", "totp_step": 0, "state": "active"}
        connection.execute(insert(identity.staff).values(**person, wrong=0, created_at=now, row_version=1))
        session = {"session_id": "s", "login": "lin", "token_hash": "h", "started_at": now, "used_at": now}
        connection.execute(insert(identity.staff_session).values(**session, ended_at=now if ended else None))
    clock.moment += REST_KEPT
    assert tidy(office).staff_session == 0
    clock.moment += A_BIT if ended else timedelta(minutes=30) + A_BIT
    assert tidy(office).staff_session == 1


def test_codes_go_a_month_after_they_were_good(office: Office, clock: Any) -> None:
    make_code(office, Post("K2", "350213007007", "018"), "op")
    clock.moment += timedelta(hours=24) + REST_KEPT
    assert tidy(office).enrolment_code == 0
    clock.moment += A_BIT
    assert tidy(office).enrolment_code == 1
