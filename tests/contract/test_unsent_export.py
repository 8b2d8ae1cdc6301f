"""What could not be sent leaves the terminal by a technician's hand: listed, tried again, or sealed for the office."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from backoffice.__main__ import main as backoffice
from kiosk.__main__ import main as kiosk
from kiosk.adapters.store.kiosk_key import load_store_key
from kiosk.adapters.store.sqlcipher import SqlcipherStore
from kiosk.domain.attachments import KeptFile
from kiosk.domain.audit import AuditKind, verify
from kiosk.domain.outbox import ItemKind, ItemState, OutboxItem

ROOT = Path(__file__).parents[2]
CASE = "3502130178261124000013"
KEY = "7a" * 32
NOW = "2026-11-24T09:00:00.000+08:00"
PICTURE = b"\xff\xd8 a picture \xff\xd9"
DIGEST = "0" * 64
REJECTED = OutboxItem(CASE, ItemKind.CASE, CASE, 0, {"name": "王小明"}, NOW, attachments=(DIGEST,))
STUCK = OutboxItem(f"{CASE}/call/1", ItemKind.CALL, CASE, 3, {"site": "350213007007"}, NOW)
Stores = Callable[[], SqlcipherStore]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    shutil.copy(ROOT / "config" / "terminal.toml", folder)
    settings = folder / "terminal.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('state_dir = ""', f'state_dir = "{tmp_path / "state"}"'), encoding="utf-8")
    (folder / "device.key").write_text(KEY + "\n")
    (folder / "device.key").chmod(0o600)
    return folder


@contextmanager
def opened(tmp_path: Path) -> Iterator[SqlcipherStore]:
    path = tmp_path / "state" / "outbox.db"
    store = SqlcipherStore(path, load_store_key(tmp_path / "state" / "store.key", path), datetime.now().astimezone)
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def waiting(tmp_path: Path, config: Path) -> None:
    """A case that the office refuses, with its picture, and a call whose answer never came."""
    (tmp_path / "state").mkdir(mode=0o700)
    with opened(tmp_path) as store:
        store.put(REJECTED)
        store.keep_file(KeptFile(CASE, DIGEST, "image/jpeg", "diagnosis", PICTURE, NOW))
        store.update(replace(REJECTED, state=ItemState.SENDING))
        store.update(replace(REJECTED, state=ItemState.REJECTED, last_problem="form"))
        store.put(STUCK)
        store.update(replace(STUCK, state=ItemState.SENDING, attempts=7, last_problem="no_answer"))


def states(tmp_path: Path) -> dict[str, tuple[str, int]]:
    with opened(tmp_path) as store:
        return {item.key: (item.state.value, item.attempts) for item in store.pending()}


def chain(tmp_path: Path) -> list[tuple[AuditKind, dict[str, str]]]:
    with opened(tmp_path) as store:
        events = store.audit_chain()
    verify(events)
    return [(event.kind, dict(event.facts)) for event in events if event.kind is not AuditKind.STORE_OPENED]


@pytest.mark.usefixtures("waiting")
def test_the_list_names_matters_and_problems_and_nobody(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kiosk(["outbox", "list", "--config", str(config)]) == 0
    out = capsys.readouterr().out
    assert "rejected" in out and "form" in out and f"{CASE}/call/1" in out and "7 attempts" in out
    assert out.endswith("2 items have not reached the office\n") and "王小明" not in out


@pytest.mark.usefixtures("waiting")
def test_what_was_rejected_is_tried_again_and_the_audit_says_so(config: Path, tmp_path: Path) -> None:
    assert kiosk(["outbox", "retry", "--config", str(config)]) == 0
    assert states(tmp_path) == {CASE: ("queued", 0), STUCK.key: ("sending", 7)}
    assert chain(tmp_path)[-1] == (AuditKind.RETRIED, {"key": CASE})
    assert kiosk(["outbox", "retry", STUCK.key, "--config", str(config)]) == 0
    assert states(tmp_path)[STUCK.key] == ("sending", 0), "it may have arrived: it is asked about before it is sent"
    assert chain(tmp_path)[-1] == (AuditKind.RETRIED, {"key": STUCK.key})


@pytest.mark.usefixtures("waiting")
def test_an_unknown_key_retries_nothing(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = states(tmp_path)
    assert kiosk(["outbox", "retry", CASE, "no-such", "--config", str(config)]) == 1
    assert "no such item waits here: no-such" in capsys.readouterr().err and states(tmp_path) == before


@pytest.mark.usefixtures("waiting")
def test_a_running_terminal_keeps_its_store(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(tmp_path):
        assert kiosk(["outbox", "list", "--config", str(config)]) == 1
    assert "the terminal is running" in capsys.readouterr().err


def test_without_a_store_none_is_made(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kiosk(["outbox", "list", "--config", str(config)]) == 1
    assert "there is no store" in capsys.readouterr().err and not (tmp_path / "state").exists()


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("out", ["", "taken", "no/such/folder/file"])
def test_an_export_that_cannot_be_written_opens_nothing(out: str, config: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    words = ["--out", str(tmp_path / out)] if out else []
    before = chain(tmp_path)
    assert kiosk(["outbox", "export", *words, "--config", str(config)]) == 1
    assert (tmp_path / "taken").read_text() == "mine" and chain(tmp_path) == before


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    (folder / "key").write_text(KEY)
    for device, key in (("XA-017-1", "key"), ("XA-018-1", "other")):
        (folder / "other").write_text("11" * 32)
        add = ["device", "add", device, "--key-file", str(folder / key), "--data", str(folder / "data")]
        assert backoffice(add) == 0
    return folder / "data"


@pytest.mark.usefixtures("waiting")
def test_the_office_opens_what_was_exported_and_nobody_reads_it_on_the_way(
    config: Path, tmp_path: Path, data: Path
) -> None:
    sealed, plain = tmp_path / "stick", tmp_path / "opened"
    assert kiosk(["outbox", "export", "--out", str(sealed), "--config", str(config)]) == 0
    content = sealed.read_bytes()
    assert "王小明".encode() not in content and PICTURE not in content and sealed.stat().st_mode & 0o077 == 0
    assert chain(tmp_path)[-1] == (AuditKind.EXPORTED, {"items": "2"})
    assert states(tmp_path) == {CASE: ("rejected", 0), STUCK.key: ("sending", 7)}, "they stay here, too"
    assert backoffice(["unsent", str(sealed), "--out", str(plain), "--data", str(data)]) == 0
    assert plain.stat().st_mode & 0o077 == 0
    case, call = json.loads(plain.read_text())["items"]
    assert (case["key"], case["body"], case["last_problem"]) == (CASE, {"name": "王小明"}, "form")
    assert base64.b64decode(case["files"][0]["content_base64"]) == PICTURE
    assert (call["kind"], call["files"]) == ("call", [])


@pytest.mark.usefixtures("waiting")
def test_a_file_that_was_changed_or_is_of_another_terminal_does_not_open(
    config: Path, tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed = tmp_path / "stick"
    assert kiosk(["outbox", "export", "--out", str(sealed), "--config", str(config)]) == 0
    whole = sealed.read_bytes()
    for broken, said in (
        (whole[:-1] + bytes([whole[-1] ^ 1]), "damaged"),
        (whole.replace(b"XA-017-1", b"XA-018-1"), "damaged"),
        (whole.replace(b"XA-017-1", b"XA-099-1"), "not registered"),
        (whole[: whole.index(b"\n") + 5], "damaged"),
        (b"anything", "no file of"),
        (b"", "no file of"),
        (b"\xff\n", "no file of"),
    ):
        sealed.write_bytes(broken)
        assert backoffice(["unsent", str(sealed), "--out", str(tmp_path / "x"), "--data", str(data)]) == 1
        assert said in capsys.readouterr().err and not (tmp_path / "x").exists()
