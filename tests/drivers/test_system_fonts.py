"""Fonts are found by the names of their files, in whatever folders a distribution keeps them."""

from __future__ import annotations

from pathlib import Path

from drivers.codec.escpos.fonts import DEFAULT_BOLD, DEFAULT_REGULAR
from drivers.system_fonts import installed_font


def test_a_font_is_found_wherever_the_distribution_keeps_it(tmp_path: Path) -> None:
    kept = tmp_path / "google-noto-cjk" / "deeper" / "NotoSansCJK-Regular.ttc"
    kept.parent.mkdir(parents=True)
    kept.touch()
    assert installed_font(kept.name, (tmp_path / "none", tmp_path)) == str(kept)


def test_a_font_that_is_not_installed_keeps_its_name(tmp_path: Path) -> None:
    assert installed_font("NotoSansCJK-Regular.ttc", (tmp_path,)) == "NotoSansCJK-Regular.ttc"


def test_the_fonts_of_a_slip_are_on_this_machine() -> None:
    assert all(Path(face.path).is_file() for face in (*DEFAULT_REGULAR, *DEFAULT_BOLD))
