"""One reviewing: items, their sounds, and the file that verdicts are added to. May be asked from any thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from voices import languages
from voices.packs import reviews, wav
from voices.packs.errors import PackError
from voices.packs.pack import CLIP_BYTES, Pack, read_clip, read_file
from voices.packs.reviews import BETTER, VERDICTS, Review
from voices.packs.row import person
from voices.packs.said import surface
from voices.reading import NotationError, Reading
from voices.review import proposal
from voices.review.items import Item
from voices.review.proposal import ProposalError
from voices.worker.espeak import EngineError, Espeak
from voices.worker.render import engine_sound

LONGEST_NAME, LONGEST_NOTE = 40, 500


class Refused(ValueError):
    """The reviewer asked for what cannot be; the message is for her."""


@dataclass(slots=True)
class Desk:
    """`own`: who made what is reviewed (author, speaker): their word does not count and is not taken."""

    items: Sequence[Item]
    results: Path
    engine: Espeak | None
    pack: Pack | None = None
    own: Sequence[str] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _heard: set[tuple[str, int, Reading]] = field(default_factory=set)
    """Who heard which reading of which item, so that nothing is judged or taken unheard."""

    def listing(self, reviewer: str) -> list[Mapping[str, object]]:
        """The items with this person's last verdicts.

        :raises Refused: no name, or the name of who made it.
        """
        name = self._name(reviewer)
        said = {
            (each.key, each.index, each.han, each.sound, each.clip): each
            for each in reviews.latest(self._reviews())
            if person(each.reviewer) == person(name)
        }
        rows: list[Mapping[str, object]] = []
        for number, item in enumerate(self.items):
            mine = said.get((item.key, item.index, item.reading.script, item.reading.sound, item.clip))
            rows.append(_row(number, item, mine))
        return rows

    def sound(self, reviewer: str, number: int) -> bytes:
        """A WAVE file of an item; from now on this person may judge it.

        :raises Refused: no such item, or it cannot be played.
        """
        name, item = self._name(reviewer), self._item(number)
        sound = self._clip(item) if self.pack else self._render(item, item.reading)
        self._note_heard(name, number, item.reading)
        return sound

    def _clip(self, item: Item) -> bytes:
        assert self.pack is not None
        row = next(row for row in self.pack.rows if row.sha256 == item.clip)
        try:
            raw = read_file(self.pack.folder / row.file, CLIP_BYTES)
            read_clip(raw, row, self.pack.manifest.header.rate)
        except PackError as error:
            raise Refused(f"这一条放不出来:{error}") from error
        return raw

    def attempt(self, reviewer: str, number: int, han: str, sound: str) -> bytes:
        """A WAVE file of a proposal; from now on this person may take it.

        :raises Refused: it cannot be said.
        """
        name, item = self._name(reviewer), self._item(number)
        reading = self._proposed(item, han, sound)
        rendered = self._render(item, reading)
        self._note_heard(name, number, reading)
        return rendered

    def judge(self, reviewer: str, number: int, verdict: str, han: str, sound: str, note: str) -> None:
        """Note a verdict.

        :raises Refused: who made it judges it, it was not heard, or nothing can be written.
        """
        name, item = self._name(reviewer), self._item(number)
        if verdict not in VERDICTS:
            raise Refused("请选「对」「不对」或「我来改」。")
        if not self._was_heard(name, number, item.reading):
            raise Refused("请先听一遍,再说对不对。")
        if len(note) > LONGEST_NOTE or not _printable(note):
            raise Refused(f"备注太长或有看不见的字,最多 {LONGEST_NOTE} 个字。")
        better = self._taken(name, number, item, han, sound) if verdict == BETTER else Reading("", "")
        review = Review(
            datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
            name,
            item.lang,
            item.accent,
            item.key,
            item.index,
            item.reading.script,
            item.reading.sound,
            item.clip,
            verdict,
            better.sound,
            better.script,
            note.strip(),
        )
        try:
            reviews.add(self.results, review)
        except PackError as error:
            raise Refused(f"没有记下来:{error}") from error

    def _taken(self, name: str, number: int, item: Item, han: str, sound: str) -> Reading:
        reading = self._proposed(item, han, sound)
        if reading == item.reading:
            raise Refused("和原来的一样。原来的对,就请按「对」。")
        if not self._was_heard(name, number, reading):
            raise Refused("请先听一遍改过的读法,再按「采用」。")
        return reading

    def _note_heard(self, name: str, number: int, reading: Reading) -> None:
        with self._lock:
            self._heard.add((person(name), number, reading))

    def _was_heard(self, name: str, number: int, reading: Reading) -> bool:
        with self._lock:
            return (person(name), number, reading) in self._heard

    def _proposed(self, item: Item, han: str, sound: str) -> Reading:
        try:
            return proposal.reading(item.lang, han, sound)
        except ProposalError as error:
            raise Refused(str(error)) from error

    def _render(self, item: Item, reading: Reading) -> bytes:
        if self.engine is None:
            raise Refused("这台机器还没有闽南话的声音。请先运行 python -m voices build。")
        voice = languages.of(item.lang).voice(item.accent)
        try:
            text = surface(item.lang, item.accent, reading)
            with self._lock:
                samples = engine_sound(self.engine, voice, text)
        except (NotationError, EngineError) as error:
            raise Refused(f"这一条读不出来:{error}") from error
        return wav.write(samples, self.engine.sample_rate)

    def _item(self, number: int) -> Item:
        if not 0 <= number < len(self.items):
            raise Refused("没有这一条。请重新打开网页。")
        return self.items[number]

    def _name(self, reviewer: str) -> str:
        name = reviewer.strip()
        if not person(name) or len(name) > LONGEST_NAME or not _printable(name) or "," in name:
            raise Refused(f"请写您的名字,最多 {LONGEST_NAME} 个字,不要逗号。")
        if person(name) in set(map(person, self.own)):
            raise Refused(f"{name} 是写字或录音的人,不能自己审自己的。请换一位来听。")
        return name

    def _reviews(self) -> list[Review]:
        try:
            return reviews.read(self.results)
        except PackError as error:
            raise Refused(f"审听记录读不出来:{error}") from error


def _printable(text: str) -> bool:
    return text.isprintable()


def _row(number: int, item: Item, mine: Review | None) -> Mapping[str, object]:
    language = languages.of(item.lang)
    return {
        "number": number,
        "group": item.group,
        "key": item.key,
        "index": item.index,
        "han": item.reading.script,
        "sound": language.notated(item.reading),
        "local": language.local(item.reading, item.accent),
        "shown": item.shown,
        "sure": item.sure,
        "why": item.why,
        "verdict": mine.verdict if mine else "",
        "better": mine.better if mine else "",
        "betterHan": mine.better_han if mine else "",
        "note": mine.note if mine else "",
    }
