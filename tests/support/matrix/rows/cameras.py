"""Codes, pages, printed cards and faces by camera: the process that sees, before a simulated network camera.

Heavy on the processor: proof only.
"""

from __future__ import annotations

import itertools
import os
import signal
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from drivers.api import CodeScanner, Device, DeviceError, DocumentScanner, IdFaceReader, PortraitCamera
from matrix.engine import CLEAR, REPLUG, Bench, Cell, Command, Request, Row, Shapes, arm, hand

CODE = "2007026112400019"
RESIDENTS = Path(__file__).resolve().parents[4] / "config" / "demo" / "residents.toml"
A_KIM = tomllib.loads(RESIDENTS.read_text("utf-8"))["a_kim"]
CARD = {key: A_KIM[key] for key in ("name", "sex", "nation", "birth", "address", "number")}
LINES = ["兹证明陈阿金系我社区居民。"] * 14
PAGE_FRAME = (1296, 972)
SEEN_S = 60.0
"""Far longer than a fault needs to be told: the machine's load must not decide what is seen."""
GLANCE_S = 3.0
NOTHING = hand("clear_view")
MEND = (CLEAR, REPLUG)
NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Use:
    """What somebody does before the camera."""

    good: str
    glance: Callable[[Device, float], str | None]
    """Look for so many seconds; None when nothing lay there."""
    lay: Request
    look_s: float

    def look(self, device: Device, _bench: Bench) -> str:
        """Look again and again, as the kiosk does while somebody stands there. :raises DeviceError: as the driver."""
        return self._patiently(device, ("PIC-", "FAC-", "POR-"))

    def look_until_well(self, device: Device, _bench: Bench) -> str:
        """The same, passing over what the camera said before it was mended."""
        return self._patiently(device, ("PIC-", "FAC-", "POR-", "CAM-"))

    def kill_and_look(self, device: Device, _bench: Bench) -> str:
        """Somebody ends the process that sees while it is needed."""
        pid = device.worker_pid  # the camera drivers' own, for diagnostics
        os.kill(pid, signal.SIGKILL)
        return self._patiently(device, ("PIC-", "FAC-", "POR-"), at_a_time_s=0.01)

    def _patiently(self, device: Device, passing: tuple[str, ...], at_a_time_s: float = 0.0) -> str:
        end_s = time.monotonic() + SEEN_S
        while time.monotonic() < end_s:
            try:
                if (found := self.glance(device, at_a_time_s or self.look_s)) is not None:
                    return found
            except DeviceError as error:
                if not error.fault.code.startswith(passing):
                    raise
        return "nothing"


def glance_at_code(scanner: CodeScanner, timeout_s: float) -> str | None:
    code = scanner.read(timeout_s)
    return None if code is None else "code" if code.text.startswith(CODE) else "ANOTHER CODE"


def glance_at_page(scanner: DocumentScanner, timeout_s: float) -> str | None:
    return "page" if scanner.capture(timeout_s).jpeg.startswith(b"\xff\xd8") else "NO PICTURE"


def glance_at_face(camera: PortraitCamera, timeout_s: float) -> str | None:
    return "face" if camera.capture(timeout_s).jpeg.startswith(b"\xff\xd8") else "NO PICTURE"


def glance_at_card(reader: IdFaceReader, timeout_s: float) -> str | None:
    """An outline is seen at once, print takes seconds."""
    if not reader.wait_face(timeout_s):
        return None
    return "card" if reader.read(SEEN_S).number == CARD["number"] else "ANOTHER CARD"


