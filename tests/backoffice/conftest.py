"""A back office on a copy of a fresh data folder, a real look-up process on the loopback, signed requests."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import re
import shutil
import threading
import tomllib
import zlib
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from office_support import casework_hands, postgres_cluster, read_once
from office_support import staff_hands as staff_hands_of

from backoffice.api.app import create_app
from backoffice.clock import CHINA, unix_ms
from backoffice.domain.cases.case_number import check_digit
from backoffice.gateways.lookups import HttpLookups, LookupGateway
from backoffice.identity.devices import add_device
from backoffice.identity.standing_place import put_site
from backoffice.office import KEY_FILE, Office, open_office
from backoffice.simulators.lookups import Registers, build_server

RESIDENTS = Path(__file__).resolve().parents[2] / "config" / "demo" / "residents.toml"
START = datetime(2026, 11, 24, 10, 0, tzinfo=CHINA)
KEY = bytes(range(32))
SITE = "350213007007"
COVERED = ("idempotency-key", "if-match", "upload-length", "upload-metadata", "upload-offset")
"""The signature's last lines, in the order that the contract tells."""


@dataclass(frozen=True, slots=True)
class Place:
    """A data folder, and the address of a database that is not in it."""

    data: Path
    db: str | None

    @property
    def name(self) -> str:
        """The database's on its server."""
        return (self.db or "").rpartition("/")[2]

    @property
    def arguments(self) -> tuple[str, ...]:
        """For commands."""
        return ("--data", str(self.data), *(("--db", self.db) if self.db else ()))


@pytest.fixture(scope="session")
def place_of() -> type[Place]:
    return Place


@pytest.fixture(scope="session")
def staff_hands() -> Callable[..., Any]:
    """`(office, http, clock, login, *roles, town=None, ready=True)`: somebody of staff, logged in."""
    return staff_hands_of.new_hands


@pytest.fixture
def life(office: Office, clock: ManualClock, submission: Callable[..., dict[str, Any]]) -> Any:
    """Cases that people work on: see casework_hands."""
    return casework_hands.Life(office, clock, submission)


