"""Icons are files of a small SVG subset, all of them readable and large enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.ui.drawing import icons

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "icons"
CHOICES = ("pension", "work", "medical", "welfare", "disability", "health", "police", "housing", "farming", "veterans")
CHOICES += ("market", "utilities", "more", "tick", "print", "bell", "size", "theme", "sound")
AID = ("talk", "yes_no", "write", "family", "toilet", "water", "sit", "pain", "glasses", "deaf", "wait", "slower")
AID += ("write_down", "where", "how_long", "money", "lost", "box", "box_ticked")
CAUSES = tuple(f"cause_{name}" for name in ("device", "missing", "refused", "network", "cannot_pay", "not_mine"))
CHOICES += ("dawn", "waves", "pause", "play", "ear", "hand", "low", "slow", "screen_off", "card")
FACES = tuple(f"face_{level}" for level in range(1, 6))
PICTURES = ("house", "card_down", "card_up", "look_up", "send", "slip", "slip_wait", "helper", "door")
PICTURES += ("paper_open", "paper_roll", "paper_close", "wrench")
LAID = tuple(f"lay_{quality}" for quality in ("page", "receipt", "drawing", "thing", "portrait"))
PICTURES += (*LAID, "look_here")
WANTED = (*CHOICES, *AID, *CAUSES, *FACES, *PICTURES, "leave", "back", "again", "access", "alert", "next")


@pytest.mark.parametrize("name", WANTED)
def test_an_icon_can_be_read_and_fills_its_square(name: str) -> None:
    drawing = icons.read(FOLDER / f"{name}.svg")
    assert drawing.strokes
    for stroke in drawing.strokes:
        assert all(-1 <= x <= drawing.width + 1 and -1 <= y <= drawing.height + 1 for x, y in stroke.points), name
    if drawing.width == drawing.height:
        reach = [(x, y, 0 if icons.is_area(s.ink) else s.width / 2) for s in drawing.strokes for x, y in s.points]
        wide = max(x + r for x, _, r in reach) - min(x - r for x, _, r in reach)
        high = max(y + r for _, y, r in reach) - min(y - r for _, y, r in reach)
        assert max(wide, high) == pytest.approx(drawing.width, abs=0.5)


def test_every_icon_that_a_screen_names_is_drawn(all_scenes: dict[str, Any], rig: Any) -> None:
    rig.open()
    for name, state in all_scenes.items():
        rig.service.state = state
        view = rig.service.view
        named = {choice.icon for choice in (*view.choices, *view.cards)} | {view.picture} - {""}
        assert named - {""} <= set(WANTED), name


def test_every_drawing_in_the_folder_is_used() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(WANTED)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ('<text x="1">a</text>', "not of the subset"),
        ('<path d="M 0 0 S 1 1 2 2"/>', "not of the subset"),
        ('<path class="loud" d="M 0 0 L 1 1"/>', "unknown ink"),
    ],
)
def test_what_is_not_of_the_subset_is_refused(tmp_path: Path, body: str, complaint: str) -> None:
    path = tmp_path / "bad.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{body}</svg>')
    with pytest.raises(ValueError, match=complaint):
        icons.read(path)


def test_an_arc_ends_where_it_says(tmp_path: Path) -> None:
    path = tmp_path / "arc.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50"><path d="M10 40 A40 40 0 0 1 90 40"/></svg>'
    )
    points = icons.read(path).strokes[0].points
    assert points[-1] == pytest.approx((90, 40))
    assert min(y for _, y in points) == pytest.approx(0, abs=0.01)
