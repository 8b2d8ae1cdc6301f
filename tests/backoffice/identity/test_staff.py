"""Staff: accounts, roles that nobody holds together, login with a code that is good once, sessions that end."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from backoffice.clock import iso
from backoffice.identity import accounts, credentials
from backoffice.identity.backoff import FREE_TRIES, LONGEST_WAIT, Backoff, wait_after
from backoffice.identity.devices import add_device
from backoffice.identity.staff import CONFLICTS, Staff, StaffRole, conflict
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.audit import verify
from backoffice.store.tables import identity as tables

TOWN, OTHER = "350213007", "350213001"


@pytest.fixture
def join(office: Office, terminal: Any, clock: Any, staff_hands: Any) -> Callable[..., Any]:
    return lambda login, *roles, **options: staff_hands(office, terminal.http, clock, login, *roles, **options)


# --- roles ---------------------------------------------------------------------------------------------------------


def test_the_pairs_that_are_refused_are_these() -> None:
    assert conflict({StaffRole.RULE_WRITER, StaffRole.RULE_SIGNER}) is not None
    assert conflict({StaffRole.CATALOGUE_WRITER, StaffRole.CATALOGUE_SIGNER}) is not None
    assert conflict({StaffRole.INTAKE, StaffRole.DECIDER}) is not None
    assert conflict({StaffRole.ADMIN, StaffRole.REVIEWER}) is not None
    assert all(conflict({StaffRole.AUDITOR, role}) for role in StaffRole if role is not StaffRole.AUDITOR)


@pytest.mark.parametrize("roles", [{StaffRole.INTAKE, StaffRole.CLERK}, {StaffRole.ADMIN, StaffRole.OPERATOR}, set()])
def test_other_roles_go_together(roles: set[StaffRole]) -> None:
    assert conflict(roles) is None


def test_a_pair_has_two_roles() -> None:
    assert all(len(pair) == 2 for pair in CONFLICTS)


def test_somebody_of_one_town_sees_no_other() -> None:
    of_town = Staff("a", frozenset({"clerk"}), TOWN, None, "s")
    of_district = Staff("b", frozenset({"clerk"}), None, None, "s")
    assert of_town.sees(TOWN) and not of_town.sees(OTHER) and of_district.sees(OTHER)
    with pytest.raises(Problem, match="case_unknown"):
        of_town.need_town(OTHER, "case_unknown")
    with pytest.raises(Problem, match="forbidden"):
        of_town.need_scope(None)


# --- guessing ------------------------------------------------------------------------------------------------------


def test_the_wait_doubles_and_ends_at_an_hour() -> None:
    waits = [wait_after(wrong).total_seconds() for wrong in range(FREE_TRIES + 9)]
    assert waits[:FREE_TRIES] == [0.0] * FREE_TRIES
    assert waits[FREE_TRIES : FREE_TRIES + 3] == [30.0, 60.0, 120.0]
    assert max(waits) == LONGEST_WAIT.total_seconds() == wait_after(10_000).total_seconds()


def test_an_address_that_guesses_waits_and_is_forgotten_when_it_was_right(clock: Any) -> None:
    backoff = Backoff(clock)
    for _ in range(FREE_TRIES):
        backoff.check("10.0.0.1")
        backoff.wrong("10.0.0.1")
    with pytest.raises(Problem) as told:
        backoff.check("10.0.0.1")
    assert told.value.headers["Retry-After"] == "31"
    backoff.check("10.0.0.2")
    clock.advance(seconds=30)
    backoff.check("10.0.0.1")
    backoff.wrong("10.0.0.1")
    with pytest.raises(Problem):
        backoff.check("10.0.0.1")
    backoff.right("10.0.0.1")
    backoff.check("10.0.0.1")


# --- passwords and codes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weak", ["", "short", "x" * 40, "abababababababab", "bus-driver.lin-2026", "y" * 129])
def test_a_weak_password_is_refused(weak: str) -> None:
    with pytest.raises(Problem, match="password_weak"):
        credentials.hash_password("lin", weak)


def test_a_first_password_never_has_the_login_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter("ab" * 10 + "cdefg" * 4)
    monkeypatch.setattr(credentials.secrets, "choice", lambda _: next(letters))
    assert credentials.new_password("ba") == "-".join(["cdefg"] * 4)


def test_a_password_is_the_same_however_its_letters_were_composed() -> None:
    hashed = credentials.hash_password("lin", "café-au-lait-2026")
    assert credentials.password_fits(hashed, "cafe\u0301-au-lait-2026")
    assert not credentials.password_fits(hashed, "cafe-au-lait-2026")
    assert "lait" not in hashed and hashed.startswith("$argon2id$")


def test_a_code_is_good_half_a_minute_either_way_and_once(clock: Any) -> None:
    secret = credentials.new_totp_secret()
    now = clock.now()

    def code_at(seconds: int) -> str:
        import pyotp

        return pyotp.TOTP(secret).at(int((now + timedelta(seconds=seconds)).timestamp()))

    step = credentials.totp_step(secret, code_at(0), now, 0)
    assert step is not None
    assert credentials.totp_step(secret, code_at(0), now, step) is None
    assert credentials.totp_step(secret, code_at(-30), now, step) is None, "older than a used one"
    assert credentials.totp_step(secret, code_at(30), now, step) == step + 1
    assert credentials.totp_step(secret, code_at(90), now, 0) is None
    assert credentials.totp_step(secret, "١٢٣٤٥٦", now, 0) is None


# --- over the API --------------------------------------------------------------------------------------------------


def test_a_first_password_is_good_for_one_first_login_and_for_nothing_else(join: Callable[..., Any]) -> None:
    lin = join("lin", "admin", ready=False)
    first, lin.secret = lin.password, credentials.new_totp_secret()
    assert lin.log_in().json()["code"] == "login_wrong"
    assert lin.first_log_in(first).json()["code"] == "password_weak"
    assert lin.first_log_in().status_code == 201
    assert lin.log_in().status_code == 201
    assert lin.call("GET", "/staff/v1/me").json()["roles"] == ["admin"]
    lin.password = first
    assert lin.first_log_in("yet-another-pass-phrase").json()["code"] == "login_wrong"


def test_a_first_password_ends_after_three_days(join: Callable[..., Any], clock: Any) -> None:
    lin = join("lin", "clerk", ready=False)
    clock.advance(days=3)
    assert lin.first_log_in().json()["code"] == "login_wrong"


def test_a_code_opens_one_session(join: Callable[..., Any], clock: Any) -> None:
    lin = join("lin", "clerk")
    clock.advance(seconds=60)
    assert lin.log_in().status_code == 201
    again = lin.log_in()
    assert (again.status_code, again.json()["code"]) == (401, "login_wrong")


def test_whatever_is_wrong_sounds_the_same_and_after_three_times_one_waits(
    join: Callable[..., Any], clock: Any, office: Office
) -> None:
    lin = join("lin", "clerk")
    clock.advance(seconds=60)
    wrong = [{"password": "not-the-password"}, {"code": "000000"}, {"login": "nobody"}, {"code": "000000"}]
    told = {json.dumps({**lin.log_in(**change).json(), "instance": ""}) for change in wrong}
    assert len(told) == 1 and "login_wrong" in told.pop()
    locked = lin.log_in()
    assert (locked.status_code, locked.json()["code"]) == (429, "too_many_attempts")
    clock.advance(seconds=int(locked.headers["retry-after"]))
    assert lin.log_in().status_code == 201


def test_three_wrong_logins_lock_nobody_else_out_who_comes_from_the_same_address(join: Callable[..., Any]) -> None:
    """As behind a proxy that is not named: everybody's address is the proxy's."""
    lin, tan = join("lin", "clerk"), join("tan", "clerk")
    tan.clock.advance(seconds=60)
    for login in ("lin", "nobody"):
        for _ in range(FREE_TRIES):
            assert lin.log_in(login=login, password="not-the-password").json()["code"] == "login_wrong"
        assert lin.log_in(login=login).json()["code"] == "too_many_attempts"
    assert tan.log_in().status_code == 201


def test_wrong_tries_are_forgotten_after_an_hour(join: Callable[..., Any], clock: Any) -> None:
    lin = join("lin", "clerk")
    for _ in range(3):
        for _ in range(FREE_TRIES - 1):
            assert lin.log_in(password="not-the-password").json()["code"] == "login_wrong"
            assert lin.log_in(login="nobody").json()["code"] == "login_wrong"
        clock.advance(seconds=LONGEST_WAIT.total_seconds() + 1)
    assert lin.log_in().status_code == 201


def test_an_account_is_locked_for_every_address_also_after_a_restart(
    join: Callable[..., Any], start: Callable[..., Any], clock: Any
) -> None:
    lin = join("lin", "clerk")
    clock.advance(seconds=60)
    for _ in range(FREE_TRIES):
        lin.log_in(password="not-the-password")
    lin.http = start().http
    assert lin.log_in().json()["code"] == "too_many_attempts"


def test_guessing_many_times_at_once_gains_nothing(join: Callable[..., Any], clock: Any) -> None:
    lin = join("lin", "clerk")
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda n: lin.log_in(password=f"wrong-number-{n}").json()["code"], range(12)))
    assert answers.count("login_wrong") == FREE_TRIES and answers.count("too_many_attempts") == 12 - FREE_TRIES


def test_an_unknown_name_is_locked_like_a_known_one(join: Callable[..., Any], start: Callable[..., Any]) -> None:
    lin = join("lin", "clerk")
    for _ in range(FREE_TRIES):
        assert lin.log_in(login="nobody").json()["code"] == "login_wrong"
    assert lin.log_in(login="nobody").json()["code"] == "too_many_attempts"


@pytest.mark.parametrize(("step", "idle"), [({"minutes": 30}, True), ({"hours": 12}, False)])
def test_a_session_ends_unused_and_in_any_case(join: Callable[..., Any], clock: Any, step: Any, idle: bool) -> None:
    lin = join("lin", "clerk")
    if idle:
        clock.advance(**step)
    else:
        for _ in range(12 * 3):
            assert lin.call("GET", "/staff/v1/me").status_code == 200
            clock.advance(minutes=20)
    assert lin.call("GET", "/staff/v1/me").json()["code"] == "no_session"


def test_sessions_are_listed_and_ended_one_by_one_and_all_others_with_a_new_password(
    join: Callable[..., Any], clock: Any
) -> None:
    lin = join("lin", "clerk")
    first = lin.token
    clock.advance(seconds=60)
    lin.log_in()
    listed = lin.call("GET", "/staff/v1/sessions").json()["sessions"]
    assert len(listed) == 2
    assert lin.settle("another-long-pass-phrase").status_code == 204
    second, lin.token = lin.token, first
    assert lin.call("GET", "/staff/v1/me").json()["code"] == "no_session"
    lin.token = second
    own = lin.call("GET", "/staff/v1/me").json()["session_id"]
    assert lin.call("DELETE", f"/staff/v1/sessions/{own}").status_code == 204
    assert lin.call("GET", "/staff/v1/me").json()["code"] == "no_session"


def test_nobody_ends_a_session_of_somebody_else(join: Callable[..., Any]) -> None:
    lin, tan = join("lin", "clerk"), join("tan", "clerk")
    other = tan.call("GET", "/staff/v1/me").json()["session_id"]
    assert lin.call("DELETE", f"/staff/v1/sessions/{other}").status_code == 404
    assert tan.call("GET", "/staff/v1/me").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic bGluOmxpbg==", "bearer " + "a" * 43])
def test_without_a_session_nothing_is_told(terminal: Any, header: str) -> None:
    for path in ("/staff/v1/me", "/staff/v1/nowhere"):
        answer = terminal.http.get(path, headers={"Authorization": header} if header else {})
        assert (answer.status_code, answer.json()["code"]) == (401, "no_session")


def test_a_token_is_kept_as_a_digest_and_a_code_secret_sealed(join: Callable[..., Any], office: Office) -> None:
    lin = join("lin", "clerk")
    with office.database.read() as connection:
        session = connection.execute(select(tables.staff_session)).all()
        staff = connection.execute(select(tables.staff)).one()
    assert lin.token not in str(session)
    assert lin.secret.encode() not in staff.totp_sealed and lin.password not in staff.password_hash


# --- admin ---------------------------------------------------------------------------------------------------------


def test_an_admin_makes_changes_and_stops_accounts(join: Callable[..., Any], office: Office, clock: Any) -> None:
    chief = join("chief", "admin")
    body = {"login": "tan", "roles": ["intake"], "town": TOWN, "department": None}
    made = chief.call("POST", "/staff/v1/accounts", body)
    assert made.status_code == 201 and set(made.json()) == {"login", "password", "good_until"}
    assert chief.call("POST", "/staff/v1/accounts", body).json()["code"] == "login_taken"
    path = "/staff/v1/accounts/tan"
    refused = chief.call("PUT", f"{path}/roles", {"roles": ["intake", "decider"]}, If_Match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (422, "role_conflict")
    changed = chief.call("PUT", f"{path}/roles", {"roles": ["reviewer"]}, If_Match='"1"')
    assert changed.json() == {"row_version": 2}
    assert chief.call("PUT", f"{path}/state", {"suspended": True}, If_Match='"1"').json()["code"] == "version_stale"
    assert chief.call("PUT", f"{path}/state", {"suspended": True}).json()["code"] == "if_match_missing"
    assert chief.call("PUT", f"{path}/state", {"suspended": True}, If_Match='"2"').status_code == 200
    listed = {row["login"]: row for row in chief.call("GET", "/staff/v1/accounts").json()["accounts"]}
    assert (listed["tan"]["state"], listed["tan"]["roles"]) == ("suspended", ["reviewer"])
    own = chief.call("PUT", "/staff/v1/accounts/chief/state", {"suspended": True}, If_Match='"1"')
    assert own.json()["code"] == "own_account"
    with office.database.read() as connection:
        assert verify(connection, office.chain_key)[1] == []


def test_a_stopped_account_is_out_at_once(join: Callable[..., Any], clock: Any) -> None:
    chief, tan = join("chief", "admin"), join("tan", "clerk", town=TOWN)
    assert chief.call("PUT", "/staff/v1/accounts/tan/state", {"suspended": True}, If_Match='"1"').status_code == 200
    assert tan.call("GET", "/staff/v1/me").json()["code"] == "no_session"
    clock.advance(seconds=60)
    assert tan.log_in().json()["code"] == "login_wrong"


def test_an_admin_of_one_town_has_no_other_accounts(join: Callable[..., Any]) -> None:
    here = join("here", "admin", town=TOWN)
    join("there", "clerk", town=OTHER)
    join("above", "clerk")
    for other in ("there", "above", "nobody"):
        path = f"/staff/v1/accounts/{other}"
        assert here.call("PUT", f"{path}/state", {"suspended": True}, If_Match='"1"').status_code == 404
        assert here.call("POST", f"{path}/renewal", If_Match='"1"').status_code == 404
    for town in (OTHER, None):
        body = {"login": "new", "roles": ["clerk"], "town": town, "department": None}
        assert here.call("POST", "/staff/v1/accounts", body).json()["code"] == "forbidden"
    assert [row["login"] for row in here.call("GET", "/staff/v1/accounts").json()["accounts"]] == ["here"]


def test_accounts_and_terminals_come_page_by_page_and_each_once(
    join: Callable[..., Any], office: Office, clock: Any
) -> None:
    chief, operator = join("chief", "admin"), join("nora", "operator", town=TOWN)
    for login in ("amy", "bob"):
        join(login, "clerk", town=TOWN)
    stands = {"state": "active", "changed_at": iso(clock.now()), "changed_by": "nora", "row_version": 1}
    for device, site in (("K2", f"{TOWN}007"), ("K3", f"{TOWN}008"), ("K4", f"{OTHER}007"), ("K5", f"{TOWN}009")):
        add_device(office, device, bytes(32), None)
        row = insert(tables.device_standing).values(device=device, site=site, **stands)
        office.database.transact(lambda connection, row=row: connection.execute(row))
    for who, path, name, expected in (
        (chief, "accounts", "login", ["amy", "bob", "chief", "nora"]),
        (operator, "terminals", "device", ["K2", "K3", "K5"]),
    ):
        found: list[str] = []
        after, pages = "", 0
        while after is not None:
            page = who.call("GET", f"/staff/v1/{path}?limit=3&after={after}").json()
            found, after, pages = [*found, *(row[name] for row in page[path])], page["next"], pages + 1
        assert (found, pages) == (expected, -(-len(expected) // 3))
        roles = {row["login"]: row["roles"] for row in page[path]} if path == "accounts" else {"nora": ["operator"]}
        assert roles == {"nora": ["operator"]}
        assert who.call("GET", f"/staff/v1/{path}?limit=201").status_code == 422


def test_the_audit_is_read_by_an_auditor_of_that_town_page_by_page(join: Callable[..., Any], office: Office) -> None:
    watch, chief = join("watch", "auditor", town=TOWN, ready=False), join("chief", "admin")
    watch.first_log_in()
    watch.log_in()
    page = watch.call("GET", f"/staff/v1/audit?town={TOWN}").json()
    events = [json.loads(link["entry"])["event"] for link in page["links"]]
    assert events == ["staff_added", "first_login", "logged_in"] and page["next_after"] is None
    assert watch.call("GET", f"/staff/v1/audit?town={TOWN}&after=1").json()["links"][0]["n"] == 2
    assert watch.call("GET", f"/staff/v1/audit?town={OTHER}").json()["code"] == "forbidden"
    assert chief.call("GET", f"/staff/v1/audit?town={TOWN}").json()["code"] == "forbidden"


@pytest.mark.parametrize(
    ("login", "roles", "town", "code"),
    [
        ("Lin", ["clerk"], None, "login_form"),
        ("lin", ["king"], None, "role_unknown"),
        ("lin", ["auditor", "admin"], None, "role_conflict"),
        ("lin", ["clerk"], "110101001", "town_unknown"),
    ],
)
def test_what_is_wrong_with_a_new_account_is_named(
    office: Office, login: str, roles: list[str], town: str | None, code: str
) -> None:
    with pytest.raises(Problem, match=code):
        accounts.add_account(office, login, roles, town, None, "test")
