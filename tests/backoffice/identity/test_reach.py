"""How far an admin reaches through accounts: never further than with the own one, alone or through somebody else."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from backoffice.clock import iso
from backoffice.identity import credentials
from backoffice.identity.accounts import ACTIVE, NEW, NEXT, RESUMED, STOPPED, SUSPENDED
from backoffice.identity.sessions import open_session
from backoffice.identity.staff import BEYOND_A_TOWN, StaffRole
from backoffice.office import Office
from backoffice.store.tables import identity

TOWN, OTHER = "350213007", "350213001"
SOME = ("clerk", "intake", "admin", "superior", "technical_reviewer")
"""Two of a town, one that makes accounts, two that see every town."""
WIDE = {role.value for role in BEYOND_A_TOWN}


@pytest.fixture
def join(office: Office, terminal: Any, clock: Any, staff_hands: Any) -> Callable[..., Any]:
    return lambda login, *roles, **options: staff_hands(office, terminal.http, clock, login, *roles, **options)


@pytest.fixture
def put_account(office: Office) -> Callable[..., None]:
    """Rows of accounts: what is tried at them is cheap, and their passwords are nobody's."""

    def put(login: str, role: str, town: str | None) -> None:
        now = iso(office.clock.now())
        sealed = office.vault.seal(f"staff.totp:{login}", credentials.new_totp_secret().encode())
        row = {"login": login, "password_hash": credentials.NOBODY, "totp_sealed": sealed, "totp_step": 0}
        row |= {"town": town, "state": ACTIVE, "wrong": 0, "created_at": now, "activated_at": now, "row_version": 1}
        given = {"login": login, "role": role, "granted_by": "test", "granted_at": now}
        with office.database.write() as connection:
            connection.execute(insert(identity.staff).values(**row))
            connection.execute(insert(identity.staff_role).values(**given))

    return put


def test_the_roles_that_reach_further_are_those_that_the_role_matrix_calls_wide() -> None:
    table = tomllib.loads(Path(__file__).parents[1].joinpath("api", "role_matrix.toml").read_text("utf-8"))
    wide = {role for entry in table["staff"].values() for role in entry.get("wide", ())}
    assert wide and wide <= WIDE


def test_an_admin_of_a_town_makes_and_changes_only_what_sees_no_further(
    join: Callable[..., Any], put_account: Callable[..., None]
) -> None:
    here = join("here", "admin", town=TOWN)
    let_in = []
    for n, (role, town) in enumerate(itertools.product(SOME, (TOWN, OTHER, None))):
        login, beyond = f"x{n}", role in WIDE or town != TOWN
        body = {"login": f"new{n}", "roles": [role], "town": town, "department": None}
        tries = [here.call("POST", "/staff/v1/accounts", body)]
        put_account(login, role, town)
        path = f"/staff/v1/accounts/{login}"
        tries.append(here.call("PUT", f"{path}/state", {"suspended": True}, If_Match='"1"'))
        tries.append(here.call("PUT", f"{path}/state", {"suspended": False}, If_Match='"2"'))
        tries.append(here.call("POST", f"{path}/renewal", If_Match='"3"' if not beyond else '"1"'))
        version = '"1"' if beyond else '"4"'
        tries.append(here.call("PUT", f"{path}/roles", {"roles": ["clerk"]}, If_Match=version))
        tries.append(here.call("PUT", f"{path}/roles", {"roles": [role]}, If_Match='"1"' if beyond else '"5"'))
        status = [answer.status_code for answer in tries]
        if beyond:
            let_in += [f"{role} of {town}: {status}"] if any(code not in (403, 404) for code in status) else []
        else:
            assert status == [201, 200, 200, 200, 200, 200], f"{role} of {town}: {status}"
    assert not let_in, "\n".join(let_in)


def test_two_steps_lead_no_further_than_one(join: Callable[..., Any], office: Office) -> None:
    """An ordinary account that is then given more; another admin who does what the first may not."""
    here = join("here", "admin", town=TOWN)
    for login, role in (("plain", "clerk"), ("helper", "admin")):
        body = {"login": login, "roles": [role], "town": TOWN, "department": None}
        made = here.call("POST", "/staff/v1/accounts", body)
        assert made.status_code == 201
        assert "secret" not in made.text and "otpauth" not in made.text
        hands = _hands(here, login, made.json()["password"])
        assert hands.first_log_in().status_code == 201
        here.clock.advance(seconds=60)
        assert hands.log_in().status_code == 201
        here.token = open_session_of(office, "here")
        for by in (here, hands):
            for wide in sorted(WIDE):
                answer = by.call("PUT", "/staff/v1/accounts/plain/roles", {"roles": [wide]}, If_Match='"2"')
                assert answer.status_code in (403, 404), f"{by.login} gave {wide}: {answer.text}"
                body = {"login": "third", "roles": [wide], "town": TOWN, "department": None}
                assert by.call("POST", "/staff/v1/accounts", body).status_code == 403
        assert hands.call("GET", "/staff/v1/cases").status_code == 403


def test_stopping_and_resuming_never_starts_an_account(join: Callable[..., Any]) -> None:
    chief, lin = join("chief", "admin"), join("lin", "superior", ready=False)
    path = "/staff/v1/accounts/lin/state"
    refused = chief.call("PUT", path, {"suspended": False}, If_Match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (409, "account_state")
    assert chief.call("PUT", path, {"suspended": True}, If_Match='"1"').status_code == 200
    assert lin.first_log_in().json()["code"] == "login_wrong"
    assert chief.call("POST", "/staff/v1/accounts/lin/renewal", If_Match='"2"').status_code == 200
    states = {row["login"]: row["state"] for row in chief.call("GET", "/staff/v1/accounts").json()["accounts"]}
    assert states["lin"] == "suspended", "a renewal does not undo a stop"
    assert chief.call("PUT", path, {"suspended": False}, If_Match='"3"').status_code == 200
    states = {row["login"]: row["state"] for row in chief.call("GET", "/staff/v1/accounts").json()["accounts"]}
    assert states["lin"] == "new"


def test_what_an_admin_was_told_opens_nothing_after_the_first_login(join: Callable[..., Any]) -> None:
    chief, lin = join("chief", "admin"), join("lin", "clerk")
    answer = chief.call("POST", "/staff/v1/accounts/lin/renewal", If_Match=f'"{_version(chief, "lin")}"')
    told = answer.json()["password"]
    assert lin.call("GET", "/staff/v1/me").json()["code"] == "no_session"
    lin.password = told
    assert lin.first_log_in().status_code == 201
    spy = _hands(chief, "lin", told)
    assert spy.first_log_in("somebody-elses-pass-phrase").json()["code"] == "login_wrong"
    chief.clock.advance(seconds=60)
    assert lin.log_in().status_code == 201


def test_the_table_of_states_never_makes_an_account_active_that_was_not() -> None:
    assert set(NEXT.values()) == {NEW, ACTIVE, SUSPENDED}
    assert [key for key, state in NEXT.items() if state == ACTIVE] == [(SUSPENDED, RESUMED, True)]
    assert all(state == SUSPENDED for (_, word, _), state in NEXT.items() if word is STOPPED)
    assert len(StaffRole) == 14


def _version(chief: Any, login: str) -> int:
    rows = chief.call("GET", "/staff/v1/accounts").json()["accounts"]
    return next(int(row["row_version"]) for row in rows if row["login"] == login)


def _hands(like: Any, login: str, password: str) -> Any:
    return type(like)(like.http, like.clock, login, password, "")


def open_session_of(office: Office, login: str) -> str:
    with office.database.write() as connection:
        return open_session(office, connection, login)[1]
