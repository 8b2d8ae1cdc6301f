"""The printed card through camera, process and driver; what cannot be read is refused with its reason."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from drivers import faults
from drivers.api import FACE_FAULT_OF_HINT, CaptureHint, CompletionCode, DeviceError, IdBack, IdFace
from drivers.sim._camera import optics, pictures
from drivers.sim._camera.optics import sensor_noise
from drivers.vision.faces import operation
from drivers.vision.faces.card import Reading, Side
from drivers.vision.faces.engine import EngineMissing
from drivers.vision.faces.operation import FaceOp
from drivers.vision.faces.parse import Front
from drivers.vision.frames import Frame
from drivers.vision.quads import Quad, find_quad

PATIENCE_S = 60.0
"""Reading takes two seconds; a loaded machine may take much longer."""
REFUSAL_S = 3.0
CANCEL_S = 0.1
"""Of three tries one has to be as quick as that: the others may have met a machine without time."""


def refused(reader, read, hint: CaptureHint) -> tuple[DeviceError, list[CaptureHint]]:  # type: ignore[no-untyped-def]
    """The error at the time-out once the hint was told; a command ends there, not at a fixed hour."""
    hints: list[CaptureHint] = []
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        with pytest.raises(DeviceError) as raised:
            read(REFUSAL_S, on_hint=hints.append)
        if raised.value.fault is FACE_FAULT_OF_HINT[hint] or time.monotonic() > deadline_s:
            return raised.value, hints


def test_a_card_is_seen_read_and_marked_as_read_by_eye(lay, reader, a_kim, caplog) -> None:  # type: ignore[no-untyped-def]
    caplog.set_level(logging.DEBUG)
    lay()
    assert reader.wait_face(0.5) is False
    lay(id_face=a_kim, seed=5)
    assert reader.wait_face(PATIENCE_S)
    face = reader.read(PATIENCE_S)
    assert isinstance(face, IdFace)
    assert (face.name, face.number, face.address) == (a_kim["name"], a_kim["number"], a_kim["address"])
    assert (face.sex, face.nation, face.birth) == ("2", "01", date(1944, 3, 15))
    assert face.source == "ocr"
    assert repr(face) == "IdFace(ocr, ***)"
    assert str(a_kim["number"]) not in caplog.text and str(a_kim["name"]) not in caplog.text


def test_the_back_tells_who_issued_it_and_that_it_holds_for_ever_and_is_no_front(lay, reader, a_kim) -> None:  # type: ignore[no-untyped-def]
    lay(id_face={**a_kim, "side": "back"}, seed=5)
    error, hints = refused(reader, reader.read, CaptureHint.OTHER_SIDE)
    assert error.fault is faults.FAC_OTHER_SIDE
    assert CaptureHint.OTHER_SIDE in hints
    back = reader.read_back(PATIENCE_S)
    assert isinstance(back, IdBack)
    assert (back.issuer, back.valid_from, back.valid_until) == (a_kim["issuer"], date(2012, 5, 8), None)
    assert repr(back) == "IdBack(ocr, ***)"


def test_a_lamp_that_mirrors_in_the_number_is_told_and_nothing_is_returned(lay, reader, a_kim) -> None:  # type: ignore[no-untyped-def]
    lay(id_face=a_kim, condition="mirror", seed=6)
    error, hints = refused(reader, reader.read, CaptureHint.GLARE)
    assert error.fault is faults.PIC_GLARE
    assert error.completion is CompletionCode.TIME_OUT
    assert CaptureHint.GLARE in hints


def test_an_empty_desk_is_no_card(lay, reader) -> None:  # type: ignore[no-untyped-def]
    lay()
    error, _ = refused(reader, reader.read, CaptureHint.NO_PAGE)
    assert error.fault is faults.FAC_ABSENT


@pytest.mark.parametrize("seed", range(12))
def test_no_desk_is_a_card_that_reaches_out_of_the_picture(seed: int) -> None:
    rng = np.random.default_rng(seed)
    desk = sensor_noise(optics.desk((1920, 1080), rng, colour=True), rng, 3.0)
    quad = find_quad(desk, 85.6 / 54.0)
    assert quad is None or not quad.reaches_out(0.08)


@pytest.mark.parametrize("inside_px", [12.0, 21.0])
@pytest.mark.parametrize("edge", ["left", "top", "right", "bottom"])
def test_a_card_that_lies_whole_beside_an_edge_is_not_cut_off_and_one_beyond_it_is(
    a_kim: dict[str, object], edge: str, inside_px: float
) -> None:
    thing = pictures.id_front(a_kim)
    size, pose = (1920, 1080), optics.Pose(1000.0)
    where = optics.corners(thing.shape[0] / thing.shape[1], pose, size)
    low, high = where.min(axis=0), where.max(axis=0)

    def lying(inside_px: float) -> Quad:
        move = {
            "left": (inside_px - low[0], 0),
            "top": (0, inside_px - low[1]),
            "right": (size[0] - inside_px - high[0], 0),
            "bottom": (0, size[1] - inside_px - high[1]),
        }[edge]
        centre = (0.5 + float(move[0]) / size[0], 0.5 + float(move[1]) / size[1])
        desk = optics.desk(size, np.random.default_rng(3), colour=True)
        quad = find_quad(optics.place(thing, desk, replace(pose, centre=centre)), 85.6 / 54.0)
        assert quad is not None
        return quad

    assert operation._no_card(lying(inside_px)) is None
    assert operation._no_card(lying(-40.0)) is CaptureHint.CUT_OFF


class _ReadsUnderALamp:
    """A reader whose pictures of one card all show a lamp; what it says of the address is another's turn."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._addresses = iter(addresses)

    def read(self, *_: object) -> Reading:
        front = Front("林海", "1", "01", date(1950, 1, 2), next(self._addresses), "350221195001020014")
        return Reading(Side.FRONT, replace(front, doubts=frozenset({"address"})), glare=True)


