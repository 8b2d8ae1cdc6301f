"""A simulated network camera: MJPEG over HTTP on loopback, at the real rate, with a real sensor's noise.

The link is a file that holds its address. Settings: `size` = [1280, 720], `fps` = 15, `seed` = 1.
Control: `show` lays a thing before it: {"text" (or "code" or "hex"), "symbology"?: "qr", "encoding"?: "utf-8"},
{"picture_file"}, {"page": …}, {"id_face": …} or {"portrait": …} (people before it); with "condition"? (a name of
`_camera_model.CONDITIONS`, for pages and cards of `_paper_conditions`, for people of `_portraits`) and "seed"?.
`clear_view` (or `hide`, `lift`) takes it away. Faults: see `_mjpeg_server.CAMERA_FAULTS`.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np

from drivers.sim._camera import barcodes, optics
from drivers.sim._camera.mjpeg_server import CAMERA_FAULTS, MjpegServer
from drivers.sim._camera.optics import Picture, Shot
from drivers.sim._camera.scenes import FRAME_OF_MODEL, conditions_of, drawn_thing
from drivers.sim.core import Twin
from drivers.sim.faultbook import ArmedFault, BadControl, FaultBook
from drivers.sim.line import write_whole

KEPT_FRAMES = 8
"""A still scene is so many different pictures of it in turn: making each anew would cost more than reading it."""
FACTOR_OF_LINEAR = 1.6
"""A barcode is held so much wider than a square code, as its owner would to have it read."""
TICK_S = 0.05
ENCODINGS = ("utf-8", "gb18030", "gbk")


class CameraTwin(Twin):
    """See the module."""

    models = ("camera_codes", "camera_page", "camera_face", "camera_portrait")
    default_baud = None
    own_faults: ClassVar[Mapping[str, str]] = CAMERA_FAULTS

    @classmethod
    def fault_names(cls, model: str) -> Mapping[str, str]:
        """There is no serial line here whose answers could be spoiled."""
        return cls.own_faults

    @classmethod
    def bench_settings(cls, model: str) -> Mapping[str, object]:
        """A camera as large as that driver asks for."""
        return {"size": list(FRAME_OF_MODEL[model])} if model in FRAME_OF_MODEL else {}

    def __init__(self, settings: Mapping[str, object]) -> None:
        super().__init__(settings)
        self.faults = _LockedFaults(self.own_faults)
        self._size = _size(settings.get("size", [1280, 720]))
        seed = _whole(settings, "seed", 1)
        self._rng = np.random.default_rng(seed)
        self._shots = np.random.default_rng(seed)
        """Drawn from by what is shown alone: how many frames went before must not change it."""
        self._lock = threading.Lock()
        self._shown = 0
        self._frozen: bytes | None = None
        self._pictures: list[bytes] = []
        self._turn = itertools.count()
        self._shot = self._empty()
        self._server = MjpegServer(self.faults, float(_whole(settings, "fps", 15)), self._next_picture)
        self.ops["show"] = self._op_show
        for name in ("clear_view", "hide", "lift"):
            self.ops[name] = self._op_clear_view
        self._tick()

    # --- the cable ---

    def on_bytes(self, data: bytes) -> None:
        """There is no line: viewers come over the network."""

    def plug(self, link: Path | None = None) -> None:
        self._link = link or self._link
        if self._link is not None:
            self._server.open()
            write_whole(self._link, f"http://127.0.0.1:{self._server.port}/stream.mjpg\n")

    def unplug(self) -> None:
        self._server.close()

    def _op_unplug(self, request: Mapping[str, object]) -> Mapping[str, object]:
        self.unplug()
        for_s = request.get("for_s")
        if isinstance(for_s, int | float) and not isinstance(for_s, bool):
            self._schedule(float(for_s), self.plug)
        return {}

    def _tick(self) -> None:
        """Pictures are counted by other threads; whoever waits for a count is looked after here."""
        self._schedule(TICK_S, self._tick)

    # --- what lies before it ---

    def _empty(self) -> Shot:
        return Shot(optics.desk(self._size, self._rng, colour=True), noise_sigma=3.0)

    def _op_clear_view(self, _request: Mapping[str, object]) -> Mapping[str, object]:
        self._look_at(self._empty())
        return {}

    def _op_show(self, request: Mapping[str, object]) -> Mapping[str, object]:
        thing, factor = self._thing(request)
        conditions = conditions_of(request)
        name = str(request.get("condition", next(iter(conditions))))
        if name not in conditions:
            raise BadControl(f"condition {name!r}; known: {', '.join(conditions)}")
        rng = np.random.default_rng(_whole(request, "seed", int(self._shots.integers(1 << 31))))
        shot = optics.shoot(thing, conditions[name], rng, factor, self._size)
        self._shown += 1
        self._look_at(shot)
        return {}

    def _thing(self, request: Mapping[str, object]) -> tuple[Picture, float]:
        """What is held up, coloured, and how wide it is held against a square code."""
        if {"text", "code", "hex"} & set(request):
            symbology = str(request.get("symbology", "qr"))
            try:
                gray = barcodes.draw(symbology, _payload(request))
            except ValueError as error:
                raise BadControl(str(error)) from error
            factor = 1.0 if symbology == "qr" else FACTOR_OF_LINEAR
            return np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), dtype=np.uint8), factor
        return drawn_thing(request)

    def _look_at(self, shot: Shot) -> None:
        with self._lock:
            self._shot, self._pictures = shot, []

    # --- the sensor; called from its own thread ---

    def _next_picture(self) -> bytes:
        if self.faults.take("freeze"):
            self._frozen = self._frozen or self._picture()
            return self._frozen
        self._frozen = None
        for name, tone in (("black", 0), ("washed_out", 255)):
            if self.faults.take(name):
                flat = np.full((self._size[1], self._size[0], 3), tone, np.uint8)
                return _jpeg(optics.sensor_noise(flat, self._rng, 1.0), 85)
        if self.faults.take("wrong_size"):
            small = cv2.resize(self._shot.still, (640, 480), interpolation=cv2.INTER_AREA)
            return _jpeg(optics.sensor_noise(np.asarray(small, np.uint8), self._rng, 2.0), 85)
        return self._picture()

    def _picture(self) -> bytes:
        with self._lock:
            shot, kept = self._shot, self._pictures
        if len(kept) < KEPT_FRAMES:
            kept.append(shot.compressed(self._rng))
            return kept[-1]
        # There and back, as a hand trembles: the last and the first are no neighbours.
        order = [*range(KEPT_FRAMES), *range(KEPT_FRAMES - 2, 0, -1)]
        picture: bytes = kept[order[next(self._turn) % len(order)]]
        return picture

    def status(self) -> dict[str, object]:
        return {
            **super().status(),
            "plugged": self._server.is_open,
            "frames": self._server.frames,
            "sent": self._server.sent,
            "viewers": self._server.viewers,
            "shown": self._shown,
        }


class _LockedFaults(FaultBook):
    """Armed from the control socket's thread, taken by the sensor's and the viewers'."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__(names)
        self._lock = threading.Lock()

    def take(self, name: str, tag: str = "") -> ArmedFault | None:
        with self._lock:
            return super().take(name, tag)


def _jpeg(picture: Picture, quality: int) -> bytes:
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())


def _payload(request: Mapping[str, object]) -> bytes:
    encoding = str(request.get("encoding", "utf-8")).lower()
    if encoding not in ENCODINGS:
        raise BadControl(f"encoding {encoding!r}; known: {', '.join(ENCODINGS)}")
    try:
        if "hex" in request:
            return bytes.fromhex(str(request["hex"]))
        return str(request.get("text", request.get("code"))).encode(encoding)
    except ValueError as error:
        raise BadControl("show needs text, or hex") from error


def _size(value: object) -> tuple[int, int]:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(side, int) and side >= 64 for side in value):
        return int(value[0]), int(value[1])
    raise BadControl("size is [width, height] in pixels")


def _whole(source: Mapping[str, object], key: str, default: int) -> int:
    value = source.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadControl(f"{key} is a whole number")
    return value


TWIN = CameraTwin
