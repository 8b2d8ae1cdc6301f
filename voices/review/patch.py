"""From verdicts to a list of changes for whoever keeps the texts. Nothing is changed by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from voices import languages
from voices.packs.reviews import BETTER, RIGHT, Review, latest
from voices.packs.row import REVIEWERS_NEEDED, people, person
from voices.review.items import Item

_Where = tuple[str, str, str, int]
_Words = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """All last words on one item as it stands now; `old` were given on other words."""

    item: Item
    said: tuple[Review, ...]
    old: tuple[Review, ...]

    @property
    def right(self) -> tuple[Review, ...]:
        return tuple(each for each in self.said if each.verdict == RIGHT)

    @property
    def proposals(self) -> Mapping[_Words, tuple[Review, ...]]:
        """Words and sound -> who wants them."""
        found: dict[_Words, list[Review]] = {}
        for each in self.said:
            if each.verdict == BETTER:
                found.setdefault((each.better_han, each.better), []).append(each)
        return {words: tuple(them) for words, them in found.items()}

    @property
    def confirmed(self) -> bool:
        """Two found it right and nobody wrong."""
        return len(self.right) == len(self.said) and people(each.reviewer for each in self.said) >= REVIEWERS_NEEDED


def gather(items: Sequence[Item], found: Iterable[Review], own: Iterable[str]) -> tuple[list[Verdicts], list[Review]]:
    """:param own: whose word on their own texts is not taken.
    :returns: what was said, by item, and the reviews that were left out for being their author's own."""
    not_counted = set(map(person, own))
    by_item: dict[_Where, list[Review]] = {}
    left_out: list[Review] = []
    for review in latest(found):
        if person(review.reviewer) in not_counted:
            left_out.append(review)
        elif not review.clip:
            by_item.setdefault((review.lang, review.accent, review.key, review.index), []).append(review)
    now: dict[_Where, set[_Words]] = {}
    for item in items:
        now.setdefault(_where(item), set()).add(_words_of(item))
    told: set[_Where] = set()
    verdicts: list[Verdicts] = []
    for item in items:
        where = _where(item)
        found_here = by_item.get(where, [])
        # A clause may stand there with and without its values: what fits neither was given on former words.
        old = [each for each in found_here if (each.han, each.sound) not in now[where] and where not in told]
        told.add(where)
        fits = [each for each in found_here if (each.han, each.sound) == _words_of(item)]
        verdicts.append(Verdicts(item, tuple(fits), tuple(old)))
    return verdicts, left_out


def _where(item: Item) -> _Where:
    return item.lang, item.accent, item.key, item.index


def _words_of(item: Item) -> _Words:
    return item.reading.script, item.reading.sound


def listed(verdicts: Iterable[Verdicts]) -> Iterator[str]:
    """Lines to print: by file what to change and who says so, then what two have confirmed."""
    kept = list(verdicts)
    file = ""
    for each in sorted(kept, key=lambda one: one.item.source):
        lines = [*_changes(each)]
        if lines and each.item.source != file:
            file = each.item.source
            yield f"\n{file}"
        yield from lines
    confirmed = [each.item for each in kept if each.confirmed]
    if confirmed:
        yield f"\n两位以上都说对,没有人说不对({len(confirmed)} 条):"
        yield from (f"  {item.source} {item.key} 第 {item.index + 1} 句" for item in confirmed)


def _changes(each: Verdicts) -> Iterator[str]:
    item = each.item
    against = [review for review in each.said if review.verdict != RIGHT]
    if not against and not each.old:
        return
    yield f"@ {item.key} 第 {item.index + 1} 句"
    if against:
        yield f"- {_words(item.lang, item.reading.script, item.reading.sound)}"
    for (han, sound), them in each.proposals.items():
        yield f"+ {_words(item.lang, han, sound)}    {_names(them)}"
    if len(each.proposals) > 1:
        yield "! 改法不一样,请他们商量"
    if each.right and against:
        yield f"! {_names(each.right)} 说原来的对"
    for review in against:
        if review.verdict != BETTER:
            yield f"? {_names([review])} 说不对,没有写怎么改{f':{review.note}' if review.note else ''}"
    if each.old:
        yield f"! 字后来改过,请 {_names(each.old)} 再听一遍"


def _words(lang: str, han: str, sound: str) -> str:
    return f"{han}    {sound}" if languages.of(lang).notation else han


def _names(them: Iterable[Review]) -> str:
    return "、".join(f"{each.reviewer}({each.at[:10]})" for each in them)
