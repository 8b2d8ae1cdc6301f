"""Finds lines of print and reads them: the models of the rapidocr wheel (PP-OCR), offline, on one thread.

The steps between are our own: lines are cut straight from a straightened card, so that neither turning nor a
classifier is needed, and where a field has a closed alphabet (a number's digits) only that alphabet is decoded.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.vision.quads import Picture

ROW_PX = 48
"""Height of a line as the recogniser wants it."""
NARROWEST_PX = 48
PAD_TONE = 0.0
"""Behind the end of a short line in a batch; what the models were trained with."""
_BLANK = 0


class EngineMissing(RuntimeError):
    """rapidocr, its models or its runtime cannot be loaded."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a line of print stands, in parts of the picture's width and height."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle_x(self) -> float:
        return (self.left + self.right) / 2

    @property
    def middle_y(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def upside_down(self) -> Box:
        return Box(1 - self.right, 1 - self.bottom, 1 - self.left, 1 - self.top)


@dataclass(frozen=True, slots=True, repr=False)
class Text:
    """What a line says, and how sure each character is (0 to 1). The repr shows no content."""

    characters: str
    sure: tuple[float, ...]
    steps: tuple[int, ...]
    """The place of each character among the recogniser's steps along the line."""
    scores: NDArray[np.float32]
    """Steps x alphabet."""

    @property
    def surest(self) -> float:
        return max(self.sure, default=0.0)

    @property
    def least_sure(self) -> float:
        return min(self.sure, default=0.0)

    def __repr__(self) -> str:
        return f"Text({len(self.characters)} characters)"


class Engine:
    """The two models. Made once a process; `lines` and `read` come from one thread."""

    def __init__(self) -> None:
        """:raises EngineMissing:"""
        cv2.setNumThreads(1)
        # The runtime tells its makers of its use, and begins when it is loaded: never from a residents' terminal.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        try:
            from rapidocr import RapidOCR

            logging.getLogger("RapidOCR").setLevel(logging.ERROR)
            self._ocr: Any = RapidOCR(
                params={
                    "Global.use_cls": False,
                    "Global.log_level": "error",
                    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                    "Det.limit_side_len": 32,
                }
            )
            # The parts are made at the first use: here, so that no resident waits for them.
            self._ocr(_something_to_read())
            self._alphabet: Sequence[str] = self._ocr.text_rec.postprocess_op.character
        except Exception as error:  # a broken install shows itself as any kind of error
            raise EngineMissing(type(error).__name__) from error
        self._index = {character: at for at, character in enumerate(self._alphabet)}

    def lines(self, picture: Picture) -> list[Box]:
        """Where print stands, from the top down."""
        found = self._ocr.text_det(picture)
        if found.boxes is None:
            return []
        height, width = picture.shape[:2]
        boxes = []
        for corners in found.boxes:
            low, high = corners.min(axis=0), corners.max(axis=0)
            boxes.append(Box(low[0] / width, low[1] / height, high[0] / width, high[1] / height))
        return sorted(boxes, key=lambda box: box.middle_y)

    def read(self, rows: Sequence[Picture]) -> list[Text]:
        """What each cut-out line says, unrestricted. Lines of like length are read together."""
        texts: dict[int, Text] = {}
        widths = [max(NARROWEST_PX, round(ROW_PX * row.shape[1] / max(row.shape[0], 1))) for row in rows]
        for group in _alike(widths):
            batch = np.full((len(group), 3, ROW_PX, max(widths[at] for at in group)), PAD_TONE, np.float32)
            for place, at in enumerate(group):
                row = cv2.resize(rows[at], (widths[at], ROW_PX), interpolation=cv2.INTER_LINEAR)
                batch[place, :, :, : widths[at]] = row.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1
            for at, scores in zip(group, self._ocr.text_rec.session(batch), strict=True):
                texts[at] = self._decoded(np.asarray(scores, np.float32))
        return [texts[at] for at in range(len(rows))]

    def only(self, text: Text, alphabet: Iterable[str], from_step: int = 0) -> Text:
        """The same line when nothing but `alphabet` can stand there, from that step on."""
        allowed = [_BLANK, *(self._index[character] for character in alphabet if character in self._index)]
        part = text.scores[from_step:, allowed]
        best = part.argmax(axis=1)
        path = np.array(allowed)[best]
        return self._along(path, part.max(axis=1), text.scores, from_step)

    def _decoded(self, scores: NDArray[np.float32]) -> Text:
        return self._along(scores.argmax(axis=1), scores.max(axis=1), scores, 0)

    def _along(
        self, path: NDArray[np.int64], sure: NDArray[np.float32], scores: NDArray[np.float32], from_step: int
    ) -> Text:
        """The best path without repeats and blanks (connectionist temporal classification)."""
        kept = (path != _BLANK) & np.concatenate(([True], path[1:] != path[:-1]))
        steps = np.flatnonzero(kept)
        # A character is as sure as at its surest step: at its edges it is always mixed with what stands beside it.
        run = np.cumsum(np.concatenate(([False], path[1:] != path[:-1])))
        peak = np.zeros(int(run[-1]) + 1 if len(run) else 0, np.float32)
        np.maximum.at(peak, run, sure)
        characters = "".join(self._alphabet[path[step]] for step in steps)
        return Text(
            characters,
            tuple(float(peak[run[step]]) for step in steps),
            tuple(int(step) + from_step for step in steps),
            scores,
        )


def _something_to_read() -> Picture:
    picture = np.full((96, 480, 3), 255, np.uint8)
    cv2.putText(picture, "0123456789", (30, 64), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (0, 0, 0), 3)
    return picture


def _alike(widths: Sequence[int]) -> list[list[int]]:
    """Groups of lines whose lengths differ by less than a third: padding costs as much as print."""
    groups: list[list[int]] = []
    for at in sorted(range(len(widths)), key=lambda at: widths[at]):
        if groups and widths[at] <= widths[groups[-1][0]] * 1.34:
            groups[-1].append(at)
        else:
            groups.append([at])
    return groups
