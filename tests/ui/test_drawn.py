"""What is kept of a drawing is the drawing; what is damaged or of another source is drawn again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.ui.drawing.drawn import Drawn, DrawnFiles

ONE = Drawn(-1, 2, 3, 2, bytes((0, 128, 255, 7, 8, 9)))


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    files = DrawnFiles(tmp_path / "new")
    path = files.path("tick", 64, "line", b"svg")
    assert files.read(path) is None
    files.keep(path, ONE)
    assert files.read(path) == ONE
    assert files.read(files.path("tick", 64, "line", b"another svg")) is None


@pytest.mark.parametrize("damage", [b"", b"ink1", b"ink1" + bytes(16), b"\x00" * 40])
def test_a_damaged_file_is_drawn_again(tmp_path: Path, damage: bytes) -> None:
    files = DrawnFiles(tmp_path)
    path = files.path("tick", 64, "line", b"svg")
    assert path is not None
    path.write_bytes(damage)
    assert files.read(path) is None


def test_a_file_that_was_cut_short_is_drawn_again(tmp_path: Path) -> None:
    files = DrawnFiles(tmp_path)
    path = files.path("tick", 64, "line", b"svg")
    assert path is not None
    files.keep(path, ONE)
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert files.read(path) is None


def test_without_a_place_to_keep_them_drawings_are_made_as_before(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    files = DrawnFiles(tmp_path / "file")
    files.keep(files.path("tick", 64, "line", b"svg"), ONE)
    nowhere = DrawnFiles(None)
    assert nowhere.path("tick", 64, "line", b"svg") is None
    nowhere.keep(None, ONE)
    assert nowhere.read(None) is None


def test_a_drawing_from_its_file_has_the_pixels_of_one_just_drawn(rig: Any, tmp_path: Path) -> None:
    from kiosk.ui.drawing.raster import Raster

    rig.open()
    icons = Path(__file__).resolve().parents[2] / "assets" / "icons"
    fresh = Raster(icons, tmp_path).ink("bell", 80, "line")
    kept = Raster(icons, tmp_path).ink("bell", 80, "line")
    assert list(tmp_path.glob("bell-80-line-*.ink"))
    assert (kept.x, kept.y, kept.width, kept.height) == (fresh.x, fresh.y, fresh.width, fresh.height)
    assert kept.texture.pixels == fresh.texture.pixels
