"""The udev rules that are installed, and the line that the technician adds to them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from drivers.transport.found import Found, Kind, everything
from kiosk.technician import udev

ROOT = Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "config" / "deploy" / "udev").glob("*.rules"))
MATCHES = {"ACTION", "SUBSYSTEM", "SUBSYSTEMS", "KERNEL", "KERNELS", "ATTR", "ATTRS", "ENV"}
SETS = {"SYMLINK", "GROUP", "MODE", "ENV"}
PART = re.compile(r'(?P<key>[A-Z]+)(\{(?P<of>\w+)\})?(?P<op>==|!=|\+=|=)"(?P<value>[^"]*)"')

BY_SERIAL = Found(Kind.SERIAL, "/dev/ttyUSB0", "usb:0403:6001:A1B2", "", "0403:6001", "A1B2", "1-1.4")
BY_PLACE = Found(Kind.SERIAL, "/dev/ttyUSB1", "usb-location:1-1.3", "", "1a86:7523", "", "1-1.3")
KEYPAD = Found(Kind.INPUT, "/dev/input/event3", "/dev/input/event3", "Keypad", "1c4f:0002", "", "1-2")
CAMERA = Found(Kind.CAMERA, "/dev/video0", "/dev/video0", "Camera", "046d:0825", "7F3A", "1-3")


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def check(line: str) -> list[re.Match[str]]:
    """Every part of a rule is a known key with an operator that suits it."""
    parts = [PART.fullmatch(part) for part in line.split(", ")]
    assert parts and all(parts), line
    found = [part for part in parts if part]
    for part in found:
        matches = part["op"] in ("==", "!=")
        assert part["key"] in (MATCHES if matches else SETS), line
        assert (part["of"] is not None) == (part["key"] in ("ATTR", "ATTRS", "ENV")), line
    return found


def verified(path: Path) -> None:
    """By udev's own checker, where this machine has one that can (systemd 254 and later)."""
    if shutil.which("udevadm") is None:
        return
    done = subprocess.run(["udevadm", "verify", "-N", "never", str(path)], capture_output=True, text=True)
    if "Unknown command verb" not in done.stderr:
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_the_installed_rules_are_rules(path: Path) -> None:
    text = path.read_text(encoding="ascii")
    assert all(check(line) for line in lines(text))
    verified(path)


def test_the_examples_in_the_rules_are_rules_too(tmp_path: Path) -> None:
    (main,) = [path for path in RULES if path.name == "70-tshu-pinn.rules"]
    examples = [line[2:] for line in main.read_text().splitlines() if line.startswith("# SUBSYSTEM")]
    assert len(examples) >= 5 and all(check(line) for line in examples)
    (tmp_path / "70-examples.rules").write_text("\n".join(examples) + "\n")
    verified(tmp_path / "70-examples.rules")


def test_nobody_else_talks_to_serial_adapters() -> None:
    text = "\n".join(lines("\n".join(path.read_text() for path in RULES)))
    assert 'SUBSYSTEMS=="usb", ENV{ID_MM_DEVICE_IGNORE}="1"' in text
    braille = [path for path in RULES if 'ENV{BRLTTY_BRAILLE_DRIVER}=""' in path.read_text()]
    assert braille and all(path.name > "85-brltty.rules" for path in braille), "earlier it would be overwritten"


@pytest.mark.parametrize("found", [BY_SERIAL, BY_PLACE, KEYPAD, CAMERA], ids=lambda found: found.kind.value)
def test_the_printed_line_is_a_rule_that_names_the_device_alone(tmp_path: Path, found: Found) -> None:
    line = udev.rule("id_card", found)
    parts = check(line)
    assert 'SYMLINK+="kiosk/id_card"' in line and 'GROUP="kiosk"' in line
    named = {part["of"] or part["key"] for part in parts if part["op"] == "=="}
    assert {"idVendor", "idProduct", "serial"} <= named if found.serial else "KERNELS" in named
    (tmp_path / "70-line.rules").write_text(line + "\n")
    verified(tmp_path / "70-line.rules")


def test_what_udev_cannot_tell_apart_gets_no_line() -> None:
    with pytest.raises(udev.NoRule, match="neither a serial number"):
        udev.rule("id_card", Found(Kind.SERIAL, "/dev/ttyS0", "/dev/ttyS0"))
    with pytest.raises(udev.NoRule, match="by its name"):
        udev.rule("chip_card", Found(Kind.CHIP_READER, "Reader 00 00", "Reader"))


def test_a_serial_number_with_a_quote_in_it_does_not_get_into_a_rule() -> None:
    odd = Found(Kind.SERIAL, "/dev/ttyUSB0", "x", "", "0403:6001", 'A", RUN+="x', "1-1")
    assert "RUN" not in udev.rule("id_card", odd) and 'KERNELS=="1-1"' in udev.rule("id_card", odd)


def test_input_nodes_and_cameras_are_found_with_name_place_and_lasting_link(tmp_path: Path) -> None:
    """A tree as the kernel and udev make it, under another root."""
    usb = tmp_path / "sys/devices/usb1/1-2"
    node = usb / "1-2:1.0/input/input7"
    (node / "event3").mkdir(parents=True)
    (usb / "idVendor").write_text("1c4f\n")
    (usb / "idProduct").write_text("0002\n")
    (node / "name").write_text("Tactile Keypad\n")
    (tmp_path / "sys/class/input").mkdir(parents=True)
    (tmp_path / "sys/class/input/event3").symlink_to(node / "event3")
    (node / "event3" / "device").symlink_to(node)
    (tmp_path / "dev/input/by-path").mkdir(parents=True)
    (tmp_path / "dev/input/event3").touch()
    (tmp_path / "dev/input/by-path/usb-1-2-event").symlink_to(tmp_path / "dev/input/event3")
    (found,) = [thing for thing in everything(tmp_path) if thing.kind is Kind.INPUT]
    assert found == Found(
        Kind.INPUT, "/dev/input/event3", "/dev/input/by-path/usb-1-2-event", "Tactile Keypad", "1c4f:0002", "", "1-2"
    )
    assert 'KERNELS=="1-2"' in udev.rule("keypad", found)