@pytest.mark.parametrize(
    ("addresses", "told"), [(["A", "A", "A", "A"], 1), (["A", "B", "A", "B"], 0), (["A", "B", "A", "A"], 1)]
)
def test_a_card_that_stays_under_its_lamp_is_told_with_its_doubts_once_read_alike(
    addresses: list[str], told: int
) -> None:
    looking = FaceOp()
    looking._want = "front"
    reader = _ReadsUnderALamp(addresses)
    picture, corners = np.zeros((90, 160, 3), np.uint8), np.zeros((4, 2), np.float32)
    replies = []
    for _ in range(len(addresses)):
        if not looking._done:
            hint, found = looking._read(reader, picture, corners)  # type: ignore[arg-type]
            assert hint is CaptureHint.GLARE
            replies += found
    assert [(reply["ev"], reply["uncertain"]) for reply in replies] == [("face", ["address"])] * told


@pytest.mark.parametrize("lies_there", [False, True], ids=["an empty desk", "an unreadable card"])
def test_a_cancel_ends_reading_within_100_ms(lay, reader, a_kim, lies_there: bool) -> None:
    lay(id_face=a_kim, condition="blurred", seed=5) if lies_there else lay()
    took_s = []
    for _ in range(3):
        began, ended = threading.Event(), list[float]()

        def read(began: threading.Event = began, ended: list[float] = ended) -> None:
            with pytest.raises(DeviceError) as raised:
                reader.read(PATIENCE_S, on_hint=lambda _hint: began.set())
            ended.append(time.monotonic())
            assert raised.value.completion is CompletionCode.CANCELED

        thread = threading.Thread(target=read)
        thread.start()
        assert began.wait(PATIENCE_S)
        cancelled_s = time.monotonic()
        reader.cancel()
        thread.join(PATIENCE_S)
        took_s.append(ended[0] - cancelled_s)
    assert min(took_s) < CANCEL_S, took_s


def test_without_the_engine_the_capability_is_withdrawn_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise EngineMissing("ModuleNotFoundError")

    monkeypatch.setattr(operation, "engine", missing)
    reading = FaceOp()
    reading.start({"want": "front"})
    frame = Frame(np.zeros((90, 160, 3), np.uint8), 1.0, 1)
    assert reading.on_frame(frame) == [{"ev": "no_engine"}]
    assert reading.on_frame(frame) == []
    assert faults.FAC_ENGINE.code == "FAC-005"
