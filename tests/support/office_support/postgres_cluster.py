"""A PostgreSQL of the tests' own: Debian's programs, a private folder, this machine only, ended by its own process id.

initdb and postgres refuse root: then they run as `postgres` (Debian's user) or `nobody`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
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
from sqlalchemy import Connection, Table, create_engine, insert, select, text

from backoffice.store.tables.all_tables import metadata

TABLES = metadata.sorted_tables
"""Parents first."""
PROGRAMS = Path("/usr/lib/postgresql")
ADMIN = "tests"
READY_S = 60.0


def programs() -> Path:
    """The folder of the newest installed version."""
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    assert found, f"no PostgreSQL under {PROGRAMS}: install config/deploy/apt/development.txt"
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
        self.port, self.password = 0, secrets.token_hex(12)
        self._numbers = itertools.count(1)
        self._lent: Lent | None = None
        self.template = ""
        self._initialise()
        self.process = self._start_at_a_free_port()
        self.admin(f"ALTER ROLE {ADMIN} PASSWORD '{quick_verifier(self.password)}'")

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

    def _start_at_a_free_port(self) -> subprocess.Popen[bytes]:
        """Between the look and the start somebody else may take the port: then another one."""
        for _ in range(5):
            self.port = free_port()
            if (process := self._start()) is not None:
                return process
        raise AssertionError("each of five free ports was taken by somebody else meanwhile")

    def _start(self) -> subprocess.Popen[bytes] | None:
        """The server once it answers; nothing when its port is taken."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "fsync": "on",
            "shared_buffers": "32MB",
            "autovacuum": "off",
            "checkpoint_timeout": "1h",
            # Who waits for each other is told soon; otherwise a test of that waits a second for nothing.
            "deadlock_timeout": "100ms",
            "lc_messages": "C",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = self._as_user(str(programs() / "postgres"), "-D", str(self.folder / "data"), *options)
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT)
        pause = threading.Event()
        for _ in range(int(READY_S / 0.05)):
            if process.poll() is not None:
                told = (self.folder / "log").read_text("utf-8")
                assert "could not create any TCP/IP sockets" in told, told
                return None
            try:
                psycopg.connect(**self._address("postgres")).close()
                return process
            except psycopg.OperationalError:
                pause.wait(0.05)
        process.send_signal(signal.SIGQUIT)
        raise AssertionError("PostgreSQL is not ready: " + (self.folder / "log").read_text("utf-8"))


def quick_verifier(password: str) -> str:
    """What the server keeps of a password (RFC 5802), with one round: each test connects anew, and 4,096 are slow."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    parts = (base64.b64encode(part).decode() for part in (salt, stored, hmac.digest(salted, b"Server Key", "sha256")))
    return "SCRAM-SHA-256$1:{}${}:{}".format(*parts)


class Lent:
    """A database and every row that it had at first."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(url, pool_size=1)
        with self._engine.begin() as connection:
            self._rows = {
                table: [dict(row) for row in connection.execute(select(table)).mappings()] for table in TABLES
            }
            self._seen = self._contents(connection)

    def put_back(self) -> None:
        """All rows as they were. Who still holds one after its test is told by name."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '20s'")
            now = self._contents(connection)
            changed = [table for table in TABLES if now[table.name] != self._seen[table.name]]
            if changed:
                # One message: a round trip for each of sixty tables would cost more than what it empties.
                emptied = ";".join(f'DELETE FROM "{table.name}"' for table in self._emptied_with(changed))
                connection.exec_driver_sql(emptied)
            for table in TABLES:
                if self._rows[table] and table in self._emptied_with(changed):
                    connection.execute(insert(table), self._rows[table])

    def _contents(self, connection: Connection) -> dict[str, str]:
        """Table -> a digest of its rows, all asked for at once."""
        digests = " UNION ALL ".join(
            f"SELECT '{table.name}', md5(coalesce(string_agg(r::text, '\n' ORDER BY r::text), '')) "
            f'FROM "{table.name}" AS r'
            for table in TABLES
        )
        return {row[0]: row[1] for row in connection.execute(text(digests))}

    def _emptied_with(self, changed: list[Table]) -> list[Table]:
        """Children first: whoever points to a row that goes, goes with it and comes back."""
        found = set(changed)
        for table in TABLES:
            if any(key.column.table in found for key in table.foreign_keys):
                found.add(table)
        return [table for table in reversed(TABLES) if table in found]

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
