"""`kiosk rebind`: another device in an old one's place; nothing is written before the right one has answered."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from drivers.sim.client import Control
from drivers.sim.lifetime import ends_with_us
from drivers.transport import found
from drivers.transport.found import Found, Kind
from kiosk.adapters.settings import devices_file, durable
from kiosk.adapters.settings.devices_file import BACKUP, DevicesFileError, with_port
from kiosk.app.technician.diagnostics import Reply, Task
from kiosk.app.technician.tested_device import Binding, kept_test, marks_of
from kiosk.technician import rebind_command as technician_rebind
from kiosk.technician.sim_hands import SimHands

ROOT = Path(__file__).resolve().parents[2]
LAYOUT = """# The devices of this hall.
[id_card]      # left of the screen
model = "sam_v"
port  =  '/dev/kiosk/id_card'   # was ttyUSB0
baud = 115200

[receipt_printer]
port = "/dev/kiosk/id_card"
model = "escpos_80mm"
"""


@pytest.fixture(scope="session")
def spare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The devices in the technician's bag: a reader, a printer, a scanner, not bound to anything."""
    folder = tmp_path_factory.mktemp("bag")
    plan = {
        "id_card": {"residents_file": str(ROOT / "config" / "demo" / "residents.toml")},
        "receipt_printer": {},
        "code_scanner": {},
    }
    text = "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        for name, table in plan.items()
    )
    (folder / "sim.toml").write_text(text)
    command = [sys.executable, "-m", "drivers.sim", "up", str(folder / "sim.toml"), "--dir", str(folder)]
    twins = subprocess.Popen(ends_with_us(command), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert twins.stdin is not None and twins.stdout is not None
    try:
        assert twins.stdout.readline() == b"ready\n"
        yield folder
    finally:
        twins.stdin.close()
        twins.wait(15)
        twins.stdout.close()


class NoHands:
    def why_not(self) -> str:
        return "nobody is here"

    def ask(self, task: Task) -> Reply:
        raise AssertionError("nobody may be asked")


def rebind(terminal, *words: str, hands=None, look=lambda: ()) -> int:
    parser = argparse.ArgumentParser()
    technician_rebind.add_arguments(parser)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--config")
    arguments = parser.parse_args([*words, "--config", str(terminal.config)])
    return technician_rebind.run(arguments, hands or NoHands(), look)


@pytest.fixture
def commented(terminal) -> str:
    """devices.toml with comments and an odd layout, as technicians leave it."""
    path = terminal.config / "devices.toml"
    text = "# Hall of the village\n" + path.read_text().replace("[id_card]", "[id_card]   # beside the screen")
    text = text.replace('model = "sam_v"', "model   = 'sam_v'  # since spring")
    path.write_text(text)
    return text


def test_the_command_binds_a_reader_that_answers_changes_one_line_and_takes_it_back(
    terminal, spare: Path, commented: str
) -> None:
    path = terminal.config / "devices.toml"
    ran = terminal.kiosk("rebind", "id_card", "--to", str(spare / "id_card"))
    assert ran.code == 0, ran.err
    assert "SAM_V 05.03-20120315" in ran.out, "it says which reader has answered"
    changed = path.read_text()
    pairs = [(old, new) for old, new in zip(commented.splitlines(), changed.splitlines(), strict=True) if old != new]
    assert len(pairs) == 1 and str(terminal.run / "id_card") in pairs[0][0] and str(spare / "id_card") in pairs[0][1]
    assert terminal.kiosk("devices", "--json").devices["id_card"]["port"] == str(spare / "id_card")
    assert rebind(terminal, "--undo") == 0
    assert path.read_text() == commented
    assert rebind(terminal, "--undo") == 0 and path.read_text() == changed, "undoing twice is doing it again"


def test_a_wrong_device_is_refused_by_its_name_and_nothing_is_changed(
    terminal, spare: Path, commented: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rebind(terminal, "id_card", "--to", str(spare / "receipt_printer")) == 1
    said = capsys.readouterr().err
    assert "receipt_printer escpos_80mm answers there" in said and "nothing was changed" in said
    assert rebind(terminal, "receipt_printer", "--to", str(spare / "id_card")) == 1
    assert "id_card sam_v answers there" in capsys.readouterr().err
    assert rebind(terminal, "id_card", "--to", str(terminal.run / "receipt_printer")) == 1
    assert "bound to [receipt_printer]" in capsys.readouterr().err
    assert (terminal.config / "devices.toml").read_text() == commented
    assert sorted(path.name for path in terminal.config.iterdir()) == ["devices.toml", "terminal.toml"]


@pytest.mark.proof
def test_a_mute_reader_is_not_bound(terminal, spare: Path, commented: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Control(spare / "id_card.ctl") as reader:
        reader("fault", name="mute", count=-1)
        assert rebind(terminal, "id_card", "--to", str(spare / "id_card")) == 1
        assert "DEV-002" in capsys.readouterr().err
        for op in ("clear", "unplug", "replug"):
            reader(op)
    assert (terminal.config / "devices.toml").read_text() == commented


def test_a_reader_that_is_absent_or_held_by_the_kiosk_is_not_bound(
    terminal, spare: Path, commented: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import serial

    assert rebind(terminal, "id_card", "--to", str(spare / "nothing")) == 1
    assert "DEV-001" in capsys.readouterr().err
    with serial.Serial(str(spare / "id_card"), 115200, exclusive=True):
        assert rebind(terminal, "id_card", "--to", str(spare / "id_card")) == 1
        assert "is the kiosk running?" in capsys.readouterr().err
    assert (terminal.config / "devices.toml").read_text() == commented


@pytest.mark.proof
def test_a_scanner_that_answers_no_question_must_read_the_test_slip(
    terminal, spare: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rebind(terminal, "code_scanner", "--to", str(spare / "code_scanner")) == 1
    assert "tried by hand (nobody is here)" in capsys.readouterr().err
    assert rebind(terminal, "code_scanner", "--to", str(spare / "id_card"), hands=SimHands(spare)) == 1
    assert "id_card sam_v answers there" in capsys.readouterr().err
    assert rebind(terminal, "code_scanner", "--to", str(spare / "code_scanner"), hands=SimHands(spare)) == 0
    tables = tomllib.loads((terminal.config / "devices.toml").read_text())
    assert tables["code_scanner"]["port"] == str(spare / "code_scanner")


class Exchange(SimHands):
    """Unplugs and plugs in when asked, as seen by `look`."""

    def __init__(self, spare: Path, comes: Sequence[Found]) -> None:
        super().__init__(spare)
        self.asked: list[Task] = []
        self._comes = comes
        self.there = [
            Found(Kind.SERIAL, "/dev/ttyUSB7", "usb:0403:6001:OLD"),
            Found(Kind.INPUT, "/dev/input/event0", "x"),
        ]

    def ask(self, task: Task) -> Reply:
        self.asked.append(task)
        if task is Task.UNPLUG_OLD:
            del self.there[0]
        elif task is Task.PLUG_NEW:
            self.there += self._comes
        return Reply.DONE

    def look(self) -> Sequence[Found]:
        return tuple(self.there)


def test_without_a_port_the_exchange_is_guided_and_the_new_one_is_bound_by_its_identity(terminal, spare: Path) -> None:
    new = Found(Kind.SERIAL, "/dev/ttyUSB0", str(spare / "id_card"))
    hands = Exchange(spare, [new])
    assert rebind(terminal, "id_card", hands=hands, look=hands.look) == 0
    assert hands.asked == [Task.UNPLUG_OLD, Task.PLUG_NEW]
    tables = tomllib.loads((terminal.config / "devices.toml").read_text())
    assert tables["id_card"]["port"] == new.port


@pytest.mark.parametrize("count", [0, 2])
def test_nothing_new_and_two_new_things_are_both_refused(
    terminal, spare: Path, count: int, commented: str, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    monkeypatch.setattr("kiosk.technician.rebind.APPEARS_S", 0.0)
    hands = Exchange(spare, [Found(Kind.SERIAL, f"/dev/ttyUSB{n}", f"usb:0403:6001:N{n}") for n in range(count)])
    assert rebind(terminal, "id_card", hands=hands, look=hands.look) == 1
    said = capsys.readouterr().err
    assert "no new serial port came" in said if count == 0 else "usb:0403:6001:N0, usb:0403:6001:N1" in said
    assert (terminal.config / "devices.toml").read_text() == commented


def test_what_is_plugged_in_is_listed_with_its_identity_and_whose_it_is(
    terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    path = terminal.config / "devices.toml"
    path.write_text(path.read_text().replace(str(terminal.run / "headphone"), "/dev/input/event9"))
    there = (
        Found(
            Kind.SERIAL, str((terminal.run / "id_card").resolve()), "usb:0403:6001:A1", "", "0403:6001", "A1", "1-1.4"
        ),
        Found(Kind.CAMERA, "/dev/video0", "/dev/v4l/by-id/cam", "Document camera", "046d:0825", "", "1-3"),
    )
    assert rebind(terminal, "--json", look=lambda: there) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["bound_to"] for row in told["found"]] == [["id_card"], []]
    assert told["found"][0] | {"usb": "0403:6001", "serial": "A1", "location": "1-1.4"} == told["found"][0]
    assert told["missing"] == ["headphone"]
    assert rebind(terminal, look=lambda: there) == 0
    said = capsys.readouterr().out
    assert "[id_card]" in said and "free" in said and "Document camera" in said
    assert rebind(terminal, "id_card", "--udev", look=lambda: there) == 0
    assert 'ATTRS{serial}=="A1", SYMLINK+="kiosk/id_card"' in capsys.readouterr().out


def test_a_self_test_of_the_old_reader_says_nothing_about_the_new_one(
    terminal, spare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both are of one class and model: only the port tells them apart."""
    from kiosk.__main__ import main

    config = ["--config", str(terminal.config)]

    def tested() -> list[bool]:
        """Whether `kiosk devices`, and the bundle of `kiosk report`, call the reader tested."""
        assert main(["devices", "--json", *config]) == 0
        (row,) = [row for row in json.loads(capsys.readouterr().out)["devices"] if row["class"] == "id_card"]
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        main(["report", "--out", str(out), *config])
        said = capsys.readouterr().out
        with zipfile.ZipFile(next(out.glob("support-*.zip"))) as bundle:
            (in_report,) = [
                row for row in json.loads(bundle.read("report.json"))["devices"] if row["class"] == "id_card"
            ]
        assert ("id_card: never tested" in said) is (in_report["selftest"] is None)
        return [row["selftest"] is not None, in_report["selftest"] is not None]

    assert main(["selftest", "id_card", *config]) == 0
    capsys.readouterr()
    assert tested() == [True, True]
    assert main(["rebind", "id_card", "--to", str(spare / "id_card"), *config]) == 0
    capsys.readouterr()
    assert tested() == [False, False]
    assert main(["rebind", "--undo", *config]) == 0
    capsys.readouterr()
    assert tested() == [True, True], "the reader that was tested is back"


def test_one_port_with_another_adapter_or_another_answer_is_another_device() -> None:
    """A udev name stays where it is when the device behind it is exchanged."""
    old = Binding("sam_v", "/dev/kiosk/id_card", "0403:6001 A1")
    row = {**marks_of(old, "SAM_V 05.03 0001"), "result": "pass"}
    assert kept_test(row, old, "SAM_V 05.03 0001") == row
    assert kept_test(row, old, None) == row, "a reader that cannot be asked now is told by its port and adapter"
    assert kept_test(row, replace(old, adapter=""), "SAM_V 05.03 0001") == row
    assert kept_test(row, old, "SAM_V 05.03 0002") is None
    assert kept_test(row, replace(old, adapter="0403:6001 B2"), None) is None
    assert kept_test(row, replace(old, model="sam_x"), None) is None
    assert kept_test({"model": "sam_v", "result": "pass"}, old, None) is None, "a row without a port is nobody's"
    camera = Binding("camera_face", "http://user:secret@10.0.0.8/feed")
    assert "secret" not in str(marks_of(camera, None)) and kept_test(marks_of(camera, None), camera) is not None


def test_what_is_plugged_in_at_a_port_is_told_by_its_ids_and_serial_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = [
        SimpleNamespace(device="/dev/ttyUSB0", vid=0x0403, pid=0x6001, serial_number="A1", location="1-1.4"),
        SimpleNamespace(device="/dev/ttyUSB1", vid=0x1A86, pid=0x7523, serial_number=None, location="1-1.3"),
        SimpleNamespace(device="/dev/ttyS0", vid=None, pid=None, serial_number=None, location=None),
    ]
    monkeypatch.setattr(found, "serial_ports", lambda: ports)
    name = tmp_path / "id_card"
    name.symlink_to("/dev/ttyUSB0")
    for port in (str(name), "/dev/ttyUSB0", "usb:0403:6001", "usb:0403:6001:A1", "usb-location:1-1.4"):
        assert found.adapter_at(port, tmp_path) == "0403:6001 A1", port
    assert found.adapter_at("rs485-echo:/dev/ttyUSB1", tmp_path) == "1a86:7523"
    for port in ("/dev/ttyS0", "usb:0403:6001:B2", "http://127.0.0.1/feed", "an old reader"):
        assert found.adapter_at(port, tmp_path) == "", port
    video = tmp_path / "sys/class/video4linux/video0"
    usb = tmp_path / "sys/usb/1-3"
    video.mkdir(parents=True)
    (usb / "interface").mkdir(parents=True)
    (video / "device").symlink_to(usb / "interface")
    (usb / "idVendor").write_text("046d\n")
    (usb / "idProduct").write_text("0825\n")
    (usb / "serial").write_text("7F3A\n")
    assert found.adapter_at("/dev/video0", tmp_path) == "046d:0825 7F3A"


# ---- the file itself ---------------------------------------------------------------------------------------


def test_only_the_port_of_the_named_table_changes_and_the_layout_stays() -> None:
    changed = with_port(LAYOUT, "id_card", "usb:0403:6001:A1B2")
    assert changed == LAYOUT.replace("'/dev/kiosk/id_card'", '"usb:0403:6001:A1B2"')
    assert with_port(LAYOUT, "receipt_printer", "/dev/x") == LAYOUT.replace('"/dev/kiosk/id_card"', '"/dev/x"')
    assert with_port(LAYOUT.replace("\n", "\r\n"), "id_card", "/dev/x").count("\r\n") == LAYOUT.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        'id_card = { model = "sam_v", port = "/dev/a" }\n',
        '[id_card]\nmodel = "sam_v"\n',
        '[id_card]\nmodel = "sam_v"\nport = """\n/dev/a"""\n',
        '[id_card]\nmodel = "sam_v"\nremark = """\nport = "/dev/b"\n"""\nport = "/dev/a"\n',
        '[id_card]\nmodel = "sam_v"\nport = "/dev/a\n',
        'remark = """\n[id_card]\n"""\n[id_card]\nmodel = "sam_v"\nport = "/dev/a"\n',
        '[other]\nport = "/dev/a"\n',
    ],
)
def test_a_layout_that_cannot_be_edited_in_one_line_is_refused(text: str) -> None:
    with pytest.raises(DevicesFileError):
        with_port(text, "id_card", "/dev/b")


def test_a_port_that_would_break_out_of_its_quotes_does_not() -> None:
    odd = '/dev/a" # \\ x'
    assert tomllib.loads(with_port(LAYOUT, "id_card", odd))["id_card"]["port"] == odd
    with pytest.raises(DevicesFileError):
        with_port(LAYOUT, "id_card", "/dev/a\nmodel = 'x'")


def test_a_disk_that_refuses_leaves_the_file_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "devices.toml"
    path.write_text(LAYOUT)

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(DevicesFileError, match="No space"):
        devices_file.rebind(path, "id_card", "/dev/b")
    assert path.read_text() == LAYOUT and [entry.name for entry in tmp_path.iterdir()] == ["devices.toml"]


def test_there_is_nothing_to_undo_at_first_and_a_damaged_backup_is_not_put_back(tmp_path: Path) -> None:
    path = tmp_path / "devices.toml"
    path.write_text(LAYOUT)
    with pytest.raises(DevicesFileError, match="nothing was rebound"):
        devices_file.undo(path)
    path.with_name(path.name + BACKUP).write_text("[id_card")
    with pytest.raises(DevicesFileError):
        devices_file.undo(path)
    assert path.read_text() == LAYOUT


def test_mode_and_owner_stay(tmp_path: Path) -> None:
    path = tmp_path / "devices.toml"
    path.write_text(LAYOUT)
    path.chmod(0o640)
    backup = devices_file.rebind(path, "id_card", "/dev/b")
    assert path.stat().st_mode & 0o777 == backup.stat().st_mode & 0o777 == 0o640
    assert backup.read_text() == LAYOUT
