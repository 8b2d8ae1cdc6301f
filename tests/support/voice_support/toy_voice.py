"""A voice of thirty nodes with the joints of the real one: enough to cut it, load it and hear a hum."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from voices.neural import graph, mandarin, recipe
from voices.neural.supply import Parcel, Supply, sha256

WIDTH = 512
HUM_RADIANS = 0.04
"""A sample; 153 Hz at 24 kHz."""


def symbols(texts: Iterable[str]) -> dict[str, int]:
    """A vocabulary with all that the recipe and these Mandarin texts need."""
    needed = set(recipe.load().symbols()) | {" ", "."} | {s for text in texts for s in mandarin.symbols(text)}
    return {symbol: number for number, symbol in enumerate(sorted(needed), 1)}


def model(size: int) -> onnx.ModelProto:
    """:param size: symbols in the vocabulary, and one for the edge."""
    nodes = [*_text(), *_durations(), *_alignment(), *_tracks(), *_audio()]
    rows = np.random.default_rng(1).normal(size=(size + 1, WIDTH)).astype(np.float32)
    constants = {
        "rows": rows,
        "zero": np.float32(0),
        "three": np.float32(3),
        "hz": np.float32(150),
        "energy": np.float32(9),
        "start": np.int64(0),
        "one": np.int64(1),
        "axis": np.int64(1),
        "inner": np.array([1], np.int64),
        "last": np.array([2], np.int64),
        "twice": np.array([1, 1, -1], np.int64),
        "step": np.int64(600),
        "turn": np.float32(HUM_RADIANS),
        "loud": np.float32(0.3),
    }
    whole = helper.make_graph(
        nodes,
        "toy",
        [
            helper.make_tensor_value_info(graph.TOKENS, TensorProto.INT64, [1, "n"]),
            helper.make_tensor_value_info(graph.STYLE, TensorProto.FLOAT, [1, 256]),
            helper.make_tensor_value_info(graph.SPEED, TensorProto.FLOAT, [1]),
        ],
        [helper.make_tensor_value_info(graph.AUDIO, TensorProto.FLOAT, ["samples"])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    made = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    # As an exported model has them: the shapes of what lies between.
    return onnx.shape_inference.infer_shapes(made)


def _node(kind: str, inputs: str, output: str, **more: object) -> onnx.NodeProto:
    return helper.make_node(kind, inputs.split(), [output], **more)


def _text() -> list[onnx.NodeProto]:
    return [
        _node("Gather", "rows tokens", "embedded"),
        _node("Transpose", "embedded", graph.TEXT, perm=[0, 2, 1]),
    ]


def _durations() -> list[onnx.NodeProto]:
    """Three frames each at speed 1."""
    return [
        _node("Cast", "tokens", "as_float", to=TensorProto.FLOAT),
        _node("Mul", "as_float zero", "nothing"),
        _node("Add", "nothing three", "threes"),
        _node("Div", "threes speed", "paced"),
        _node("Cast", "paced", graph.DURATIONS, to=TensorProto.INT64),
    ]


def _alignment() -> list[onnx.NodeProto]:
    """Which token a frame belongs to, as a matrix; features per frame."""
    return [
        _node("CumSum", f"{graph.DURATIONS} axis", "ends"),
        _node("Sub", f"ends {graph.DURATIONS}", "begins"),
        _node("ReduceMax", "ends", "frames", keepdims=0),
        _node("Range", "start frames one", "places"),
        _node("Unsqueeze", "ends last", "ends_column"),
        _node("Unsqueeze", "begins last", "begins_column"),
        _node("Less", "places ends_column", "before_end"),
        _node("GreaterOrEqual", "places begins_column", "after_begin"),
        _node("And", "before_end after_begin", "inside"),
        _node("Cast", "inside", "align", to=TensorProto.FLOAT),
        _node("MatMul", f"{graph.TEXT} align", graph.FEATURES),
    ]


def _tracks() -> list[onnx.NodeProto]:
    """A level pitch and energy, two values a frame, that hang on text and style."""
    return [
        _node("MatMul", f"{graph.TEXT} align", "prosody"),
        _node("ReduceMean", "style", "colour"),
        _node("ReduceMean", "prosody inner", "one_row"),
        _node("Add", "one_row colour", "coloured"),
        _node("Mul", "coloured zero", "flat"),
        _node("Concat", "flat flat", "doubled", axis=1),
        _node("Reshape", "doubled twice", "halves"),
        _node("Add", "halves hz", graph.PITCH),
        _node("Add", "halves energy", graph.ENERGY),
    ]


def _audio() -> list[onnx.NodeProto]:
    return [
        _node("ReduceMean", graph.PITCH, "mean_pitch", keepdims=0),
        _node("ReduceMean", graph.ENERGY, "mean_energy", keepdims=0),
        _node("ReduceMean", graph.STYLE, "mean_style", keepdims=0),
        _node("Add", "mean_pitch mean_energy", "means"),
        _node("Add", "means mean_style", "all_means"),
        _node("Mul", "all_means zero", "silent"),
        _node("Shape", graph.FEATURES, "length", start=2, end=3),
        _node("Squeeze", "length", "length_scalar"),
        _node("Mul", "length_scalar step", "count"),
        _node("Range", "start count one", "clock"),
        _node("Cast", "clock", "clock_float", to=TensorProto.FLOAT),
        _node("Mul", "clock_float turn", "phase"),
        _node("Sin", "phase", "hum"),
        _node("Mul", "hum loud", "quiet_hum"),
        _node("Add", "quiet_hum silent", graph.AUDIO),
    ]


def wheel(folder: Path, name: str, members: Mapping[str, bytes]) -> Path:
    """A wheel that pip takes: metadata, and the members."""
    stem = f"{name.replace('-', '_')}-0.1.0"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in members.items():
            archive.writestr(member, data)
        archive.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
        archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    return path


def tarball(path: Path, styles: Iterable[str]) -> None:
    rows: npt.NDArray[np.float32] = np.zeros((60, 256), dtype=np.float32)
    with tarfile.open(path, "w:gz") as archive:
        for style in styles:
            entry = tarfile.TarInfo(f"package/voices/{style}.bin")
            entry.size = rows.nbytes
            archive.addfile(entry, io.BytesIO(rows.tobytes()))


def shop(folder: Path, texts: Iterable[str], styles: tuple[str, ...]) -> Supply:
    """Wheels and a tarball of the toy in `folder`, and the table that pins them."""
    known = symbols(texts)
    data = model(len(known)).SerializeToString()
    half = len(data) // 2
    parts = []
    for number, piece in enumerate((data[:half], data[half:]), 1):
        path = wheel(folder, f"toy-model-{number}", {"part.bin": piece})
        parts.append(Parcel(f"toy-model-{number}", "0.1.0", sha256(path), part="part.bin"))
    path = wheel(folder, "toy-words", {"vocab.json": json.dumps({"vocab": known}).encode(), "LICENSE": b"free"})
    parts.append(Parcel("toy-words", "0.1.0", sha256(path), keep={"vocab.json": "vocab.json", "LICENSE": "LICENSE"}))
    styled = folder / "toy-styles-0.1.0.tgz"
    tarball(styled, styles)
    keep = {f"package/voices/{style}.bin": f"styles/{style}.bin" for style in styles}
    carried = Parcel("toy-styles", "0.1.0", sha256(styled), file=styled.name, keep=keep)
    return Supply("toy.onnx", hashlib.sha256(data).hexdigest(), tuple(parts), carried)
