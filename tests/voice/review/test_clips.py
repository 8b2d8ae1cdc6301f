"""Reviewing the clips of a pack: the very clip is heard, and the verdict is about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from voices.packs import reviews
from voices.packs.pack import open_pack
from voices.packs.shelf import Shelf
from voices.review.desk import Desk, Refused
from voices.review.items import of_pack

from ..packs.packing import HELLO, RECORDED, THANKS, make


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    pack = open_pack(make(tmp_path / "packs", RECORDED, HELLO, THANKS))
    header = pack.manifest.header
    return Desk(of_pack(pack), tmp_path / "reviews.jsonl", None, pack, (header.speaker, header.author))


def test_the_clip_itself_is_heard_and_two_who_find_it_right_are_enough(desk: Desk) -> None:
    assert desk.pack is not None
    for who in ("chen", "lin"):
        assert desk.sound(who, 1) == (desk.pack.folder / desk.pack.rows[1].file).read_bytes()
        desk.judge(who, 1, reviews.RIGHT, "", "", "")
    rows, why = reviews.approve(desk.pack.rows, reviews.read(desk.results), ())
    assert [row.status for row in rows] == ["machine", "reviewed"] and list(why) == ["test.prompt clause 0"]


@pytest.mark.parametrize("who", ["speaker-1", "Wang"])
def test_neither_speaker_nor_author_judges(who: str, desk: Desk) -> None:
    with pytest.raises(Refused, match="不能自己审自己的"):
        desk.sound(who, 0)


def test_a_clip_that_was_changed_is_not_played(desk: Desk) -> None:
    assert desk.pack is not None
    (desk.pack.folder / desk.pack.rows[0].file).write_bytes(b"RIFF")
    with pytest.raises(Refused, match="放不出来"):
        desk.sound("chen", 0)


def test_without_the_built_voice_it_is_said_how_to_build_it(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="voices build"):
        desk.attempt("chen", 0, "您好", "lir2 ho2")
    assert not Shelf.open(tmp_path / "packs").find("nan", "tongan", "test.prompt", 0, HELLO), "nobody reviewed it yet"
