"""Which commands make an office, and who may change the schema of one that is served."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from backoffice.__main__ import main
from backoffice.office import open_existing, open_office
from backoffice.store import schema
from backoffice.store.database import Database
from backoffice.store.failures import DatabaseBusy, DatabaseUnusable

FORMER = f"{int(schema.newest()) - 1:04d}"
_ASKING = {
    "audit": ["audit"],
    "cases": ["cases"],
    "stats": ["stats"],
    "tidy": ["tidy"],
    "divisions": ["divisions", "show", "350213"],
    "visits": ["visits", "close-day", "--day", "2026-11-24"],
    "ledger": ["ledger", "refusals"],
    "history": ["catalogue", "history", "XA032"],
    "export": ["catalogue", "export", "written"],
    "backup": ["backup", "office.backup"],
    "unsent": ["unsent", "some.file", "--out", "opened.json"],
}


@pytest.mark.parametrize("asking", _ASKING.values(), ids=_ASKING)
@pytest.mark.parametrize("exists", [False, True], ids=["no folder", "an empty folder"])
def test_a_command_that_asks_makes_no_office_where_none_is(
    asking: list[str], exists: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    typo = tmp_path / "offfice"
    if exists:
        typo.mkdir()
    assert main([*asking, "--data", str(typo)]) == 1
    told = capsys.readouterr()
    assert "There is no back office here" in told.err and "backoffice serve" in told.err and told.out == ""
    assert [str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*")] == (["offfice"] if exists else [])


def test_an_empty_database_is_no_office_either(data: Path, cluster: Any, capsys: pytest.CaptureFixture[str]) -> None:
    empty = cluster.url(cluster.empty())
    assert main(["audit", "--data", str(data), "--db", empty]) == 1
    assert "There is no back office here: the database that --db names is empty" in capsys.readouterr().err
    database = Database(empty)
    assert database.is_empty()
    database.close()


def test_a_command_that_sets_up_makes_it_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = tmp_path / "device.key"
    key.write_text("11" * 32, encoding="ascii")
    new = tmp_path / "office"
    assert main(["device", "add", "K9", "--key-file", str(key), "--data", str(new)]) == 0
    assert f"a new office was made in {new}" in capsys.readouterr().err
    assert main(["audit", "--data", str(new)]) == 0
    assert main(["device", "add", "K8", "--key-file", str(key), "--data", str(new)]) == 0
    assert "new office" not in capsys.readouterr().err


@pytest.fixture(params=["sqlite", "postgresql"])
def own(request: pytest.FixtureRequest, data: Path, place_of: Callable[..., Any]) -> Any:
    """An office whose schema may be changed, on each of the two databases."""
    if request.param == "sqlite":
        return place_of(data, None)
    cluster = request.getfixturevalue("cluster")
    return place_of(data, cluster.url(cluster.clone()))


def _back(place: Any, revision: str = FORMER) -> None:
    """The office as a program before this one left it."""
    database = Database(place.db or f"sqlite:///{place.data / 'backoffice.sqlite'}")
    with database.write_alone() as connection:
        config = schema.alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    database.close()


def test_a_newer_program_never_changes_the_schema_under_a_running_one(
    own: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _back(own)
    with monkeypatch.context() as former:
        former.setattr(schema, "newest", lambda: FORMER)
        running = open_office(own.data, clock, db=own.db)
    try:
        for arguments in (["serve", "--port", "0"], ["staff", "add", "somebody", "--role", "operator"]):
            assert main([*arguments, *own.arguments]) == 1
            told = capsys.readouterr().err
            assert f"A back office is running on schema {FORMER}" in told and "Stop the running one" in told
        assert main(["audit", *own.arguments]) == 1
        assert f"The database has schema {FORMER}, and this program works with" in capsys.readouterr().err
        with running.database.read() as connection:
            assert schema._there(connection) == {FORMER}
    finally:
        running.close()
    opened = open_office(own.data, clock, db=own.db)
    with opened.database.read() as connection:
        assert schema.is_current(connection)
    opened.close()


def test_a_command_that_asks_leaves_an_older_schema_alone(own: Any, clock: Any) -> None:
    _back(own)
    with pytest.raises(DatabaseUnusable, match=f"has schema {FORMER}.*start `backoffice serve`"):
        open_existing(own.data, clock, db=own.db)
    database = Database(own.db or f"sqlite:///{own.data / 'backoffice.sqlite'}")
    with database.read() as connection:
        assert schema._there(connection) == {FORMER}
    database.close()


def test_two_of_the_same_program_work_on_one_office_together(own: Any, clock: Any) -> None:
    first = open_office(own.data, clock, db=own.db)
    second = open_existing(own.data, clock, db=own.db)
    third = open_office(own.data, clock, db=own.db)
    for office in (third, second, first):
        office.close()


@pytest.mark.parametrize("own", ["postgresql"], indirect=True)
def test_sessions_that_a_server_makes_anew_hold_the_schema_too(
    own: Any, cluster: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_office(own.data, clock, db=own.db)
    cluster.admin(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{own.name}'")
    with pytest.raises(DatabaseBusy):
        running.database.transact(lambda connection: connection.exec_driver_sql("SELECT 1"))
    running.database.transact(lambda connection: connection.exec_driver_sql("SELECT 1"))
    monkeypatch.setattr(schema, "is_current", lambda connection: False)
    with pytest.raises(DatabaseUnusable, match="is running on schema"):
        open_office(own.data, clock, db=own.db)
    running.close()


_OLD_ROWS = (
    "INSERT INTO staff (login, password_hash, totp_sealed, totp_step, state, wrong, created_at, row_version)"
    " VALUES ('lin', 'h', :sealed, 0, 'active', 0, :at, 1), ('gone', 'h', :sealed, 0, 'suspended', 0, :at, 1)",
    "INSERT INTO device_standing (device, site, state, changed_at, changed_by, row_version)"
    " VALUES ('K1', '350213007007', 'active', :at, 'lin', 1)",
    "INSERT INTO help_call (site, day, ticket, device, case_no, step, item_id, note_sealed, called_at, received_at)"
    " VALUES ('350213007007', '2026-11-20', 1, 'K1', '', 'choose', '', :sealed, :at, :at)",
    "INSERT INTO complaint (complaint_no, town, site, device, case_no, item_id, step, reason, note_sealed, made_at,"
    " received_at, window_by, department_by, panel_by, district_by, state, row_version)"
    " VALUES ('C1', '350213007', '350213007007', 'K1', '', '', 'rate', 'rude', :sealed, :at, :at, :day, :day, :day,"
    " :day, 'open', 1)",
    "INSERT INTO site_state (device, n, site, devices, capabilities, observed_at, received_at)"
    " VALUES ('K1', 1, '350213007007', '{}', '[]', :at, :at)",
    "INSERT INTO outbox (topic, case_no, body, created_at) VALUES ('case.accepted', '', '{}', :at)",
)


def test_an_office_of_long_ago_comes_up_to_date_with_all_its_rows(own: Any, clock: Any) -> None:
    _back(own, "0011")
    database = Database(own.db or f"sqlite:///{own.data / 'backoffice.sqlite'}")
    values = {"at": "2026-11-20T09:00:00.000+08:00", "day": "2026-11-27", "sealed": b"sealed"}
    with database.write() as connection:
        for statement in _OLD_ROWS:
            connection.execute(text(statement), values)
    database.close()
    opened = open_office(own.data, clock, db=own.db)
    with opened.database.read() as connection:
        assert schema.is_current(connection)
        staff = {
            row.login: row.activated_at for row in connection.execute(text("SELECT login, activated_at FROM staff"))
        }
        assert staff == {"lin": values["at"], "gone": None}, "who works goes on; of who was stopped nobody knows"
        call = connection.execute(text("SELECT state, note_sealed FROM help_call")).one()
        assert (call.state, bytes(call.note_sealed)) == ("unanswered", b"sealed")
        assert connection.execute(text("SELECT level, answered_at FROM complaint")).all() == [("window", None)]
        assert connection.execute(text("SELECT site, left_at FROM device_site")).all() == [("350213007007", None)]
        assert connection.execute(text("SELECT seen_at FROM site_state")).scalars().all() == [None]
        assert connection.execute(text("SELECT attempts FROM outbox")).scalars().all() == [0]
    opened.close()
