"""Packs on the shelf: the right clip or none, whatever happens to the files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from voices.packs import store
from voices.packs.errors import PackError
from voices.packs.pack import open_pack
from voices.packs.shelf import Shelf
from voices.packs.take import RECORDED as LAYER_RECORDED
from voices.packs.take import RENDERED as LAYER_RENDERED
from voices.packs.writer import PackWriter
from voices.pipeline import accent as accents
from voices.reading import Reading

from .packing import HELLO, MANDARIN, MINNAN, RATE, RECORDED, THANKS, make, voice

TWO = ("chen", "lin")
WHERE = ("nan", "tongan", "test.prompt", 0)


def change(path: Path, **fields: object) -> None:
    """Edit the manifest by hand."""
    table = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(table | fields, ensure_ascii=False), encoding="utf-8")


def test_a_clip_is_found_by_its_words_and_comes_at_the_level_of_packs(tmp_path: Path) -> None:
    make(tmp_path, MINNAN, HELLO, THANKS)
    take = Shelf.open(tmp_path).find(*WHERE, HELLO)
    assert take is not None and take.layer == LAYER_RENDERED and take.pack == "test-nan" and take.rate == RATE
    row = open_pack(tmp_path / "test-nan").rows[0]
    assert row.lufs == pytest.approx(-20, abs=0.5) and row.peak_dbtp <= -2
    assert len(take.samples) == len(voice())


def test_a_changed_text_makes_the_clip_stale(tmp_path: Path) -> None:
    make(tmp_path, MINNAN, HELLO)
    shelf = Shelf.open(tmp_path)
    assert shelf.find(*WHERE, Reading("您好", "li2 ho2")) is not None
    assert shelf.find(*WHERE, Reading("您好", "lir2 ho2")) is None
    assert shelf.find(*WHERE, Reading("你好", "li2 ho2")) is None
    assert shelf.find(*WHERE, Reading("您好", "li2 | ho2")) is None, "another tone group is another sound"


def test_punctuation_and_spacing_make_nothing_stale(tmp_path: Path) -> None:
    make(tmp_path, MINNAN, HELLO)
    assert Shelf.open(tmp_path).find(*WHERE, Reading("您好,", " li2  ho2 ")) is not None


@pytest.mark.parametrize("kind", ["rendered", "recorded"])
def test_a_changed_accent_makes_renderings_stale_and_recordings_not(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = MINNAN if kind == "rendered" else RECORDED
    spoken = Reading("多谢", "to1-sia7 | li2")
    make(tmp_path, header, spoken, reviewers=TWO)
    now = accents.load("tongan")
    other = replace(now, sandhi={**now.sandhi, "1": "9"})
    monkeypatch.setattr(accents, "load", lambda name: other)
    from voices.packs.said import text_hash

    text_hash.cache_clear()
    found = Shelf.open(tmp_path).find(*WHERE, spoken)
    text_hash.cache_clear()
    assert (found is None) == (kind == "rendered")


def test_other_languages_and_accents_are_not_found(tmp_path: Path) -> None:
    make(tmp_path, MINNAN, HELLO)
    shelf = Shelf.open(tmp_path)
    assert shelf.find("nan", "xiamen", "test.prompt", 0, HELLO) is None
    assert shelf.find("cmn", "", "test.prompt", 0, Reading("您好", "您好")) is None


def test_a_person_comes_before_a_machine(tmp_path: Path) -> None:
    make(tmp_path, MINNAN, HELLO, THANKS)
    make(tmp_path, RECORDED, HELLO, reviewers=TWO)
    shelf = Shelf.open(tmp_path)
    first, second = shelf.find(*WHERE, HELLO), shelf.find("nan", "tongan", "test.prompt", 1, THANKS)
    assert first is not None and first.layer == LAYER_RECORDED
    assert second is not None and second.layer == LAYER_RENDERED, "a partial pack leaves the rest to the next layer"


@pytest.mark.parametrize("reviewers", [(), ("chen",), ("chen", "chen"), ("chen", " Chen")])
def test_a_recording_that_two_did_not_review_is_not_played(reviewers: tuple[str, ...], tmp_path: Path) -> None:
    make(tmp_path, RECORDED, HELLO, reviewers=reviewers)
    assert Shelf.open(tmp_path).find(*WHERE, HELLO) is None


@pytest.mark.parametrize("judge_of_own", ["speaker-1", "wang", "Ｗang "])
def test_neither_speaker_nor_author_reviews(judge_of_own: str, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="have somebody else"):
        make(tmp_path, RECORDED, HELLO, reviewers=("chen", judge_of_own))
    assert not Shelf.open(tmp_path).packs and not list(tmp_path.glob(".versions/.coming-*"))


def test_the_same_words_serve_another_prompt_but_its_own_clip_comes_first(tmp_path: Path) -> None:
    with PackWriter(tmp_path, MINNAN) as writer:
        writer.add("a.one", 0, HELLO, voice(seconds=0.6))
        writer.add("a.two", 3, HELLO, voice(seconds=0.9))
        writer.finish()
    shelf = Shelf.open(tmp_path)
    lengths = [
        len(take.samples) if (take := shelf.find("nan", "tongan", key, index, HELLO)) else 0
        for key, index in (("a.one", 0), ("a.two", 3), ("a.third", 0))
    ]
    assert lengths == [0.6 * RATE, 0.9 * RATE, 0.6 * RATE]


def test_one_clause_may_have_a_clip_for_each_value(tmp_path: Path) -> None:
    one, two = Reading("一项", "tsit8 hang7"), Reading("两项", "nng7 hang7")
    with PackWriter(tmp_path, MINNAN) as writer:
        writer.add("a.count", 1, one, voice(seconds=0.5))
        writer.add("a.count", 1, two, voice(seconds=0.7))
        writer.finish()
    shelf = Shelf.open(tmp_path)
    assert [len(t.samples) if (t := shelf.find("nan", "tongan", "a.count", 1, r)) else 0 for r in (one, two)] == [
        0.5 * RATE,
        0.7 * RATE,
    ]
    assert shelf.find("nan", "tongan", "a.count", 1, Reading("三项", "sann1 hang7")) is None


def test_a_broken_clip_is_named_once_and_the_rest_is_spoken(tmp_path: Path) -> None:
    folder = make(tmp_path, MINNAN, HELLO, THANKS)
    clip = folder / open_pack(folder).rows[0].file
    raw = bytearray(clip.read_bytes())
    raw[100] ^= 1
    clip.write_bytes(raw)
    shelf = Shelf.open(tmp_path)
    assert [shelf.find(*WHERE, HELLO) for _ in range(3)] == [None] * 3
    assert len(shelf.broken) == 1 and "hash differs" in shelf.broken[0]
    assert shelf.find("nan", "tongan", "test.prompt", 1, THANKS) is not None


def test_a_missing_clip_falls_to_the_next_layer(tmp_path: Path) -> None:
    make(tmp_path, MINNAN, HELLO)
    folder = make(tmp_path, RECORDED, HELLO, reviewers=TWO)
    (folder / open_pack(folder).rows[0].file).unlink()
    take = Shelf.open(tmp_path).find(*WHERE, HELLO)
    assert take is not None and take.layer == LAYER_RENDERED


def test_a_broken_manifest_is_refused_by_name_and_others_stay(tmp_path: Path) -> None:
    make(tmp_path, MINNAN, HELLO)
    folder = make(tmp_path, MANDARIN, Reading("您好", "您好"))
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    shelf = Shelf.open(tmp_path)
    assert [pack.manifest.header.id for pack in shelf.packs] == ["test-nan"]
    assert len(shelf.refused) == 1 and "test-cmn" in shelf.refused[0] and "copy the pack again" in shelf.refused[0]


def test_no_folder_is_no_packs(tmp_path: Path) -> None:
    shelf = Shelf.open(tmp_path / "nowhere")
    assert shelf.find(*WHERE, HELLO) is None and not shelf.refused


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"language": "cmn", "accent": ""}, "mislabelled"),
        ({"accent": "xiamen"}, "mislabelled"),
        ({"accent": "quanzhou"}, "unknown"),
        ({"kind": "recorded", "speaker": "a", "consent": "b"}, "mislabelled"),
        ({"language": "yue"}, "cmn or nan"),
        ({"rate": 44100}, "24000 or 48000"),
        ({"rate": True}, "rate"),
        ({"format": 2}, "format"),
        ({"extra": 1}, "extra"),
        ({"licence": ""}, "licence"),
        ({"created": "yesterday"}, "created"),
        ({"id": "../x"}, "identifier"),
        ({"prompts_sha256": "0" * 64}, "hash differs"),
    ],
)
def test_a_manifest_that_says_what_is_not_so_is_refused(
    fields: dict[str, object], complaint: str, tmp_path: Path
) -> None:
    folder = make(tmp_path, MINNAN, HELLO)
    change(folder / "manifest.json", **fields)
    with pytest.raises(PackError, match=complaint):
        open_pack(folder)


def test_memory_is_bounded(tmp_path: Path) -> None:
    readings = [Reading("您好", f"li2 ho2{' | ho2' * n}") for n in range(6)]
    make(tmp_path, MINNAN, *readings)
    clip_bytes = 2 * len(voice())
    shelf = Shelf.open(tmp_path, memory_bytes=3 * clip_bytes)
    for index, reading in enumerate(readings):
        assert shelf.find("nan", "tongan", "test.prompt", index, reading) is not None
        assert sum(take.samples.nbytes for take in shelf._takes.values() if take) <= 3 * clip_bytes
    assert shelf.find(*WHERE, readings[0]) is not None, "what was dropped is read again"


def test_a_pack_is_replaced_whole_and_the_one_before_can_come_back(tmp_path: Path) -> None:
    def spoken() -> list[bool]:
        shelf = Shelf.open(tmp_path)
        return [shelf.find(*WHERE, reading) is not None for reading in (HELLO, THANKS)]

    make(tmp_path, MINNAN, HELLO)
    old = Shelf.open(tmp_path)
    make(tmp_path, MINNAN, THANKS)
    assert spoken() == [False, True]
    assert old.find(*WHERE, HELLO) is not None, "who holds the former version finds it whole"
    store.restore(tmp_path, "test-nan")
    assert spoken() == [True, False]
    store.restore(tmp_path, "test-nan")
    assert spoken() == [False, True]
    store.remove(tmp_path, "test-nan")
    assert spoken() == [False, False]
    store.restore(tmp_path, "test-nan")
    assert spoken() == [False, True]


def test_only_two_versions_are_kept(tmp_path: Path) -> None:
    for _ in range(5):
        make(tmp_path, MINNAN, HELLO)
    assert len(list((tmp_path / ".versions" / "test-nan").glob("v-*"))) == 2
    with pytest.raises(PackError, match="no pack"):
        store.remove(tmp_path, "other")
    with pytest.raises(PackError, match="no earlier version"):
        store.restore(tmp_path, "other")


def test_a_writer_that_does_not_finish_leaves_nothing(tmp_path: Path) -> None:
    with PackWriter(tmp_path, MINNAN) as writer:
        writer.add("a.one", 0, HELLO, voice())
    assert not Shelf.open(tmp_path).packs and not list(tmp_path.glob(".versions/.coming-*"))


def test_silence_and_knocks_are_no_clips(tmp_path: Path) -> None:
    knock = voice(peak=0.01)
    knock[1000:1004] = 32000
    with PackWriter(tmp_path, MINNAN) as writer:
        with pytest.raises(PackError, match="nothing to hear"):
            writer.add("a.one", 0, HELLO, voice() * 0)
        with pytest.raises(PackError, match="knock"):
            writer.add("a.one", 0, HELLO, knock)
        with pytest.raises(PackError, match="no clip was added"):
            writer.finish()
