"""What a reader's eye finds on every picture of the demo visit: the question and every label, where they stand."""

from __future__ import annotations

import difflib
import json
import logging
import re
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
ALIKE = 0.8
"""A reader of 14 mm letters misreads one in ten at most; a clipped or missing label reads less than half."""
SMALL_PX = 30
"""Below this height nothing is a label (running marks)."""


def plain(text: str) -> str:
    """Letters and digits only: the reader and the screen disagree about punctuation and blanks."""
    wide = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\W_]", "", wide).replace("*", "")


@dataclass(frozen=True, slots=True)
class Line:
    """One line that was read, and the box around it in pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def touches(self, box: list[float]) -> bool:
        """The reader joins what stands side by side into one line: a line belongs to every label it covers."""
        left, top, width, height = box
        middle = (self.top + self.bottom) / 2
        return self.left < left + width and left < self.right and top <= middle <= top + height


class Eye:
    """Reads a picture line by line."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        self._reader: Any = RapidOCR()
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)

    def read(self, picture: Path) -> list[Line]:
        found = self._reader(str(picture))
        lines = []
        for text, box in zip(found.txts or (), found.boxes if found.boxes is not None else (), strict=True):
            across, down = [float(p[0]) for p in box], [float(p[1]) for p in box]
            lines.append(Line(str(text), min(across), min(down), max(across), max(down)))
        return lines


def within(lines: list[Line], box: list[float]) -> str:
    """What is read where a label stands, from top to bottom, line by line."""
    rows = sorted((line for line in lines if line.touches(box)), key=lambda line: (round(line.top / 40), line.left))
    return plain("".join(line.text for line in rows))


def likeness(wanted: str, read: str) -> float:
    """How well the label is found anywhere in what is read there, 0 to 1."""
    windows = range(max(len(read) - len(wanted), 0) + 1)
    return max(difflib.SequenceMatcher(None, wanted, read[at : at + len(wanted)]).ratio() for at in windows)


@pytest.fixture(scope="module")
def eye() -> Eye:
    return Eye()


@pytest.mark.parametrize("lang", ["nan", "cmn"])
def test_every_label_of_every_screen_is_read_where_it_stands(lang: str, eye: Eye, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "kiosk",
        "play",
        "tests/journeys/demo.toml",
        "--lang",
        lang,
        "--out",
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    pictures = sorted((tmp_path / "screens").glob("*.png"))
    assert len(pictures) >= 12
    wrong, labels = [], 0
    for picture in pictures:
        lines = eye.read(picture)
        for node in json.loads(picture.with_suffix(".json").read_text(encoding="utf-8")):
            wanted = plain(node["name"])
            if node["role"] not in ("button", "text") or not wanted or node["box_px"][3] < SMALL_PX:
                continue
            labels += 1
            read = within(lines, node["box_px"])
            if likeness(wanted, read) < ALIKE:
                wrong.append(f"{picture.stem}: {node['key']}: {node['name']!r} reads {read!r}")
    report = {"lang": lang, "pictures": len(pictures), "labels": labels, "wrong": wrong}
    (ROOT / "out" / "proof").mkdir(parents=True, exist_ok=True)
    target = ROOT / "out" / "proof" / f"journeys_seen_{lang}.json"
    target.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    assert labels >= 80
    assert not wrong, "\n".join(wrong)
