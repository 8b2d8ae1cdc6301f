"""Render prompts ahead: Mandarin into a pack, Minnan into a pack where the gate allows it, or for a reviewer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voices.measure.segments import contrasts
from voices.neural import mandarin, passed, recipe, trim
from voices.neural.engine import RATE, Engine
from voices.neural.synth import Minnan, Samples
from voices.packs import levels, wav
from voices.packs.manifest import Header
from voices.packs.take import RENDERED
from voices.packs.writer import PackWriter
from voices.pipeline import accent as accents
from voices.pipeline import tailo
from voices.reading import Reading
from voices.recording.script import Line

LICENCE = "Apache-2.0 (weights and styles of Kokoro-82M); MIT (ONNX export)"
TRIAL_NOTE = "NOT-REVIEWED.txt"

Tell = Callable[[str], None]
Say = Callable[[Reading], Samples]


class NotOffered(RuntimeError):
    """The gate has not been passed; the message has the figures."""


def mandarin_pack(engine: Engine, lines: Sequence[Line], packs: Path, tell: Tell) -> Path:
    """Every line into the pack `kokoro-cmn`; returns its folder.

    :raises MandarinError: a text that cannot be read.
    :raises PackError: a clip that is not as packs have them, or a folder that cannot be written.
    """
    voice = mandarin.Mandarin(engine)
    header = Header("kokoro-cmn", "cmn", "", RENDERED, LICENCE, _engine(engine, voice.style), rate=RATE)
    return _pack(header, lines, lambda reading: voice.speak(reading.sound), packs, tell)


def check_offered(path: Path = passed.FILE) -> passed.Result:
    """:raises NotOffered: too few contrasts have passed on the recipe as it is."""
    found, current = passed.load(path), recipe.digest()
    if found.recipe != current or not found.offered:
        raise NotOffered(passed.figures(found, current))
    return found


def minnan_pack(engine: Engine, accent: str, lines: Sequence[Line], packs: Path, tell: Tell) -> Path:
    """Every line that is allowed into the pack `kokoro-nan-<accent>`.

    :raises NotOffered: too few contrasts have passed, or no line is allowed.
    :raises PackError: as above.
    """
    made_by, known, found = recipe.load(), contrasts.load(), check_offered()
    spoken = accents.load(accent)
    fit = [line for line in lines if passed.allowed(_surface(spoken, line.reading), known, found, made_by.digest)]
    tell(f"{len(fit)} of {len(lines)} clauses hold only sounds that have passed")
    if not fit:
        raise NotOffered("no clause holds only contrasts that have passed: nothing is rendered")
    style = f"{made_by.style} recipe {made_by.digest[:16]}"
    header = Header(f"kokoro-nan-{accent}", "nan", accent, RENDERED, LICENCE, _engine(engine, style), rate=RATE)
    return _pack(header, fit, _sayer(Minnan(engine, made_by, spoken.contours), spoken), packs, tell)


def minnan_trial(engine: Engine, accent: str, lines: Sequence[Line], folder: Path, tell: Tell) -> Path:
    """Wave files for a reviewer's ears. No pack: nothing that a kiosk would load."""
    spoken = accents.load(accent)
    say = _sayer(Minnan(engine, recipe.load(), spoken.contours), spoken)
    folder.mkdir(parents=True, exist_ok=True)
    for line, samples in _rendered(lines, say, tell):
        (folder / f"{line.name}.wav").write_bytes(wav.write(levels.normalise(samples, RATE), RATE))
    note = "Made by a machine, heard by no native speaker. For a reviewer's ears only: these files are no voice pack.\n"
    (folder / TRIAL_NOTE).write_text(note + passed.figures(passed.load(), recipe.digest()) + "\n", encoding="utf-8")
    return folder


def _pack(header: Header, lines: Sequence[Line], say: Say, packs: Path, tell: Tell) -> Path:
    with PackWriter(packs, header) as pack:
        for line, samples in _rendered(lines, say, tell):
            pack.add(line.key, line.index, line.reading, samples)
        return pack.finish()


def _rendered(lines: Sequence[Line], say: Say, tell: Tell) -> Iterable[tuple[Line, npt.NDArray[np.int16]]]:
    for number, line in enumerate(lines, 1):
        tell(f"[{number}/{len(lines)}] {line.name}")
        samples = trim.trimmed(say(line.reading), RATE)
        yield line, np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)


def _sayer(voice: Minnan, accent: accents.Accent) -> Say:
    def say(reading: Reading) -> Samples:
        groups = accent.localise(reading.script, tailo.groups(reading.sound))
        spoken = [accent.surface(group) for group in groups]
        ends = np.cumsum([len(group) for group in spoken]) - 1
        words = [word for group in spoken for word in group]
        return voice.speak(words, ends=frozenset(int(end) for end in ends)).samples

    return say


def _surface(accent: accents.Accent, reading: Reading) -> str:
    return accents.surface_text(accent, reading.script, reading.sound)


def _engine(engine: Engine, style: str) -> str:
    return f"Kokoro-82M v1.0 int8 {engine.model_sha256[:16]}, cut graph {engine.digest[:16]}, {style}"
