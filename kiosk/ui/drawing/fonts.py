"""Fonts: built once at install, then chosen run by run so that no character is ever a box.

Kivy cannot open a face inside a `.ttc` (it takes the Japanese one), so the simplified Chinese face is
cut out of Noto Sans CJK. What that face does not have (many Minnan characters, Tai-lo marks) comes
from LXGW WenKai. What neither has is shown as a box with its code point, never dropped.

`python -m kiosk.ui.drawing.fonts build DIR` does the work (about 2 s) and is repeated only when files changed. The
index names files without their folder and tells them by their content, so that a built folder may be copied, packed
and moved.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.domain.faults import FONTS_MISSING

log = logging.getLogger(__name__)

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
_HEAD_BYTES = 65_536
"""An OpenType file begins with a directory that holds the checksum of each of its tables."""
_LATIN_JOINERS = "-'’·"


class FontsMissing(Exception):
    """A font file that the install must bring is not there; the text names the fault and the package."""

    def __init__(self, detail: str):
        super().__init__(f"{FONTS_MISSING}: {detail}")


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
        text = unicodedata.normalize("NFC", text)
        if text and self.main.has(text):
            yield MAIN, text
            return
        pending_name, pending = "", ""
        for piece in _pieces(text):
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


Index = Mapping[str, Mapping[str, object]]


def load(folder: Path) -> Fonts:
    """The built fonts; builds them when they are missing or made of another source. :raises FontsMissing:"""
    index = _read_index(folder)
    if index is None or _is_outdated(index):
        try:
            build(folder)
        except (FontsMissing, OSError) as error:
            # What came ready made, into a folder that nobody may write or without its sources, is good as it is.
            if index is None:
                raise error if isinstance(error, FontsMissing) else _unwritable(folder, error) from error
            log.warning("the fonts in %s are of another version than the installed ones, and stay: %s", folder, error)
        index = _read_index(folder) or index
    if index is None:
        raise FontsMissing(f"the fonts in {folder} cannot be read back after they were built: check its disk")
    return Fonts(main=_face(MAIN, index, folder), second=_face(SECOND, index, folder))


def _unwritable(folder: Path, error: OSError) -> FontsMissing:
    return FontsMissing(
        f"{folder} holds no built fonts and cannot be written ({error.strerror}): "
        f"run `python -m kiosk.ui.drawing.fonts build {folder}` as its owner, or name another folder in KIOSK_FONT_DIR"
    )


def _face(name: str, index: Index, folder: Path) -> Face:
    entry = index[name]
    ranges = entry["ranges"]
    assert isinstance(ranges, list)
    regular, bold = (_place(str(entry[cut]), folder) for cut in ("regular", "bold"))
    assert regular is not None and bold is not None
    return Face(name, str(regular), str(bold), tuple(ranges))


def _read_index(folder: Path) -> Index | None:
    """None when the index is missing or broken, or a file that it names is not there as it was."""
    try:
        index: Index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        whole = all(isinstance(index[face]["ranges"], list) for face in (MAIN, SECOND))
        for name in (str(index[face][cut]) for face in (MAIN, SECOND) for cut in ("regular", "bold")):
            place = _place(name, folder)
            wanted = index["files"].get(name)
            whole = whole and place is not None and wanted in (None, _digest(place))
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return index if whole else None


def _is_outdated(index: Index) -> bool:
    """True when a source is installed that differs from the one that was cut; one that is not there says nothing."""
    places = {name: _look_for(name) for name in index.get("sources", {})}
    return any(place is not None and _digest(place) != index["sources"][name] for name, place in places.items())


def _digest(path: Path) -> str:
    """Tells the content of a font file without reading all of it at every start."""
    with path.open("rb") as file:
        return hashlib.sha256(b"%d\0" % path.stat().st_size + file.read(_HEAD_BYTES)).hexdigest()


def _place(name: str, folder: Path) -> Path | None:
    """In the built folder, else where fonts are installed."""
    own = folder / Path(name).name
    return own if own.is_file() else _look_for(name)


def _look_for(name: str) -> Path | None:
    """:param name: below a folder of fonts, `truetype/x/y.ttf`; where it has moved to, its last part is looked for."""
    for base in _SOURCES:
        if (base / name).is_file():
            return base / name
    return next((path for base in _SOURCES for path in sorted(base.rglob(Path(name).name))), None)


def _find(name: str) -> Path:
    if path := _look_for(name):
        return path
    package = "fonts-noto-cjk" if name.startswith("Noto") else "fonts-lxgw-wenkai"
    raise FontsMissing(f"{name} not found under /usr/share/fonts: install the package {package}")


def _installed_name(path: Path) -> str:
    """Without the folder of fonts that it is in."""
    base = next((base for base in _SOURCES if path.is_relative_to(base)), path.parent)
    return str(path.relative_to(base))


def build(folder: Path) -> None:
    """Cut the faces out and note what they hold. :raises FontsMissing, OSError: as the folder and the sources are."""
    sources = {target: _find(name) for target, name in _FILES.items()}
    second = {cut: _find(name) for cut, name in _SECOND_FILES.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for target, source in sources.items():
        _extract(source, folder / target)
    cut = {name: folder / name for name in _FILES}
    index = {
        "sources": {_installed_name(source): _digest(source) for source in (*sources.values(), *second.values())},
        "files": {name: _digest(path) for name, path in cut.items()},
        MAIN: {
            "regular": "sc-regular.otf",
            "bold": "sc-bold.otf",
            "ranges": _common_ranges(list(cut.values())),
        },
        SECOND: {
            **{weight: _installed_name(path) for weight, path in second.items()},
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
        sys.stderr.write("usage: python -m kiosk.ui.drawing.fonts build [DIR]\n")
        return 2
    try:
        load(Path(arguments[1]) if len(arguments) == 2 else default_dir())
    except (FontsMissing, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
