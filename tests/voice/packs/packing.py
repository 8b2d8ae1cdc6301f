"""Packs for tests: speech-like sound, headers, and packs of a few clauses."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voices.packs import signing
from voices.packs.manifest import Header
from voices.packs.release import release
from voices.packs.shelf import Shelf
from voices.packs.writer import PackWriter
from voices.reading import Reading

RATE = 24_000
HELLO = Reading("您好", "li2 ho2")
THANKS = Reading("多谢", "to1-sia7")
MINNAN = Header("test-nan", "nan", "tongan", "rendered", "CC0-1.0", engine="test 1", rate=RATE)
MANDARIN = Header("test-cmn", "cmn", "", "rendered", "CC0-1.0", engine="test 1", rate=RATE)
RECORDED = Header(
    "test-rec", "nan", "tongan", "recorded", "CC0-1.0", speaker="speaker-1", consent="box 1", author="wang", rate=RATE
)


def voice(hz: float = 180.0, seconds: float = 0.6, rate: int = RATE, peak: float = 0.5) -> npt.NDArray[np.int16]:
    """Harmonics that swell and fade, a syllable every 0.2 s."""
    at = np.arange(int(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * hz * n * at) / n for n in range(1, 9)) * (0.15 + np.abs(np.sin(np.pi * at / 0.2)))
    return np.asarray(32767 * peak * wave / np.abs(wave).max(), dtype=np.int16)


def make(packs: Path, header: Header, *readings: Reading, reviewers: tuple[str, ...] = (), hz: float = 180.0) -> Path:
    """A pack of `readings` as the clauses of one prompt."""
    with PackWriter(packs, header) as writer:
        for index, reading in enumerate(readings):
            writer.add("test.prompt", index, reading, voice(hz), reviewers, "2026-11-01")
        return writer.finish()


def sign(folder: Path, key: Path, out: Path) -> Path:
    release(folder, [], signing.load_signer(key), out)
    return out


def entries(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def nothing_there(packs: Path) -> bool:
    return not Shelf.open(packs).packs and not any(packs.rglob("*.wav"))
