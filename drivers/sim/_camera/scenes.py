"""What but codes comes before the simulated camera: a picture file, a page, an identity card, somebody's head."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.sim._camera import paper_conditions, portraits
from drivers.sim._camera.optics import CONDITIONS, Condition
from drivers.sim.faultbook import BadControl

Picture = NDArray[np.uint8]
Draw = Callable[[object], tuple[Picture, float]]
"""What `show` has under the scene's name -> the thing in colour, and its width against a square code's."""

DRAWN_BY: Mapping[str, str] = {
    "page": "drivers.sim._camera.pictures:draw_page",
    "id_face": "drivers.sim._camera.pictures:draw_id_face",
    "portrait": "drivers.sim._camera.portraits:draw_portrait",
}
"""Name of the scene in `show` -> module:function of type `Draw`, imported when it is first shown."""

FRAME_OF_MODEL: Mapping[str, tuple[int, int]] = {
    "camera_page": (2592, 1944),
    "camera_face": (1920, 1080),
    "camera_portrait": portraits.SIZE_PX,
}
"""Width and height that a driver asks for when devices.toml says nothing."""


def conditions_of(request: Mapping[str, object]) -> Mapping[str, Condition]:
    """How the thing of a `show` may be held or lie; the first is the ordinary way."""
    if "id_face" in request:
        return {**paper_conditions.CARD_CONDITIONS, **paper_conditions.CARD_SPOILED}
    if "page" in request:
        return {**paper_conditions.PAGE_CONDITIONS, **paper_conditions.PAGE_SPOILED}
    if "portrait" in request:
        return {**portraits.PORTRAIT_CONDITIONS, **portraits.PORTRAIT_SPOILED}
    return CONDITIONS


def drawn_thing(request: Mapping[str, object]) -> tuple[Picture, float]:
    """:raises BadControl: when the request names no known thing."""
    if "picture_file" in request:
        return _from_file(Path(str(request["picture_file"]))), 2.0
    for name, where in DRAWN_BY.items():
        if name in request:
            module, _, function = where.partition(":")
            draw: Draw = getattr(importlib.import_module(module), function)
            return draw(request[name])
    raise BadControl(f"show needs text, code, hex, picture_file{''.join(f', {name}' for name in DRAWN_BY)}")


def _from_file(path: Path) -> Picture:
    try:
        picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error) as error:
        raise BadControl(f"picture_file: {type(error).__name__}") from error
    if picture is None:
        raise BadControl("picture_file: no picture")
    return np.asarray(picture, dtype=np.uint8)