class ManualClock:
    """Stands still until it is moved."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, **step: float) -> None:
        self.moment += timedelta(**step)


@pytest.fixture(scope="session")
def remembered() -> Any:
    return read_once.Remembered()


@pytest.fixture(scope="module", autouse=True)
def what_never_changes_is_read_once(remembered: Any) -> Iterator[None]:
    """Nearly every test opens an office and makes an application, which read the same release and the same types."""
    with pytest.MonkeyPatch.context() as patch:
        remembered.install(patch)
        yield


@dataclass(slots=True)
class Simulator:
    url: str
    registers: Registers

    def fault(self, lookup: str, mode: str, count: int = 0) -> None:
        answer = httpx.post(
            f"{self.url}/faults",
            json={"lookup": lookup, "mode": mode, "count": count},
            trust_env=False,
            verify=False,
        )
        assert answer.status_code == 200, answer.text


class AsgiClient:
    """Requests straight into an application on an event loop of its own; may be used from many threads."""

    def __init__(self, app: FastAPI) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://backoffice", timeout=30)
        self._lifespan = app.router.lifespan_context(app)
        self._run(self._lifespan.__aenter__())

    def request(self, method: str, target: str, **options: Any) -> httpx.Response:
        answer: httpx.Response = self._run(self._client.request(method, target, **options))
        return answer

    def get(self, target: str, **options: Any) -> httpx.Response:
        return self.request("GET", target, **options)

    def close(self) -> None:
        self._run(self._client.aclose())
        self._run(self._lifespan.__aexit__(None, None, None))
        self._run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)


@dataclass(slots=True, repr=False)
class Terminal:
    """A client of the contract: signs, counts, and checks that each answer is one that the contract describes."""

    http: Any
    clock: ManualClock
    contract: Mapping[str, Any]
    device: str = "K1"
    key: bytes = KEY
    seq: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __repr__(self) -> str:
        return f"Terminal({self.device})"

    def headers(self, method: str, target: str, body: bytes, **other: str) -> dict[str, str]:
        seq = str(next(self.seq))
        signed = {"Device": self.device, "Seq": seq, "Nonce": f"nonce-{self.device}-{seq}"}
        signed["Time"] = str(unix_ms(self.clock.now()))
        signed.update(other)
        digest = hashlib.new("sm3", body).hexdigest()
        told = {"Body-Digest": digest} if body else {}
        parts = (method, target, digest)
        others = {name.lower(): value for name, value in other.items()}
        covered = [f"{name}:{others[name]}" for name in COVERED if name in others]
        text = "\n".join((*parts, signed["Device"], signed["Seq"], signed["Nonce"], signed["Time"], *covered))
        signed["Signature"] = "hmac-sm3=" + hmac.new(self.key, text.encode(), "sm3").hexdigest()
        return {**told, **signed}

    def call(self, method: str, target: str, body: Any = None, key: str | None = None, **other: str) -> httpx.Response:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = self.headers(method, target, data, **other, **({} if key is None else {"Idempotency-Key": key}))
        if data:
            headers["Content-Type"] = "application/json"
        return self.sent(method, target, data, headers)

    def sent(self, method: str, target: str, data: bytes, headers: Mapping[str, str]) -> httpx.Response:
        answer: httpx.Response = self.http.request(method, target, content=data, headers=dict(headers))
        self._documented(method, target, answer)
        return answer

    def post_case(self, body: Mapping[str, Any], key: str | None = None) -> httpx.Response:
        return self.call("POST", "/v1/cases", body, key=body["case_no"] if key is None else key)

    def _documented(self, method: str, target: str, answer: httpx.Response) -> None:
        path = target.partition("?")[0]
        for template, operations in self.contract["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in operations:
                described = operations[method.lower()]["responses"]
                assert str(answer.status_code) in described, (
                    f"{method} {template}: {answer.status_code} is undocumented"
                )
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert {"type", "title", "status", "detail", "instance", "code"} <= set(answer.json())
            assert answer.json()["status"] == answer.status_code


@pytest.fixture(scope="session")
def residents() -> dict[str, dict[str, Any]]:
    return tomllib.loads(RESIDENTS.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def lookup_server() -> Iterator[Simulator]:
    server, registers = build_server(RESIDENTS, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Simulator(f"http://127.0.0.1:{server.server_address[1]}", registers)
    registers.stopping.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def simulator(lookup_server: Simulator) -> Iterator[Simulator]:
    yield lookup_server
    httpx.delete(f"{lookup_server.url}/faults", trust_env=False, verify=False)


def _first_terminal(office: Office) -> None:
    add_device(office, "K1", KEY, "007")
    office.database.transact(lambda connection: put_site(office, connection, "K1", SITE))


@pytest.fixture(scope="session")
def fresh_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as it is after the first start with one terminal registered."""
    folder = tmp_path_factory.mktemp("fresh") / "data"
    office = open_office(folder, ManualClock())
    _first_terminal(office)
    office.close()
    return folder


@pytest.fixture
def data(fresh_data: Path, tmp_path: Path) -> Path:
    """A copy of that folder: SQLite."""
    return Path(shutil.copytree(fresh_data, tmp_path / "data"))


@pytest.fixture(scope="session")
def cluster(fresh_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL server whose template is what the fresh folder is on SQLite, with the same key at rest."""
    with postgres_cluster.running() as server:
        folder = tmp_path_factory.mktemp("template") / "data"
        folder.mkdir()
        shutil.copy(fresh_data / KEY_FILE, folder)
        server.admin("CREATE DATABASE office_template")
        office = open_office(folder, ManualClock(), db=server.url("office_template"))
        _first_terminal(office)
        office.close()
        server.template = "office_template"
        yield server


STORING = frozenset(
    f"test_{name}"
    for name in (
        *("process", "at_rest", "two_databases", "concurrency", "submission", "contract_client", "uploads", "joint"),
        *(
            "group_members",
            "group_commit",
            "blocked_commit",
            "gathered",
            "opening",
            "disk_full",
            "audit_key",
            "waiting",
        ),
        *(
            "checks",
            "consequences",
            "payments",
            "role_matrix",
            "reach",
            "casework_life",
            "terminal_chains",
            "uploads_killed",
        ),
    )
)
"""What is stored, or meets at one row, is tried on both databases each time."""
EVERY_THIRD = 3


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of all other tests every third one is played on PostgreSQL by `make test`, and all are by `make proof`."""
    for item in items:
        called = getattr(item, "callspec", None)
        if called is None or "postgresql" not in called.params.values() or item.path.stem in STORING:
            continue
        if zlib.crc32(item.nodeid.encode()) % EVERY_THIRD:
            item.add_marker(pytest.mark.proof)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, data: Path) -> Iterator[Place]:
    """A fresh back office on each of the two databases: whatever asks for it runs twice."""
    if request.param == "sqlite":
        yield Place(data, None)
        return
    for file in data.glob("backoffice.sqlite*"):
        file.unlink()
    with request.getfixturevalue("cluster").database() as url:
        yield Place(data, url)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def office(place: Place, clock: ManualClock) -> Iterator[Office]:
    opened = open_office(place.data, clock, db=place.db)
    yield opened
    opened.close()


