"""The operation "picture": the next picture, small, for a technician who sets the camera up. One reply, never logged.

Request: nothing besides. Reply: {"ev": "picture", "width", "height", "rgb": base64 of the rows from the top, 3 bytes a
pixel}. Plain pixels: whoever shows them needs no decoder.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import ClassVar

import cv2
import numpy as np

from drivers.vision.frames import Frame
from drivers.vision.ops import Reply

WIDTH_PX = 480


class PictureOp:
    """`drivers.vision.ops.Op`."""

    heavy: ClassVar[bool] = True

    def __init__(self) -> None:
        self._done = False

    def start(self, request: Mapping[str, object]) -> None:
        """There is nothing to set."""

    def on_frame(self, frame: Frame) -> list[Reply]:
        if self._done:
            return []
        picture = frame.reduced_bgr(WIDTH_PX)
        height, width = picture.shape[:2]
        if width > WIDTH_PX:
            height, width = max(1, round(height * WIDTH_PX / width)), WIDTH_PX
            picture = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        rgb = np.ascontiguousarray(picture[:, :, ::-1]).tobytes()
        self._done = True
        return [{"ev": "picture", "width": width, "height": height, "rgb": base64.b64encode(rgb).decode("ascii")}]

    def stop(self) -> None:
        self._done = True
