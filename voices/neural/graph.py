"""Cut the voice's ONNX graph into parts, so that durations, pitch, energy and features can be our own.

text: tokens -> features per token. durations: tokens, style, speed -> frames per token. predictor: tokens, style,
frames -> pitch and energy, two values a frame. decoder: features per frame, pitch, energy, style -> samples.
No node in it is random: the same input gives the same sound. Only this module needs the package `onnx`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from voices.neural import supply

TOKENS, STYLE, SPEED, AUDIO = "tokens", "style", "speed", "audio"
TEXT = "/encoder/text_encoder/Transpose_2_output_0"
DURATIONS = "/encoder/Cast_output_0"
PITCH = "/encoder/F0_proj/Conv_output_0"
ENERGY = "/encoder/N_proj/Conv_output_0"
FEATURES = "/encoder/MatMul_1_output_0"
RECEIPT = "cut.json"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


PARTS = (
    Part("text", (TOKENS,), (TEXT,)),
    Part("durations", (TOKENS, STYLE, SPEED), (DURATIONS,)),
    Part("predictor", (TOKENS, STYLE, DURATIONS), (PITCH, ENERGY)),
    Part("decoder", (FEATURES, PITCH, ENERGY, STYLE), (AUDIO,)),
)


class GraphError(RuntimeError):
    """The model has not the joints at which it is to be cut."""


def cut(model: Path, folder: Path, parts: Sequence[Part] = PARTS) -> str:
    """Write each part as `folder`/<name>.onnx unless it is there already; returns the digest of them all.

    :raises GraphError: a joint is missing; this is another model, or another export of it.
    """
    source = supply.sha256(model)
    if _is_current(folder, source, parts):
        return digest(folder, parts)
    # Late: the one import that only a build machine has to have.
    import onnx
    from onnx.utils import Extractor

    folder.mkdir(parents=True, exist_ok=True)
    whole = onnx.load(model)
    known = {name for node in whole.graph.node for name in node.output} | {i.name for i in whole.graph.input}
    missing = {name for part in parts for name in (*part.inputs, *part.outputs)} - known
    if missing:
        raise GraphError(f"{model.name} has no {sorted(missing)[0]}: not the model this project knows how to cut")
    extractor = Extractor(whole)
    for part in parts:
        onnx.save(extractor.extract_model(list(part.inputs), list(part.outputs)), folder / f"{part.name}.onnx")
    receipt = {"model": source, "parts": {part.name: supply.sha256(folder / f"{part.name}.onnx") for part in parts}}
    (folder / RECEIPT).write_text(json.dumps(receipt, indent=2) + "\n", encoding="utf-8")
    return digest(folder, parts)


def digest(folder: Path, parts: Sequence[Part] = PARTS) -> str:
    """One hash for all parts as they lie there; belongs into the manifest of what they have rendered."""
    total = hashlib.sha256()
    for part in parts:
        total.update(supply.sha256(folder / f"{part.name}.onnx").encode())
    return total.hexdigest()


def _is_current(folder: Path, source: str, parts: Sequence[Part]) -> bool:
    path = folder / RECEIPT
    if not path.is_file():
        return False
    receipt = json.loads(path.read_text(encoding="utf-8"))
    files = {part.name: folder / f"{part.name}.onnx" for part in parts}
    return receipt["model"] == source and all(
        file.is_file() and supply.sha256(file) == receipt["parts"].get(name) for name, file in files.items()
    )
