"""What a measured visit costs the one who stands there: touches, characters, screens, papers and seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil
from statistics import median

from effort_support.driver import Press, Walk, shortest
from effort_support.whys import Why
from effort_support.world import Visit, World, carried
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.screens.compose import view
from kiosk.domain.speech import Arg, Lang, Line, Privacy, Utterance
from kiosk.domain.timing import EAR_PAUSE_S
from kiosk.domain.view.parts import View
from kiosk.domain.visit.navigation import read_aloud
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Step
from voices.prompts import load_words
from voices.reading import Unreadable

CHARACTERS_A_MINUTE = 165
"""The rate that seconds are reckoned by: one for all texts, whatever voice is installed, so that a figure changes with
the words and not with the voice."""


@dataclass(frozen=True, slots=True)
class Touch:
    """One touch as the report tells it."""

    step: str
    why: Why
    kind: str
    """Of its event."""

    def __str__(self) -> str:
        return f"{self.step} {self.why} {self.kind}"


@dataclass(frozen=True, slots=True)
class Effort:
    """One item in one world and one language."""

    item_id: str
    name: str
    """As the village calls it."""
    mode: str
    world: World
    lang: Lang
    path: tuple[Touch, ...]
    """Every touch in its turn."""
    typed: int
    """Of the touches those that type a sign with a key."""
    handwritten: int
    """Of the touches those that draw a character."""
    screens: int
    """As they follow each other; a page that is turned and a sign that is typed make no new one."""
    waiting: int
    """Of these: a device or the office works, and she does nothing."""
    papers: int
    """Pictures that were kept, of papers and of her face."""
    act_s: float
    """Seconds of speech until she has answered the last question, with that question's screen."""
    spoken_s: float
    """Seconds of speech from the first screen to the farewell, as the loudspeaker says them."""
    by_ear_s: float
    """Seconds that the ear takes to name the choices of each screen down to the one that is pressed, with the pauses
    between them; without characters that are drawn."""

    @property
    def touches(self) -> int:
        return len(self.path)

    @property
    def whys(self) -> Mapping[Why, int]:
        """Touches by their reason; 0 for a reason that has none."""
        return Counter(touch.why for touch in self.path)


@dataclass(frozen=True, slots=True)
class Spread:
    """Of one figure over all items."""

    median: float
    p90: float
    """The smallest value that nine of ten items do not exceed."""
    most: float
    total: float


FIGURES = ("touches", "act_s", "by_ear_s", "spoken_s")
"""Names of the figures of an `Effort` that have a spread in the report."""
GOALS: Mapping[tuple[str, str], float] = {
    ("touches", "median"): 7,
    ("touches", "p90"): 15,
    ("touches", "most"): 30,
    ("touches", "total"): 720,
    ("act_s", "median"): 30,
    ("by_ear_s", "median"): 60,
    ("by_ear_s", "most"): 180,
}
"""(figure, statistic): what it is to be at most where registers answer."""


def measured(catalogue: Catalogue, worlds: Iterable[World] = World, langs: Iterable[Lang] = Lang) -> list[Effort]:
    """Every carried item in each of the worlds and languages.

    :raises NoEnd: an item cannot be brought to its end.
    :raises Unclassified: a screen offers a touch that has no reason.
    """
    langs = tuple(langs)
    items = carried(catalogue)
    return [
        effort_of(shortest(Visit(item, world, catalogue), lang)) for world in worlds for item in items for lang in langs
    ]


def effort_of(walk: Walk) -> Effort:
    item, catalogue = walk.visit.item, walk.visit.catalogue
    screens = _screens(walk, catalogue)
    last = max((at for at, one in enumerate(walk.presses, 1) if _answers(one)), default=0)
    return Effort(
        item_id=item.item_id,
        name=load_words().show(walk.lang.value, f"item.{item.item_id}.name", {}),
        mode=item.mode.value,
        world=walk.visit.world,
        lang=walk.lang,
        path=tuple(Touch(press.state.step.value, press.why, repr(press.event.kind)) for press in walk.presses),
        typed=sum(press.is_typed for press in walk.presses),
        handwritten=sum(press.is_drawn for press in walk.presses),
        screens=len(screens),
        waiting=sum(one.works and not one.presses for one in screens),
        papers=max(_papers(state) for state in walk.states),
        act_s=sum(one.spoken_s for one in screens if one.presses_before < last),
        spoken_s=sum(one.spoken_s for one in screens),
        by_ear_s=sum(_named_s(press, catalogue, walk.lang) for press in walk.presses),
    )