def cells(use: Use) -> tuple[Cell, ...]:
    """What a camera can have, whoever looks through it.

    A thing that lies there may be taken before a fault is told that leaves pictures readable: for such faults nothing
    lies there until the fault has ended.
    """
    shapes, good = Shapes(use.good), use.good
    common: Mapping[str, object] = {"end": (*MEND, use.lay), "command": use.look, "slow": True}

    def lost(name: str, code: str, *begin: Request, **more: object) -> Cell:
        return shapes.lost(name, code, *begin, NOTHING, **{**common, **more})

    def named(name: str, code: str, *begin: Request, **more: object) -> Cell:
        return shapes.named(name, code, *begin, NOTHING, **{**common, **more})

    def overcome(name: str, *begin: Request) -> Cell:
        return shapes.overcome(name, *begin, use.lay, **common)

    def seen(name: str, state: str, *begin: Request, **more: object) -> Cell:
        return shapes.seen(name, state, *begin, **{**common, **more})

    back = ("online", good, f"then {good}")
    return (
        lost("mute", "DEV-002", arm("mute")),
        seen("mute, found while idle", "offline DEV-002", arm("mute")),
        named("picture stands still", "CAM-001", arm("freeze")),
        named("black picture", "CAM-002", arm("black")),
        named("white picture", "CAM-003", arm("washed_out")),
        named("picture of another size", "CAM-004", arm("wrong_size")),
        seen("picture of another size, found while idle", "hardwareError CAM-004", arm("wrong_size")),
        lost("spoiled pictures", "DEV-003", arm("garbage_frame")),
        overcome("three spoiled pictures", arm("garbage_frame", count=3)),
        # Every other one: fewer of five a second would be a camera that is silent on a machine without time.
        overcome("pictures are left out", arm("drop_frames", at=1)),
        overcome("pictures come slowly", arm("slow", delay_s=0.4)),
        lost("no MJPEG at all", "DEV-003", arm("wrong_baud")),
        lost("every picture breaks off", "DEV-004", arm("disconnect")),
        Cell(
            "one picture breaks off",
            "disconnect",
            (arm("disconnect", count=1), hand("wait", key="faults_armed", equals=[], timeout_s=SEEN_S), use.lay),
            (),
            # It is connected again at once; whether anybody looked just then is a matter of milliseconds.
            ("DEV-004?", "noDevice DEV-004?", "online?", good, f"then {good}"),
            **common,
        ),
        lost(
            "new viewers are refused",
            "DEV-004",
            arm("refuse"),
            arm("disconnect", count=1),
            # Told as it breaks off, or a moment later when it cannot be opened again.
            or_else=(
                (("DEV-004", "noDevice DEV-004"), ("noDevice DEV-003", *back)),
                (("DEV-003", "noDevice DEV-003"), back),
            ),
        ),
        lost(
            "unplugged and plugged in again",
            "DEV-004",
            hand("unplug"),
            # The same: it is gone, or it has been looked for in vain.
            or_else=((("DEV-001", "noDevice DEV-001"), back),),
        ),
        seen(
            "unplugged, found while idle",
            "noDevice DEV-001",
            hand("unplug"),
            or_else=((("noDevice DEV-004",), ("online", f"then {good}")),),
        ),
        named("the process that sees dies", "CAM-005", command=use.kill_and_look),
    )


TCP = "TCP counts and checks every byte: what is lost on the way is sent again"
NOT_THERE = {
    "half": "a picture that breaks off in its middle is `disconnect`",
    "garble": f"{TCP}; a picture that was spoiled before is `garbage_frame`",
    "drop": f"{TCP}; whole pictures left out are `drop_frames`",
    "duplicate": "the same picture again is `freeze`",
    "late": "pictures that come late are `slow`; only the newest one counts",
    "echo": "the two ways of a TCP connection are apart",
    "junk": "bytes that are no stream are `wrong_baud`",
    "hang": "a camera that hangs sends nothing: `mute`",
    "slow_drain": "the camera is sent one request of 100 bytes, which the kernel takes at once",
}


def show_code_and_read(scanner: CodeScanner, bench: Bench) -> str:
    """Another text each time: the same one, still held there, is no second event."""
    bench.do((hand("show", text=f"{CODE}{next(NUMBERS):03d}", seed=5),))
    return CODES.look_until_well(scanner, bench)


CODES = Use("code", glance_at_code, hand("show", text=CODE, seed=5), look_s=1.0)
PAGES = Use("page", glance_at_page, hand("show", page=LINES, seed=5), look_s=4.0)
CARDS = Use("card", glance_at_card, hand("show", id_face=CARD, seed=5), look_s=2.0)
FACES = Use("face", glance_at_face, hand("show", portrait={"people": 1}, seed=5), look_s=3.0)


def show_code_and_glance(scanner: CodeScanner, bench: Bench) -> str:
    """For residents who do not stand there until the camera is mended."""
    bench.do((hand("show", text=f"{CODE}{next(NUMBERS):03d}", seed=5),))
    return CODES.glance(scanner, GLANCE_S) or "nothing"


def row(device_class: str, model: str, use: Use, command: Command, fps: int, size: tuple[int, int] | None) -> Row:
    driver: dict[str, object] = {"fps": fps}
    twin: dict[str, object] = {"fps": fps}
    if size is not None:
        driver |= {"width": size[0], "height": size[1]}
        twin |= {"size": list(size)}
    return Row(
        device_class,
        model,
        command,
        cells(use),
        good=use.good,
        prepare=(*MEND, NOTHING if use is CODES else use.lay),
        driver_settings=driver,
        twin_settings=twin,
        deadline_s=150.0,
        heavy=True,
        not_there=NOT_THERE,
    )


ROWS = (
    row("code_scanner", "camera_codes", CODES, show_code_and_read, 15, None),
    row("document_scanner", "camera_page", PAGES, PAGES.look_until_well, 5, PAGE_FRAME),
    row("id_face", "camera_face", CARDS, CARDS.look_until_well, 5, None),
    row("portrait", "camera_portrait", FACES, FACES.look_until_well, 5, None),
)
BRIEFLY = row("code_scanner", "camera_codes", CODES, show_code_and_glance, 5, None)
"""For a day among other devices: few pictures, and nobody waits long."""
