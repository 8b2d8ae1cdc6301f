"""The cut voice, loaded: each part as a function on arrays. One thread, since what renders shares its machine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from voices.neural import graph, supply

RATE = 24000
FRAME_SAMPLES = 600
"""A frame of durations: 25 ms."""

Floats = npt.NDArray[np.float32]
Frames = npt.NDArray[np.int64]

STYLE_WIDTH = 256
EDGE = 0
"""Token at both ends of every utterance."""


class NaturalVoiceError(RuntimeError):
    """The data folder does not hold the voice; the message says what to do."""


class Engine:
    """The voice in a folder that `supply.fetch` filled."""

    def __init__(self, folder: Path, wanted: supply.Supply | None = None) -> None:
        """:param wanted: what should be there; this project's own table when left out.
        :raises NaturalVoiceError: it is not there, or not whole.
        """
        wanted = wanted or supply.load()
        if not supply.is_complete(folder, wanted):
            raise NaturalVoiceError(
                f"{folder} does not hold the voice whole; run `python -m voices render --fetch` first"
            )
        self._folder = folder
        self.model_sha256 = wanted.model_sha256
        self.digest = graph.cut(folder / wanted.model, folder / "parts")
        """Hash of the cut graph."""
        self.vocabulary: Mapping[str, int] = json.loads((folder / supply.VOCABULARY).read_text("utf-8"))["vocab"]
        self._sessions = {part.name: _session(folder / "parts" / f"{part.name}.onnx") for part in graph.PARTS}

    def style(self, name: str, row: int) -> Floats:
        """1 x 256: the first half colours the decoder, the second the predictor.

        :param row: which of the rows, one for each length of text in tokens.
        :raises NaturalVoiceError: no such style was fetched.
        """
        path = self._folder / "styles" / f"{name}.bin"
        if not path.is_file():
            raise NaturalVoiceError(f"there is no style {name} in {path.parent}")
        rows = np.fromfile(path, dtype=np.float32).reshape(-1, STYLE_WIDTH)
        return np.asarray(rows[min(row, len(rows) - 1)][None])

    def tokens(self, symbols: Sequence[str]) -> Frames:
        """1 x n. :raises NaturalVoiceError: a symbol that the voice does not know."""
        unknown = [symbol for symbol in symbols if symbol and symbol not in self.vocabulary]
        if unknown:
            raise NaturalVoiceError(f"the voice knows no symbol {unknown[0]!r}")
        return np.array([[self.vocabulary[symbol] if symbol else EDGE for symbol in symbols]], dtype=np.int64)

    def text(self, tokens: Frames) -> Floats:
        """512 x n features."""
        return np.asarray(self._run("text", {graph.TOKENS: tokens})[0][0])

    def durations(self, tokens: Frames, style: Floats, speed: float) -> Frames:
        """1 x n frames: the voice's own."""
        feeds = {graph.TOKENS: tokens, graph.STYLE: style, graph.SPEED: np.array([speed], dtype=np.float32)}
        return np.asarray(self._run("durations", feeds)[0], dtype=np.int64)

    def predict(self, tokens: Frames, style: Floats, frames: Frames) -> tuple[Floats, Floats]:
        """Pitch in Hz and energy (a log measure), each two values a frame."""
        pitch, energy = self._run("predictor", {graph.TOKENS: tokens, graph.STYLE: style, graph.DURATIONS: frames})
        return pitch.ravel(), energy.ravel()

    def decode(self, features: Floats, pitch: Floats, energy: Floats, style: Floats) -> Floats:
        """512 x frames features to samples, 600 for each frame."""
        feeds = {
            graph.FEATURES: features[None],
            graph.PITCH: pitch[None, None].astype(np.float32),
            graph.ENERGY: energy[None, None].astype(np.float32),
            graph.STYLE: style,
        }
        return self._run("decoder", feeds)[0].ravel()

    def _run(self, part: str, feeds: Mapping[str, Any]) -> list[Floats]:
        found: list[Floats] = self._sessions[part].run(None, dict(feeds))
        return found


def _session(path: Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
