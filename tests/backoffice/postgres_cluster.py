"""A PostgreSQL of the tests' own: Debian's programs, a private folder, this machine only, ended by its own process id.

initdb and postgres refuse root: then they run as `postgres` (Debian's user) or `nobody`.
"""

from __future__ import annotations

import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Table, create_engine, delete, insert, select

from backoffice.store.all_tables import metadata

TABLES = metadata.sorted_tables
"""Parents first."""
PROGRAMS = Path("/usr/lib/postgresql")
ADMIN = "tests"
READY_S = 60.0


def programs() -> Path:
    """The folder of the newest installed version."""
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    assert found, f"no PostgreSQL under {PROGRAMS}: install config/deploy/apt-packages-test.txt"
    return found[-1].parent


def unprivileged() -> pwd.struct_passwd:
    if os.geteuid():
        return pwd.getpwuid(os.geteuid())
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Cluster:
    """Databases are clones of a template. One is lent again and again: its rows are put back, which is one commit."""

    def __init__(self, folder: Path, user: pwd.struct_passwd) -> None:
        self.folder, self._user = folder, user
        self.port, self.password = free_port(), secrets.token_hex(12)
        self._numbers = itertools.count(1)
        self._lent: Lent | None = None
        self.template = ""
        self._initialise()
        self.process = self._start()

    def url(self, database: str, user: str = ADMIN, password: str | None = None) -> str:
        return f"postgresql+psycopg://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def admin(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Outside of any transaction; its rows, if it has any."""
        with psycopg.connect(**self._address(database), autocommit=True) as connection:
            answer = connection.execute(statement.encode())
            return answer.fetchall() if answer.description else []

    @contextmanager
    def database(self) -> Iterator[str]:
        """A database as the template is, for whoever changes only rows. Yields its address."""
        if self._lent is None:
            self._lent = Lent(self.url(self.clone()))
        yield self._lent.url
        self._lent.put_back()

    def clone(self) -> str:
        """A database of one's own; its name. It goes with the cluster: a DROP would wait for a checkpoint."""
        name = f"test_{next(self._numbers)}"
        self.admin(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"')
        return name

    def empty(self) -> str:
        """A database with nothing in it; its name."""
        name = f"empty_{next(self._numbers)}"
        self.admin(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return name

    def stop(self) -> None:
        """At once: nothing of it is needed any more, and an end in order would write out every clone."""
        if self._lent is not None:
            self._lent.close()
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(60)

    def _address(self, database: str) -> dict[str, Any]:
        known = {"host": "127.0.0.1", "port": self.port, "user": ADMIN, "password": self.password}
        return {**known, "dbname": database, "connect_timeout": 10}

    def _as_user(self, *command: str) -> list[str]:
        drop = [f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups"]
        # Should the tests be killed, the server goes with them.
        return ["setpriv", *([] if os.geteuid() else drop), "--pdeathsig=INT", "--", *command]

    def _initialise(self) -> None:
        os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        secret = self.folder / "password"
        secret.touch(0o600)
        os.chown(secret, self._user.pw_uid, self._user.pw_gid)
        secret.write_text(self.password + "\n", "ascii")
        options = (f"--username={ADMIN}", "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8")
        command = self._as_user(
            str(programs() / "initdb"), f"--pgdata={self.folder / 'data'}", "--locale=C.UTF-8", "--no-sync", *options
        )
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr

    def _start(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "fsync": "on",
            "shared_buffers": "32MB",
            "autovacuum": "off",
            "checkpoint_timeout": "1h",
            "lc_messages": "C",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = self._as_user(str(programs() / "postgres"), "-D", str(self.folder / "data"), *options)
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT)
        pause = threading.Event()
        for _ in range(int(READY_S / 0.05)):
            assert process.poll() is None, (self.folder / "log").read_text("utf-8")
            try:
                psycopg.connect(**self._address("postgres")).close()
                return process
            except psycopg.OperationalError:
                pause.wait(0.05)
        process.send_signal(signal.SIGQUIT)
        raise AssertionError("PostgreSQL is not ready: " + (self.folder / "log").read_text("utf-8"))


class Lent:
    """A database and every row that it had at first."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(url, pool_size=1)
        with self._engine.begin() as connection:
            self._rows = {
                table: [dict(row) for row in connection.execute(select(table)).mappings()] for table in TABLES
            }

    def put_back(self) -> None:
        """All rows as they were. Who still holds one after its test is told by name."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '20s'")
            changed = [table for table in TABLES if not self._untouched(connection, table)]
            for table in reversed(changed):
                connection.execute(delete(table))
            for table in changed:
                if self._rows[table]:
                    connection.execute(insert(table), self._rows[table])

    def _untouched(self, connection: Connection, table: Table) -> bool:
        """Lists that hardly a test writes to: to look is cheaper than to write them again."""
        if table.foreign_keys or not self._rows[table]:
            return False
        return [dict(row) for row in connection.execute(select(table)).mappings()] == self._rows[table]

    def close(self) -> None:
        self._engine.dispose()


@contextmanager
def running() -> Iterator[Cluster]:
    """A server for as long as the block lasts; its folder goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="postgresql-of-tests-"))
    try:
        cluster = Cluster(folder, unprivileged())
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder)
