"""What the checks must know of a class of devices: one row a class, or a model that is unlike its class.

A new class is a new row. Everything in a row has a default that fits a device on a line of its own which
answers questions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from drivers.api import (
    ChipCardReader,
    CodeScanner,
    Device,
    DocumentPrinter,
    DocumentScanner,
    HeadphoneSensor,
    IdCardReader,
    IdFaceReader,
    Keypad,
    PortraitCamera,
    ReceiptPrinter,
    TextRow,
    Ups,
)
from drivers.conformance.printing import SLOW_PAGE_S, document_is_proved, fresh_paper, receipt_is_proved
from drivers.sim.client import Control

LONG_S = 60.0
CALM_S = 0.2
SLIP = tuple(TextRow("0123456789", scale=3) for _ in range(120))
RESIDENTS = Path(__file__).resolve().parents[2] / "config" / "demo" / "residents.toml"


@dataclass(frozen=True, slots=True)
class Kind:
    """One row."""

    waits: Callable[[Device], object] | None = None
    """A command that goes on until something ends it; None: the class has none."""
    spends_paper: bool = False
    """That command prints: not on a real device."""
    runs: Callable[[Mapping[str, object], Mapping[str, object]], bool] | None = None
    """Whether it truly runs, from the simulated device's status before and now; None: `status` says deviceBusy."""
    slows: Callable[[Control], object] | None = None
    """Has the simulated device take its time, where the command would otherwise end by itself."""
    calm: Callable[[Device], object] | None = None
    """Takes what the device tells at once after opening, so that the command truly waits."""
    after_cancel: Callable[[Device], object] | None = None
    proves: Callable[[Control, Device], str] | None = None
    """Prints on the simulated printer and holds what the driver says of it against the paper."""
    shared: str = ""
    """Why several programs may have it open; empty: one only."""
    speaks: Callable[[Control], object] | None = None
    """Has a device that answers no question say something."""
    asks: Callable[[Control, Device], object] | None = None
    """What makes it answer when opening it does not."""
    garbage: tuple[str, ...] = ("wrong_baud", "junk")
    """Faults of the simulated device under which its answers are nonsense; the first that it knows is taken."""
    silence: str = "mute"
    no_cable: str = ""
    """Why the simulated device's cable cannot be pulled while a command runs."""
    calm_hand: Callable[[Control], object] | None = None
    """Puts what hands can do back, besides faults and cable."""
    open_s: float = 6.0
    """Opening and every named error come within this time: two tries of the slowest question, and a look around."""
    status_s: float = 4.0
    port: Callable[[Path], str] = str
    """What devices.toml names, from the simulated device's link."""
    twin_settings: Mapping[str, object] = field(default_factory=dict)


def _to_its_service(link: Path) -> str:
    """The PC/SC library finds the simulated reader's own service by this; it looks only once in a process."""
    os.environ["PCSCLITE_CSOCK_NAME"] = str(link)
    return "Virtual PCD"


def _read_card(hands: Control, device: Device) -> object:
    reader = cast(ChipCardReader, device)
    hands("present", resident="a_kim")
    return reader.wait_card(5.0) and reader.read(5.0)


def _scan(_hands: Control, device: Device) -> object:
    return cast(DocumentScanner, device).capture(5.0)


def _shake_plug(hands: Control) -> None:
    hands("remove")
    hands("insert")


def _drain(device: Device) -> None:
    while cast(HeadphoneSensor | Ups, device).wait_change(CALM_S) is not None:
        pass


def one_page() -> bytes:
    """The smallest PDF of one empty A4 page."""
    body = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(
        (
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>",
        ),
        start=1,
    ):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 4\n0000000000 65535 f \n{table}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + end.encode()


BYTES_OF_A_JOB = 400


def _bytes_of_a_slip(before: Mapping[str, object], now: Mapping[str, object]) -> bool:
    return int(str(now["bytes_in"])) >= int(str(before["bytes_in"])) + BYTES_OF_A_JOB


_NODE = "an input node may be read by several programs"
_NETWORK = "a printer on the network takes jobs from several"
_CAMERA = "several readers may look through one camera"
_BOARD = "several drivers may share a line of boards"

