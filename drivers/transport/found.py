"""What is plugged in now, with what tells one from the other: serial ports, input nodes, cameras, chip-card readers.

Nothing is opened but the smart-card service. A kernel's number (ttyUSB0, event3, video0) depends on the order of
plugging in; the identity does not, and is what devices.toml should hold.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from drivers.transport.pcsc_library import Context, LibraryMissing, PcscError
from drivers.transport.serial_port import PortIdentity, serial_ports

SERVICE_S = 2.0
"""A smart-card service that hangs is as good as none."""
_SYSTEM = Path("/")
_NUMBERED_READER = re.compile(r" [0-9A-F]{2} [0-9A-F]{2}$")


class Kind(StrEnum):
    SERIAL = "serial port"
    INPUT = "input node"
    CAMERA = "camera"
    CHIP_READER = "chip-card reader"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is plugged in. Empty where it does not say."""

    kind: Kind
    path: str
    """The device node now, or the reader's name."""
    port: str
    """What `port` in devices.toml should say so that the same thing is found again."""
    name: str = ""
    usb_id: str = ""
    """VID:PID, lower case."""
    serial: str = ""
    location: str = ""
    """USB bus and ports, e.g. 1-1.4."""


def everything(root: Path = _SYSTEM) -> list[Found]:
    """:param root: where /dev and /sys are."""
    return [*_serial(), *_nodes(Kind.INPUT, root), *_nodes(Kind.CAMERA, root), *_readers()]


def _serial() -> Iterator[Found]:
    """Only ports of a USB adapter say what they are; a board's own ports are named by their path, which never moves."""
    ports = sorted(serial_ports(), key=lambda port: port.device)
    for port in ports:
        if port.vid is None or port.pid is None:
            yield Found(Kind.SERIAL, port.device, port.device)
            continue
        usb_id, serial, location = f"{port.vid:04x}:{port.pid:04x}", port.serial_number or "", port.location or ""
        alike = sum((p.vid, p.pid, p.serial_number) == (port.vid, port.pid, port.serial_number) for p in ports)
        yield Found(Kind.SERIAL, port.device, _usb_port(usb_id, serial, location, alike), "", usb_id, serial, location)


def _usb_port(usb_id: str, serial: str, location: str, alike: int) -> str:
    """By what it is where that is one of its kind, otherwise by where it is plugged in."""
    if serial and alike == 1 and not re.search(r"\s", serial):
        return f"usb:{usb_id}:{serial}"
    # Cheap adapters share a serial number, or have none: then the place tells them apart.
    return f"usb-location:{location}" if re.fullmatch(r"[0-9][0-9.:-]*", location) else f"usb:{usb_id}"


def adapter_at(port: str, root: Path = _SYSTEM) -> str:
    """USB ids and serial number of what is plugged in at a port of devices.toml; empty where nothing can be known."""
    try:
        wanted = PortIdentity.parse(port)
    except ValueError:
        return ""
    path = Path(wanted.path).resolve()
    for thing in (*_serial(), *_nodes(Kind.INPUT, root), *_nodes(Kind.CAMERA, root)):
        if thing.usb_id and (_is_at(thing, path, root) if wanted.path else _is_meant(thing, wanted)):
            return f"{thing.usb_id} {thing.serial}".strip()
    return ""


def _is_at(thing: Found, path: Path, root: Path) -> bool:
    return path == Path(thing.path) or path == (root / thing.path.lstrip("/")).resolve()


def _is_meant(thing: Found, wanted: PortIdentity) -> bool:
    if thing.kind is not Kind.SERIAL:
        return False
    if wanted.location:
        return thing.location == wanted.location
    same = thing.usb_id == f"{wanted.vid:04x}:{wanted.pid:04x}"
    return same and wanted.serial_number in ("", thing.serial)


_CLASS_OF_KIND = {Kind.INPUT: ("input", "event*", "dev/input"), Kind.CAMERA: ("video4linux", "video*", "dev")}
_LINK_FOLDERS = {Kind.INPUT: ("dev/kiosk", "dev/input/by-id", "dev/input/by-path"), Kind.CAMERA: (
    "dev/kiosk", "dev/v4l/by-id", "dev/v4l/by-path",
)}  # fmt: skip


def _nodes(kind: Kind, root: Path) -> Iterator[Found]:
    """From sysfs (admin-guide/sysfs-rules.rst); the port is a link that udev keeps, where there is one."""
    class_name, pattern, folder = _CLASS_OF_KIND[kind]
    for entry in sorted((root / "sys/class" / class_name).glob(pattern), key=_number):
        usb = _usb_of(entry / "device")
        name = _text(entry / "device/name") if kind is Kind.INPUT else _text(entry / "name")
        node = root / folder / entry.name
        link = _lasting_link(node, [root / place for place in _LINK_FOLDERS[kind]])
        ids = (_text(usb / "idVendor"), _text(usb / "idProduct")) if usb else ("", "")
        yield Found(
            kind, _shown(node, root), _shown(link, root), name, ":".join(ids) if all(ids) else "",
            _text(usb / "serial") if usb else "", usb.name if usb else "",
        )  # fmt: skip


def _usb_of(device: Path) -> Path | None:
    """The USB device above a node in sysfs."""
    here = device.resolve()
    return next((place for place in (here, *here.parents) if (place / "idVendor").is_file()), None)


def _lasting_link(node: Path, folders: Sequence[Path]) -> Path:
    links = (link for folder in folders if folder.is_dir() for link in sorted(folder.iterdir()))
    return next((link for link in links if link.resolve() == node.resolve()), node)


def _number(entry: Path) -> int:
    return int(re.sub(r"\D", "", entry.name) or 0)


def _shown(path: Path, root: Path) -> str:
    return "/" + str(path.relative_to(root))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _readers() -> Iterator[Found]:
    """The readers' names without the number that pcsc-lite adds in the order of plugging in."""
    for name in _reader_names():
        yield Found(Kind.CHIP_READER, name, _NUMBERED_READER.sub("", name))


def _reader_names() -> Sequence[str]:
    """None without a service; its calls block, and one that hangs is left behind."""
    answers: queue.SimpleQueue[Sequence[str]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            context = Context()
            names = context.readers()
            context.release()
        except (PcscError, LibraryMissing):
            names = ()
        answers.put(names)

    threading.Thread(target=ask, name="pcsc-names", daemon=True).start()
    try:
        return answers.get(timeout=SERVICE_S)
    except queue.Empty:
        return ()
