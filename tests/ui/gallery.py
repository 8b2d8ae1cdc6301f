"""A picture of every screen and a contact sheet of each subject: `python tests/ui/gallery.py OUT [PART OF A NAME]`.

Every scene stands there once, page by page, in Minnan, the common size and the common colours; a few more in the
largest letters and in the other colours. The pictures are what the window draws. Nobody judges them but who looks.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from kiosk.domain.screens.compose import TEXT_SIZES
from kiosk.domain.speech import Lang
from kiosk.domain.visit.machine import Access, VisitState
from kiosk.ui.drawing import fonts

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
COLUMNS = 6
TILE_PX = (360, 640)
GAP_PX, CAPTION_PX = 14, 30
GROUND, INK = "#d8d2c8", "#1d1a17"
MOST_PAGES = 9
WIDE = ("welcome", "choose", "ask", "review", "result_good", "result_notice", "over_cannot", "over_access", "rate")
"""Scenes that are also shown in the largest letters and in every set of colours."""


def _load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"ui_{name}", HERE / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def by_subject(conftest: Any) -> dict[str, dict[str, VisitState]]:
    """Subject -> its scenes; what belongs to no subject is the visit itself."""
    rest: dict[str, VisitState] = conftest.scenes()
    out: dict[str, dict[str, VisitState]] = {"visit": {}}
    for name, made in conftest.of_subjects().items():
        out[name] = {key: rest.pop(key) for key in made}
    out["technician"] = {key: rest.pop(key) for key in list(rest) if hasattr(rest[key], "vendor")}
    spoken = {key: replace(state, lang=Lang.NAN) for key, state in rest.items()}
    out = {name: {key: _in_minnan(state) for key, state in group.items()} for name, group in out.items()}
    out["visit"] = spoken
    out["largest"] = {f"{key} largest": _with(spoken[key], size=TEXT_SIZES - 1) for key in WIDE}
    out["colours"] = {
        f"{key} {theme}": _with(spoken[key], theme=theme) for theme in ("dark", "light", "glare") for key in WIDE[1:5]
    }
    return out


def _in_minnan(state: VisitState) -> VisitState:
    return state if hasattr(state, "vendor") else replace(state, lang=Lang.NAN)


def _with(state: VisitState, **access: Any) -> VisitState:
    return replace(state, access=replace(Access(), **access))


def pictures(rig: Any, scenes: dict[str, VisitState]) -> Iterator[tuple[str, Image.Image]]:
    """(caption, the window) of every page of every scene."""
    for name, state in scenes.items():
        rig.show(state)
        screen = rig.shell.screen
        if screen.page:
            screen.turn(-screen.page)
        for page in range(min(screen.page_count, MOST_PAGES)):
            if page:
                screen.turn(1)
            rig.frames(2)
            yield name + (f" {page + 1}" if screen.page_count > 1 else ""), rig.picture()


def contact_sheet(shown: list[tuple[str, Image.Image]]) -> Image.Image:
    """All of a subject side by side, each with its name below."""
    rows = (len(shown) + COLUMNS - 1) // COLUMNS
    width, height = TILE_PX[0] + GAP_PX, TILE_PX[1] + CAPTION_PX + GAP_PX
    sheet = Image.new("RGB", (COLUMNS * width + GAP_PX, rows * height + GAP_PX), GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.truetype(fonts.load(fonts.default_dir()).main.regular, 20)
    for at, (caption, picture) in enumerate(shown):
        x, y = GAP_PX + at % COLUMNS * width, GAP_PX + at // COLUMNS * height
        sheet.paste(picture.resize(TILE_PX, Image.Resampling.LANCZOS), (x, y))
        draw.text((x, y + TILE_PX[1] + 2), caption, INK, font)
    return sheet


def main(out: Path, part: str = "") -> int:
    conftest = _load("conftest")
    rig = conftest.Rig(conftest.open_pane())
    rig.open()
    for subject, scenes in by_subject(conftest).items():
        wanted = {name: state for name, state in scenes.items() if part in name}
        shown = list(pictures(rig, wanted))
        folder = out / subject
        folder.mkdir(parents=True, exist_ok=True)
        for caption, picture in shown:
            picture.save(folder / f"{caption.replace(' ', '_')}.png")
        if shown:
            contact_sheet(shown).save(out / f"{subject}.png")
            print(f"{subject}: {len(scenes)} scenes, {len(shown)} pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:3]))
