"""Fonts: built once at install, then chosen run by run so that no character is ever a box.

Kivy cannot open a face inside a `.ttc` (it takes the Japanese one), so the simplified Chinese face is
cut out of Noto Sans CJK. What that face does not have (many Minnan characters, Tai-lo marks) comes
from LXGW WenKai. What neither has is shown as a box with its code point, never dropped.

`python -m kiosk.ui.fonts build DIR` does the work (about 2 s) and is repeated only when files changed.
"""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MAIN = "main"
SECOND = "second"
_SC_FACE = 2
"""Face order of Noto Sans CJK: JP, KR, SC, TC, HK."""
_SOURCES = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_FILES = {
    "sc-regular.otf": "NotoSansCJK-Regular.ttc",
    "sc-bold.otf": "NotoSansCJK-Bold.ttc",
}
_SECOND_FILES = {"regular": "LXGWWenKai-Regular.ttf", "bold": "LXGWWenKai-Medium.ttf"}
_INDEX = "fonts.json"
_LATIN_JOINERS = "-'’·"


class FontsMissing(Exception):
    """A font file that the install must bring is not there; the text names the package."""


Ranges = tuple[int, ...]
"""Sorted code points start, end (exclusive), start, end …: a point is in when its position is odd."""


def to_ranges(points: Iterable[int]) -> Ranges:
    flat: list[int] = []
    for point in sorted(points):
        if flat and flat[-1] == point:
            flat[-1] = point + 1
        else:
            flat += [point, point + 1]
    return tuple(flat)


def _holds(ranges: Ranges, point: int) -> bool:
    return bisect_right(ranges, point) % 2 == 1


@dataclass(frozen=True, slots=True)
class Face:
    """One font family: its files and the characters it can draw."""

    name: str
    regular: str
    bold: str
    ranges: Ranges

    def has(self, text: str) -> bool:
        return all(_holds(self.ranges, ord(char)) for char in text)


@dataclass(frozen=True, slots=True)
class Fonts:
    main: Face
    second: Face

    def runs(self, text: str) -> Iterator[tuple[str, str]]:
        """Cut `text` into (font name, run). Whole Latin words stay in one face; NFC first."""
        pending_name, pending = "", ""
        for piece in _pieces(unicodedata.normalize("NFC", text)):
            name, shown = self._choose(piece)
            if name == pending_name:
                pending += shown
                continue
            if pending:
                yield pending_name, pending
            pending_name, pending = name, shown
        if pending:
            yield pending_name, pending

    def _choose(self, piece: str) -> tuple[str, str]:
        if self.main.has(piece):
            return MAIN, piece
        if self.second.has(piece):
            return SECOND, piece
        return MAIN, "".join(char if self.main.has(char) else f"□{ord(char):X}" for char in piece)


def _pieces(text: str) -> Iterator[str]:
    """Latin words whole, everything else character by character with its combining marks."""
    word = ""
    for char in text:
        if (unicodedata.combining(char) and word) or (_is_latin(char) and (not word or _is_latin(word[0]))):
            word += char
        else:
            if word:
                yield word
            word = char
    if word:
        yield word


def _is_latin(char: str) -> bool:
    return char in _LATIN_JOINERS or (char.isalpha() and ord(char) < 0x2E80)


def default_dir() -> Path:
    """Where the install puts built fonts when nothing else is said."""
    named = os.environ.get("KIOSK_FONT_DIR")
    base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return Path(named) if named else base / "tshu-pinn" / "fonts"


def load(folder: Path) -> Fonts:
    """The built fonts; builds them when they are missing or older than their source. :raises FontsMissing:"""
    index = _read_index(folder)
    if index is None:
        build(folder)
        index = _read_index(folder)
    assert index is not None
    return Fonts(main=_face(MAIN, index[MAIN]), second=_face(SECOND, index[SECOND]))


def _face(name: str, entry: dict[str, object]) -> Face:
    ranges = entry["ranges"]
    assert isinstance(ranges, list)
    return Face(name, str(entry["regular"]), str(entry["bold"]), tuple(ranges))


def _read_index(folder: Path) -> dict[str, dict[str, object]] | None:
    """None when the index is missing, broken or stale."""
    try:
        index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        stamps: dict[str, int] = index["stamps"]
        current = all(Path(path).stat().st_mtime_ns == stamp for path, stamp in stamps.items())
        built = all(Path(index[face][cut]).is_file() for face in (MAIN, SECOND) for cut in ("regular", "bold"))
    except (OSError, ValueError, KeyError):
        return None
    return index if current and built else None


def _find(name: str) -> Path:
    for base in _SOURCES:
        for path in sorted(base.rglob(name)):
            return path
    package = "fonts-noto-cjk" if name.startswith("Noto") else "fonts-lxgw-wenkai"
    raise FontsMissing(f"{name} not found under /usr/share/fonts: install the package {package}")


def build(folder: Path) -> None:
    """Cut the faces out and note what they hold. :raises FontsMissing:"""
    folder.mkdir(parents=True, exist_ok=True)
    stamps: dict[str, int] = {}
    for target, source_name in _FILES.items():
        source = _find(source_name)
        _extract(source, folder / target)
        stamps[str(source)] = source.stat().st_mtime_ns
    second = {cut: _find(name) for cut, name in _SECOND_FILES.items()}
    index = {
        "stamps": stamps,
        MAIN: {
            "regular": str(folder / "sc-regular.otf"),
            "bold": str(folder / "sc-bold.otf"),
            "ranges": _common_ranges([folder / name for name in _FILES]),
        },
        SECOND: {
            "regular": str(second["regular"]),
            "bold": str(second["bold"]),
            "ranges": _common_ranges(list(second.values())),
        },
    }
    _replace(folder / _INDEX, json.dumps(index).encode())


def _extract(source: Path, target: Path) -> None:
    # Only the build needs fontTools; a running kiosk reads the index.
    from fontTools.ttLib import TTFont

    with TTFont(source, fontNumber=_SC_FACE, lazy=True) as font:
        partial = target.with_suffix(".part")
        font.save(partial)
    partial.replace(target)


def _common_ranges(paths: list[Path]) -> Ranges:
    """Code points that every cut of a family can draw."""
    from fontTools.ttLib import TTFont

    sets: list[set[int]] = []
    for path in paths:
        with TTFont(path, lazy=True) as font:
            sets.append(set(font.getBestCmap()))
    return to_ranges(set.intersection(*sets))


def _replace(path: Path, data: bytes) -> None:
    partial = path.with_suffix(".part")
    partial.write_bytes(data)
    partial.replace(path)


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2) or arguments[0] != "build":
        sys.stderr.write("usage: python -m kiosk.ui.fonts build [DIR]\n")
        return 2
    try:
        load(Path(arguments[1]) if len(arguments) == 2 else default_dir())
    except FontsMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
