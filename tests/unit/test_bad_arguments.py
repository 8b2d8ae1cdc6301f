"""What nobody can mean, typed at every command: one sentence with what, where and what to do, and no traceback."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from backoffice.__main__ import main as backoffice
from drivers.sim.__main__ import main as simulated
from drivers.sim.up import _alone_in
from kiosk.__main__ import main as kiosk

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = "/dev/null/nowhere"
"""Not even root can make it."""
Ran = tuple[int, str]
Main = Callable[[Sequence[str]], int]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    folder = tmp_path / "config"
    folder.mkdir()
    for name in ("terminal.toml", "devices.toml"):
        shutil.copy(ROOT / "config" / name, folder)
    return folder


def run(main: Main, argv: Sequence[str], capsys: pytest.CaptureFixture[str]) -> Ran:
    try:
        code = main(argv)
    except SystemExit as end:
        assert isinstance(end.code, int)
        code = end.code
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    return code, told.err


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("trace id_card --seconds -3", "'-3' is no time to wait: seconds, up to 3600"),
        ("trace id_card --seconds nan", "'nan' is no time to wait"),
        ("trace id_card --seconds soon", "'soon' is no time to wait"),
        ("trace nobody", r"devices.toml has no \[nobody\]; it has id_card"),
        ("rebind id_card --to usb:zz", "usb:zz is no port of id_card: .*nothing was changed"),
        ("rebind receipt_printer --to usb-location:", "is no port of receipt_printer: .*nothing was changed"),
        ("enrol AB3DEFGHJK --server notaurl", "The address notaurl must be https:// with a host.*Nothing was sent"),
        ("enrol AB3DEFGHJK --server http://office.example", "must begin with https://.*Nothing was sent"),
        ("enrol AB3DEFGHJK --ca-file none.pem", "none.pem is not there. Nothing was sent"),
        ("enrol 0O1IL --server https://office.example", "A code has ten letters and digits"),
        ("run --clock-offset-s soon", "invalid float value: 'soon'"),
        ("explain PRN-9", "there is no code 'PRN-9'; there are PRN-001, PRN-002"),
        ("explain store.none", "there is no code 'store.none'; there are store.full"),
        ("outbox lose", "invalid choice: 'lose'"),
        ("nothing", "invalid choice: 'nothing'"),
    ],
)
def test_the_kiosk_command(line: str, what: str, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = line.split()
    asked = [*words, "--config", str(config)] if words[0] in ("trace", "rebind", "enrol") else words
    before = {path.name: path.read_bytes() for path in config.iterdir()}
    code, told = run(kiosk, asked, capsys)
    assert code == 2
    assert re.search(what, told, re.DOTALL), told
    assert {path.name: path.read_bytes() for path in config.iterdir()} == before


@pytest.mark.parametrize(
    "words", [["demo"], ["play", str(ROOT / "tests" / "journeys" / "demo.toml")]], ids=["demo", "play"]
)
def test_evidence_that_can_lie_nowhere(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    code, told = run(kiosk, [*words, "--out", NOWHERE], capsys)
    assert code == 2
    assert f"{NOWHERE} cannot hold the evidence (Not a directory); nothing was played: name another folder" in told


@pytest.mark.parametrize(
    ("table", "line", "what"),
    [
        ("id_card", 'port = "zz"', "port 'zz': a path, usb:VID:PID"),
        ("id_card", "colour = 3", "unknown key colour; known: "),
        ("receipt_printer", 'baud = "fast"', "baud must be a positive whole number"),
    ],
)
def test_a_value_of_devices_toml_is_named_with_path_and_line(
    table: str, line: str, what: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, key = config / "devices.toml", line.split()[0]
    rows, inside, at = [], False, 0
    for row in file.read_text(encoding="utf-8").splitlines():
        inside = row.startswith(f"[{table}]") or (inside and not row.startswith("["))
        if inside and row.split("=")[0].strip() == key:
            continue
        rows.append(row)
        if row.startswith(f"[{table}]"):
            rows.append(line)
            at = len(rows)
    file.write_text("\n".join(rows), encoding="utf-8")
    code, told = run(kiosk, ["devices", "--config", str(config)], capsys)
    assert code == 78, "a service manager leaves it alone"
    assert told.startswith(f"kiosk: {file}:{at}: [{table}] ") and what in told, told


@pytest.mark.parametrize("port", ["70000", "-1", "eighty", "80.0"])
@pytest.mark.parametrize(
    "words", [["serve"], ["lookups", "--residents", "x.toml"], ["simulate", "payments"]], ids=lambda words: words[0]
)
def test_a_port_that_is_none(words: list[str], port: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run(backoffice, [*words, f"--port={port}"], capsys)
    assert code == 2 and f"'{port}' is no port: 1 to 65535, or 0 for a free one" in told


def test_a_port_that_another_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, told = run(backoffice, ["serve", "--data", str(tmp_path / "data"), "--port", str(port)], capsys)
    assert code == 1
    assert f"port {port} of 127.0.0.1 is taken by another process: end that one, or name another --port" in told


def test_two_benches_in_one_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "sim.toml"
    plan.write_text("[headphone]\n", encoding="utf-8")
    with _alone_in(tmp_path):
        code, told = run(simulated, ["up", str(plan), "--dir", str(tmp_path)], capsys)
    assert code == 1 and "run in this folder already, and go on; end them or name another --dir" in told
    with _alone_in(tmp_path):
        pass


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        (["id_card", "--link", "a", "--control", "b", "--settings", "{"], "'{' is no JSON"),
        (["id_card", "--link", "a", "--control", "b", "--settings", "3"], "'3' is no table"),
        ([], ""),
    ],
)
def test_a_simulated_device(argv: list[str], what: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run(simulated, argv, capsys)
    assert code == 2 and what in told


def test_what_a_simulated_device_can_do_wrong_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert simulated(["receipt_printer", "--faults"]) == 0
    told = capsys.readouterr().out
    assert "mute" in told and "cutter" in told


def test_the_example_says_how_it_is_called() -> None:
    example = ROOT / "docs" / "examples" / "read_and_print.py"
    done = subprocess.run([sys.executable, example], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "READER_PORT PRINTER_PORT" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("PRN-002", "PRN-002 "),
        ("prn-002", "PRN-002 "),
        ("store.full", "store.full\n"),
        ("fonts.missing", "It shows this code alone"),
        ("http_401", "kiosk enrol CODE"),
    ],
)
def test_a_code_is_explained_as_the_manual_has_it(code: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert kiosk(["explain", code]) == 0
    told = capsys.readouterr().out
    assert says in told and told.strip() in (ROOT / "docs" / "technician.md").read_text(encoding="utf-8")
    assert "- What happened: " in told and "- What to do: " in told and "- What the kiosk does by itself: " in told