KINDS: Mapping[str, Kind] = {
    "id_card": Kind(waits=lambda device: cast(IdCardReader, device).wait_card(LONG_S)),
    "chip_card": Kind(
        waits=lambda device: cast(ChipCardReader, device).wait_card(LONG_S),
        shared="PC/SC gives one reader to several programs",
        asks=_read_card,
        garbage=("wrong_atr",),
        calm_hand=lambda hands: hands("lift"),
        port=_to_its_service,
        twin_settings={"reader": "private", "residents_file": str(RESIDENTS), "contact_time_percent": 10},
    ),
    "receipt_printer": Kind(
        waits=lambda device: cast(ReceiptPrinter, device).print_receipt(SLIP),
        spends_paper=True,
        runs=_bytes_of_a_slip,
        proves=receipt_is_proved,
        calm_hand=fresh_paper,
    ),
    "document_printer": Kind(
        waits=lambda device: cast(DocumentPrinter, device).print_document(one_page(), "conformance"),
        spends_paper=True,
        runs=lambda _before, now: now["printing"] is True,
        after_cancel=lambda device: device.reset(),
        proves=lambda hands, device: document_is_proved(hands, device, one_page()),
        shared=_NETWORK,
        garbage=("junk",),
        open_s=15.0,
        status_s=14.0,
        twin_settings={"page_s": SLOW_PAGE_S},
    ),
    "code_scanner": Kind(
        waits=lambda device: cast(CodeScanner, device).read(LONG_S),
        speaks=lambda hands: hands("show", text="2007026112400019"),
    ),
    "code_scanner/camera_codes": Kind(
        waits=lambda device: cast(CodeScanner, device).read(LONG_S),
        shared=_CAMERA,
        garbage=("garbage_frame",),
        open_s=15.0,
        status_s=8.0,
    ),
    "headphone": Kind(
        waits=lambda device: cast(HeadphoneSensor, device).wait_change(LONG_S),
        calm=_drain,
        shared=_NODE,
        speaks=_shake_plug,
    ),
    "keypad": Kind(
        waits=lambda device: cast(Keypad, device).wait_key(LONG_S),
        shared=_NODE,
        speaks=lambda hands: hands("press", key="ENTER"),
    ),
    "lights": Kind(shared=_BOARD),
    "cabinet": Kind(shared=_BOARD),
    "ups": Kind(
        waits=lambda device: cast(Ups, device).wait_change(LONG_S),
        calm=_drain,
        shared="a UPS service answers several programs",
        open_s=15.0,
        status_s=8.0,
    ),
    "document_scanner": Kind(
        waits=lambda device: cast(DocumentScanner, device).capture(LONG_S),
        shared=_CAMERA,
        garbage=("garbage_frame", "junk"),
        open_s=20.0,
        status_s=8.0,
    ),
    "document_scanner/sane_scanimage": Kind(
        waits=lambda device: cast(DocumentScanner, device).capture(LONG_S),
        slows=lambda hands: hands("fault", name="crawl"),
        shared="SANE opens a scanner only for the time of a scan",
        asks=_scan,
        garbage=("io_error",),
        no_cable="SANE's backend stands in for the scanner: there is no cable between them",
        open_s=20.0,
        status_s=8.0,
    ),
    "id_face": Kind(
        waits=lambda device: cast(IdFaceReader, device).wait_face(LONG_S),
        shared=_CAMERA,
        garbage=("garbage_frame",),
        open_s=20.0,
        status_s=8.0,
    ),
    "portrait": Kind(
        waits=lambda device: cast(PortraitCamera, device).capture(LONG_S),
        shared=_CAMERA,
        garbage=("garbage_frame",),
        open_s=20.0,
        status_s=8.0,
    ),
}


def kind_of(device_class: str, model: str) -> Kind | None:
    """The row of the model, or of its class; None for a class that the checks do not know."""
    return KINDS.get(f"{device_class}/{model}") or KINDS.get(device_class)


CLASSES = tuple(name for name in KINDS if "/" not in name)
"""The device classes whose commands the checks know."""