@pytest.fixture
def start(
    office: Office, clock: ManualClock, simulator: Simulator, contract: Mapping[str, Any]
) -> Iterator[Callable[..., Terminal]]:
    """Start the application (again); its terminal K1 has been registered."""
    clients: list[AsgiClient] = []
    seq = itertools.count(1)

    def begin(gateway: LookupGateway | None = None, **options: Any) -> Terminal:
        app = create_app(office, gateway or HttpLookups(simulator.url, clock, timeout_s=0.5), **options)
        client = AsgiClient(app)
        clients.append(client)
        return Terminal(client, clock, contract, seq=seq)

    yield begin
    for client in clients:
        client.close()


@pytest.fixture
def terminal(start: Callable[..., Terminal]) -> Terminal:
    return start()


@pytest.fixture(scope="session")
def contract() -> Mapping[str, Any]:
    """The written contract; another test checks that it is the server's own."""
    document: Mapping[str, Any] = json.loads((RESIDENTS.parents[1] / "schema" / "openapi.json").read_text("utf-8"))
    return document


@pytest.fixture(scope="session")
def terminal_at(contract: Mapping[str, Any]) -> Callable[..., Terminal]:
    """K1 as a client of a server process, over real HTTP."""

    def connect(url: str, clock: Any, seq: itertools.count[int] | None = None) -> Terminal:
        client = httpx.Client(base_url=url, trust_env=False, verify=False, timeout=30)
        return Terminal(client, clock, contract, seq=seq or itertools.count(1))

    return connect


@pytest.fixture(scope="session")
def case_no() -> Callable[..., str]:
    def mint(serial: int, site_no: str = "007", channel: str = "8", day: str = "261124") -> str:
        digits = f"350213{site_no}{channel}{day}{serial:05d}"
        return digits + check_digit(digits)

    return mint


@pytest.fixture(scope="session")
def applicant(residents: dict[str, dict[str, Any]]) -> Callable[[str], dict[str, str]]:
    def of(who: str) -> dict[str, str]:
        person = residents[who]
        fields = ("document", "name", "number", "birth", "address", "valid_until")
        return {**{name: person[name] for name in fields}, "sex": str(person["sex"]), "source": "chip"}

    return of


@pytest.fixture(scope="session")
def submission(
    applicant: Callable[[str], dict[str, str]], case_no: Callable[..., str]
) -> Callable[..., dict[str, Any]]:
    """The body of a claim of the old-age allowance."""

    def of(who: str = "a_kim", serial: int = 1, **changes: Any) -> dict[str, Any]:
        body = {
            "case_no": case_no(serial),
            "item_id": "XA032",
            "item_version": 1,
            "consent_version": "2026-1",
            "applicant": applicant(who),
            "form": {"account": "yes"},
            "commitment": None,
            "created_at": "2026-11-24T10:00:00+08:00",
            "site": SITE,
            "lang": "nan",
            "boot_id": "boot-1",
            "monotonic_s": 12.5,
        }
        # What is promised here is agreed to aloud, unless a test says how it was signed.
        aloud = [{"purpose": "sign.by_key", "text_version": "v1"}] if changes.get("commitment") else []
        return {**body, "consents": aloud, **changes}

    return of