def _answers(press: Press) -> bool:
    """It answers a question: who she is, what is asked, whether a register is right."""
    return press.why in (Why.IDENTIFY, Why.ANSWER) or (press.why is Why.CONFIRM and press.state.step is Step.ASK)


# ---- screens -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Screen:
    presses_before: int
    presses: int
    works: bool
    spoken_s: float


def _screens(walk: Walk, catalogue: Catalogue) -> list[_Screen]:
    """A new one begins where step, overlay or question changes; what it says is said once, unless it changes."""
    begun: list[tuple[int, View]] = []
    seconds: list[float] = []
    said: tuple[Utterance, ...] = ()
    for state, presses in zip(walk.states, walk.presses_before, strict=True):
        shown = view(state, catalogue)
        if not begun or _mark(shown) != _mark(begun[-1][1]):
            begun.append((presses, shown))
            seconds.append(0.0)
        if shown.say != said:
            said = shown.say
            seconds[-1] += sum(spoken_s(walk.lang, one.line) for one in said if one.privacy is not Privacy.PRIVATE)
    ends = [*(presses for presses, _ in begun[1:]), len(walk.presses)]
    return [
        _Screen(presses, end - presses, shown.working, took_s)
        for (presses, shown), end, took_s in zip(begun, ends, seconds, strict=True)
    ]


def _mark(shown: View) -> tuple[object, ...]:
    return shown.step, shown.overlay, shown.question


def _papers(state: VisitState) -> int:
    return sum(page.subject.startswith("paper.") for page in state.papers.pages)


# ---- seconds -----------------------------------------------------------------------------------------------


def spoken_s(lang: Lang, line: Line) -> float:
    """Seconds that a line takes at the rate; 0 where the language has no reading for it and nothing sounds.

    A bare value that Minnan has no reading for is said in Mandarin, as the voice process does.
    """
    return _spoken_s(lang, line.key, tuple(line.args.items()))


@cache
def _spoken_s(lang: Lang, key: str, args: tuple[tuple[str, Arg], ...]) -> float:
    words = load_words()
    try:
        clauses = words.spoken(lang.value, key, dict(args))
    except Unreadable:
        if lang is not Lang.NAN or not words.is_value(lang.value, key):
            return 0.0
        return _spoken_s(Lang.CMN, key, args)
    characters = sum(sign.isalnum() for clause in clauses for sign in clause.reading.script)
    return characters * 60 / CHARACTERS_A_MINUTE


def _named_s(press: Press, catalogue: Catalogue, lang: Lang) -> float:
    """Until the ear has named what is pressed: each choice up to it, with the pauses between them.

    :raises LookupError: the ear does not name it at all.
    """
    if press.is_drawn:
        return 0.0
    named = read_aloud(view(press.state, catalogue))
    at = next((at for at, target in enumerate(named) if target.event == press.event), None)
    if at is None:
        raise LookupError(f"step {press.state.step}: the ear does not name {press.event.kind!r}")
    return at * EAR_PAUSE_S + sum(spoken_s(lang, target.line) for target in named[: at + 1])


# ---- over all items ----------------------------------------------------------------------------------------


def spread(values: Sequence[float]) -> Spread:
    """:raises ValueError: there are none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return Spread(median(ordered), ordered[ceil(len(ordered) * 0.9) - 1], ordered[-1], sum(ordered))


def spreads(efforts: Iterable[Effort]) -> dict[str, Spread]:
    """By the name of the figure."""
    efforts = list(efforts)
    return {name: spread([getattr(one, name) for one in efforts]) for name in FIGURES}


def by_why(efforts: Iterable[Effort]) -> dict[Why, int]:
    """Touches of all items by their reason, each reason there."""
    efforts = list(efforts)
    return {why: sum(one.whys[why] for one in efforts) for why in Why}


def by_kind(efforts: Iterable[Effort], why: Why) -> list[tuple[str, int]]:
    """(kind of event, touches) of one reason over all items, the most frequent first."""
    return Counter(touch.kind for one in efforts for touch in one.path if touch.why is why).most_common()
