"""`kiosk report`: one page to sign, and a support bundle that says nothing of a resident and holds no key."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from kiosk.adapters.store.counts import outbox_counts
from kiosk.adapters.store.sqlcipher import SqlcipherStore
from kiosk.app.device_hub import Health
from kiosk.app.technician import readiness_changes, redact
from kiosk.app.technician.redact import HIDDEN, Redactor
from kiosk.domain.outbox import ItemKind, OutboxItem, StoreError
from kiosk.technician.health_record import HealthRecord
from kiosk.technician.report_page import page
from kiosk.technician.support_bundle import vocabulary

ROOT = Path(__file__).resolve().parents[2]
RESIDENT = tomllib.loads((ROOT / "config" / "demo" / "residents.toml").read_text(encoding="utf-8"))["a_kim"]
NAME, NUMBER = str(RESIDENT["name"]), str(RESIDENT["number"])
PHONE, ROMAN, KEY = "13950078642", "Tanshui", "9f3c" * 16


def disguises(text: str) -> set[str]:
    """As text and as bytes in every encoding and spelling that a file could hold."""
    found = {text, text.lower(), text.upper()}
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        data = text.encode(encoding)
        found |= {data.hex(), data.hex().upper(), data.hex(" ").upper(), data.hex(" "), repr(data)[2:-1]}
    return found | {text.encode("unicode-escape").decode()}


def pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(len(text) - size + 1)]


PLANTED: dict[str, set[str]] = {
    "name": {d for piece in pieces(NAME, 2) for d in disguises(piece)},
    "number": {d for piece in pieces(NUMBER, 7) for d in disguises(piece)},
    "telephone": {d for piece in pieces(PHONE, 7) for d in disguises(piece)},
    "name in letters": disguises(ROMAN),
    "key": {d for piece in pieces(KEY[:20], 12) for d in disguises(piece)},
}


def leaks(data: bytes) -> set[str]:
    texts = [data.decode("utf-8", "ignore"), data.decode("gb18030", "ignore"), data.decode("utf-16-le", "ignore")]
    spaceless = [re.sub(r"[\s-]", "", text) for text in texts]
    return {
        what for what, seeds in PLANTED.items() if any(seed in text for text in texts + spaceless for seed in seeds)
    }


def everything_in(bundle: Path) -> dict[str, bytes]:
    """Each member, and what can be read in the page."""
    with zipfile.ZipFile(bundle) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
        comments = archive.comment + b"".join(info.comment + info.extra for info in archive.infolist())
    reader = PdfReader(io.BytesIO(found["report.pdf"]))
    text = "\n".join(sheet.extract_text() for sheet in reader.pages) + str(reader.metadata)
    return {
        **found,
        "the page's text": text.encode(),
        "the archive's own": comments,
        "names": "\n".join(found).encode(),
    }


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


@pytest.fixture
def report(terminal, tmp_path: Path) -> Callable[..., tuple[int, str, Path]]:
    count = iter(range(99))

    def run(**environment: str) -> tuple[int, str, Path]:
        out = tmp_path / f"out{next(count)}"
        command = [sys.executable, "-m", "kiosk", "report", "--config", str(terminal.config), "--out", str(out)]
        done = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
            env={**os.environ, **environment},
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr, out

    return run


def plant_store(state: Path) -> None:
    state.mkdir(parents=True, exist_ok=True)
    key_file = state / "store.key"
    key_file.write_text(KEY)
    key_file.chmod(0o600)
    store = SqlcipherStore(state / "outbox.db", bytes.fromhex(KEY), lambda: datetime.now(UTC))
    for number in range(3):
        body = {"applicant": {"name": NAME, "number": NUMBER, "telephone": PHONE}}
        store.put(OutboxItem(f"case{number}", ItemKind.CASE, f"case{number}", 0, body, "2026-11-20T08:00:00+08:00"))
    store.close()


def plant_everywhere(terminal, tmp_path: Path) -> dict[str, str]:
    """Personal data in each source that the bundle draws on; returns the environment of the command."""
    line = f"{NAME} {NUMBER} {NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]} {PHONE} {ROMAN} {KEY}"
    devices, settings = terminal.config / "devices.toml", terminal.config / "terminal.toml"
    devices.write_text(f"# {line}\n" + devices.read_text().replace("baud", f"# {line}\nbaud", 1))
    text = f"# {line}\n" + settings.read_text().replace("[backoffice]", f"# {line}\n[backoffice]")
    text = text.replace('ca_file = ""', f'ca_file = "{ROMAN} {KEY}"')
    text = text.replace('sink = "alsa"', f'sink = "{NAME}"')
    settings.write_text(text)
    (terminal.config / "device.key").write_text(KEY)
    (terminal.config / "device.key").chmod(0o600)
    plant_store(terminal.state)
    rows = {
        "id_card": {"model": "sam_v", "result": f"fail {line}", "at": line, "failed": [f"read_card {line}"],
                    "measured": [{"check": line, "value": int(PHONE), "unit": line, "result": line}], line: line},
        line: {"model": line},
    }  # fmt: skip
    (terminal.state / "selftest.json").write_text(json.dumps(rows, ensure_ascii=False))
    (terminal.state / "health.json").write_text(json.dumps({"id_card": line, line: line}))
    logged = f"2026-11-20 08:00:00,123 WARNING drivers.transport.serial_port port {line} lost: OSError: {line}\n"
    (terminal.state / "kiosk.log").write_text(logged + line + "\n")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tmp_path / "journal").write_text(f"2026-11-20T08:00:01+0800 host kiosk[812]: id_card is offline: DEV-002 {line}\n")
    (tools / "journalctl").write_text(f'#!/bin/sh\nexec cat "{tmp_path / "journal"}"\n')
    (tools / "journalctl").chmod(0o755)
    return {"PATH": f"{tools}:{os.environ['PATH']}"}


def test_the_search_for_leaks_finds_each_kind() -> None:
    assert leaks(f"{NAME} {NUMBER[:9]} {PHONE} {ROMAN} {KEY}".encode()) == set(PLANTED)
    assert leaks(NAME.encode("gb18030")) and leaks(NAME.encode("utf-16-le").hex(" ").encode())


def test_of_personal_data_in_every_source_nothing_is_in_page_or_bundle(terminal, report, tmp_path: Path) -> None:
    environment = plant_everywhere(terminal, tmp_path)
    with terminal.twin("id_card") as hands:
        hands("present", resident="a_kim")
    _, said, out = report(**environment)
    bundle = only(out, "support-*.zip")
    found = everything_in(bundle)
    assert {name: leaks(data) for name, data in found.items() if leaks(data)} == {}
    assert not leaks(said.encode()) and not leaks(only(out, "report-*.pdf").read_bytes())
    journal = found["journal.txt"].decode()
    assert "WARNING drivers.transport.serial_port port" in journal and "lost: " in journal, "still of use"
    assert "2026-11-20T08:00:01+0800" in journal and "id_card is offline: DEV-002" in journal
    assert "find: " in found["trace/id_card.txt"].decode()
    assert 'url = "http://127.0.0.1:8600"' in found["config/terminal.toml"].decode()
    assert json.loads(found["report.json"])["outbox"] == {"queued": 3, "sending": 0, "delivered": 0, "rejected": 0}


def test_the_page_is_one_sheet_and_says_who_where_what_and_whether_it_is_ready(terminal, report) -> None:
    (terminal.config / "devices.toml").write_text((terminal.config / "devices.toml").read_text())
    code, said, out = report()
    assert code == 1 and said.startswith("NOT READY"), said
    reader = PdfReader(only(out, "report-*.pdf"))
    assert len(reader.pages) == 1
    text = reader.pages[0].extract_text()
    settings = tomllib.loads((terminal.config / "terminal.toml").read_text())["terminal"]
    for expected in (
        settings["device"],
        settings["village"],
        "sam_v",
        "SAM_V 05.03-20120315",
        "never tested",
        "Technician",
    ):
        assert expected in text, text
    with zipfile.ZipFile(only(out, "support-*.zip")) as archive:
        for line in archive.read("MANIFEST.sha256").decode().splitlines():
            digest, name = line.split("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
        named = {line.split("  ")[1] for line in archive.read("MANIFEST.sha256").decode().splitlines()}
        assert named == {*archive.namelist()} - {"MANIFEST.sha256"}


@pytest.mark.proof
def test_the_next_report_tells_what_changed_since_this_one(terminal, report) -> None:
    assert "changed since the first visit" in report()[1]
    path = terminal.config / "devices.toml"
    path.write_text(path.read_text().replace("width_dots = 576", "width_dots = 512"))
    with terminal.twin("receipt_printer") as hands:
        hands("paper", state="low")
    _, said, _ = report()
    assert "receipt_printer: paper full -> low" in said and "receipt_printer: PRN-001 came" in said
    assert "settings of receipt_printer were changed" in said and "headphone" not in said.split("changed since")[1]


def test_without_its_fonts_the_page_is_not_made_and_it_says_which_and_where(terminal, report, tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    code, said, out = report(KIOSK_FONT_DIR=str(tmp_path / "fonts"))
    assert (
        code == 1
        and "Noto Sans CJK SC" in said
        and str(tmp_path / "fonts") in said
        and "kiosk.ui.drawing.fonts build" in said
    )
    assert not out.exists() and not (terminal.state / "report.json").exists()


def test_a_store_that_the_kiosk_has_open_is_told_and_not_touched(tmp_path: Path) -> None:
    plant_store(tmp_path)
    assert outbox_counts(tmp_path / "outbox.db", tmp_path / "store.key")["queued"] == 3
    running = SqlcipherStore(tmp_path / "outbox.db", bytes.fromhex(KEY), lambda: datetime.now(UTC))
    try:
        with pytest.raises(StoreError, match="is the kiosk running"):
            outbox_counts(tmp_path / "outbox.db", tmp_path / "store.key")
    finally:
        running.close()
    assert outbox_counts(tmp_path / "none.db", tmp_path / "store.key")["queued"] == 0
    assert not (tmp_path / "none.db").exists(), "looking makes no store"
    shutil.copy(tmp_path / "outbox.db", tmp_path / "other.db")
    (tmp_path / "store.key").write_text("00" * 32)
    (tmp_path / "store.key").chmod(0o600)
    with pytest.raises(StoreError, match="cannot be read"):
        outbox_counts(tmp_path / "other.db", tmp_path / "store.key")


def test_the_kiosk_keeps_how_well_each_device_has_served(tmp_path: Path) -> None:
    class Worker:
        def __init__(self, succeeded: int, asked: int) -> None:
            self.health = Health(succeeded, asked)

    HealthRecord(tmp_path, {"id_card": Worker(49, 50), "headphone": Worker(5, 5)}).keep()
    HealthRecord(tmp_path, {"id_card": Worker(10, 40), "headphone": Worker(0, 0)}).keep()
    kept = json.loads((tmp_path / "health.json").read_text())
    assert kept == {"id_card": {"succeeded": 10, "asked": 40}, "headphone": {"succeeded": 5, "asked": 5}}
    HealthRecord(tmp_path / "health.json" / "no folder", {"id_card": Worker(1, 1)}).keep()


# ---- the parts ---------------------------------------------------------------------------------------------


def device(**changes: object) -> dict[str, object]:
    tested = {"model": "sam_v", "result": "pass", "at": "2026-11-20T08:00:00+08:00", "failed": [], "measured": [
        {"check": "open", "result": "pass", "value": 60.0, "unit": "ms"},
        {"check": "read_card", "result": "pass", "value": 640.5, "unit": "ms"},
    ]}  # fmt: skip
    return {"class": "id_card", "model": "sam_v", "port": "/dev/kiosk/id_card", "firmware": "", "state": "online",
            "paper": "", "pages_left": None, "faults": [], "health": 0.98, "selftest": tested, **changes}  # fmt: skip


def paper(*rows: dict[str, object]) -> dict[str, object]:
    report = {"terminal": {}, "at": "2026-11-24T08:00:00+08:00", "devices": list(rows), "outbox": {}, "versions": {}}
    return page(report, [f"line {n}" for n in range(15)], "")


def test_devices_that_tell_of_themselves_at_once_do_not_spoil_the_record(tmp_path: Path, caplog) -> None:
    @dataclass(frozen=True)
    class Worker:
        health: Health

    record = HealthRecord(tmp_path, {"id_card": Worker(Health(49, 50))})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(record.keep, range(200)))
    assert not caplog.records
    assert json.loads((tmp_path / "health.json").read_text()) == {"id_card": {"succeeded": 49, "asked": 50}}


def test_ready_is_said_only_when_every_device_is_well_and_was_tried() -> None:
    assert paper(device())["verdict"] == "READY"
    untried = {"model": "sam_v", "result": "pass", "at": "", "failed": [], "measured": [
        {"check": "read_card", "result": "not-applicable", "value": None, "unit": ""}]}  # fmt: skip
    for sick, why in (
        (device(selftest=None), "never tested"),
        (device(state="offline"), "offline"),
        (device(faults=["DEV-002"]), "Switch the device off and on"),
        (device(selftest=untried), "not tried by hand (read_card)"),
        (device(selftest={"result": "fail"}), "self-test fail"),
    ):
        shown = paper(device(), sick)
        assert shown["verdict"] == "NOT READY" and why in str(shown["reasons"])
    assert paper()["verdict"] == "NOT READY", "no device is no terminal"


def test_the_figure_a_resident_waits_for_comes_first_and_a_long_list_is_cut_with_a_word() -> None:
    shown = paper(device())
    (row,) = shown["rows"]
    assert row["measured"] == "read_card 640.5 ms\nopen 60 ms" and row["health"] == "98%"
    assert len(shown["changes"]) == 13 and "and 3 more" in shown["changes"][-1]


def test_every_kind_of_change_is_told() -> None:
    before = {"devices": [device(), device(**{"class": "ups"})], "versions": {"program": "1"}, "settings": {"ups": "a"},
              "outbox": {"queued": 0}}  # fmt: skip
    now = {"devices": [device(firmware="2", health=0.7, faults=["DEV-003"], selftest=None),
                       device(**{"class": "keypad"})],
           "versions": {"program": "2"}, "settings": {"ups": "b"}, "outbox": {"queued": 4}}  # fmt: skip
    told = readiness_changes.changes(before, now)
    for expected in ("keypad: new (sam_v)", "ups: removed (sam_v)", "id_card: firmware none -> 2",
                     "id_card: DEV-003 came", "id_card: self-test pass -> none", "id_card: health 98% -> 70%",
                     "version of program: 1 -> 2",
                     "settings of ups were changed", "outbox queued: 0 -> 4"):  # fmt: skip
        assert expected in told
    assert readiness_changes.changes(now, now) == []


def test_a_voice_that_is_not_built_keeps_the_terminal_from_being_ready(report, tmp_path: Path) -> None:
    code, text, out = report(KIOSK_VOICE_DIR=str(tmp_path / "nothing"))
    assert code == 1 and f"voice.minnan_missing: the Minnan voice is not built in {tmp_path / 'nothing'}" in text
    told = json.loads(everything_in(only(out, "*.zip"))["report.json"])
    assert told["lacking"] == ["voice.minnan_missing"]
    _, text, _ = report()
    assert "voice.minnan_missing is gone" in text


REDACTOR = Redactor(vocabulary())


@given(st.text(max_size=60))
def test_no_character_outside_ascii_and_no_long_number_passes(text: str) -> None:
    shown = REDACTOR.line(text)
    assert all(char.isascii() or char.isspace() for char in shown)
    assert not re.search(r"\d{7}", re.sub(r"[\s.-]", "", redact._INSTANT.sub("", shown)))


def test_messages_of_the_program_pass_whole() -> None:
    line = "2026-11-20T08:00:01+0800 WARNING code_scanner is noDevice: DEV-004"
    assert REDACTOR.line(line) == line
    assert REDACTOR.line(f"port {NAME} lost") == f"port {HIDDEN} lost"
