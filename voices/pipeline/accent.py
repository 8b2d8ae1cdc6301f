"""An accent as data: readings, tone codes, sandhi. From citation Tâi-lô to the engine's surface text."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from voices.pipeline import tailo
from voices.pipeline.tailo import Group, Syllable

FOLDER = Path(__file__).parent.parent / "nan" / "accents"
NEUTRAL = "0"
EVIDENCE = ("read", "proxy", "inferred")
"""How a table is known: read in a source on this very accent; read in a source on a near one; concluded."""

SandhiRule = str | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a table of an accent comes from."""

    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Accent:
    name: str
    voice: str
    table: str
    pitch: tuple[int, int]
    """Lowest and highest pitch of the voice, Hz."""
    contours: Mapping[str, Sequence[int]]
    """Tone code -> Chao levels, 1 low to 5 high."""
    sandhi: Mapping[str, SandhiRule]
    drop_coda: str
    initials: Mapping[str, str]
    readings: Mapping[str, Mapping[str, str]]
    before_suffix: Mapping[str, SandhiRule] = field(default_factory=dict)
    """Citation tone -> surface code before a full 仔 (a2); the ordinary rules where it has none."""
    with_suffix: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Citation tone -> surface codes of a syllable and the 仔 that ends the group behind it."""
    triple: Mapping[str, SandhiRule] = field(default_factory=dict)
    """Citation tone -> surface code of the first of three equal syllables; the ordinary rules where it has none."""
    evidence: Mapping[str, Evidence] = field(default_factory=dict)

    def surface(self, group: Group) -> list[str]:
        """The tone group as spoken: letters and one tone code a syllable.

        The last syllable before a neutral tail keeps its citation tone, as does the last of all; the others
        change by the accent's tables.
        """
        return [self._spoken(group, at) for at in range(len(group))]

    def _spoken(self, group: Group, at: int) -> str:
        this = group[at]
        following = group[at + 1] if at + 1 < len(group) else None
        ending = self._ending(group)
        if ending is not None and ending - 1 <= at <= ending:
            codes = self.with_suffix[str(group[ending - 1].tone)]
            return self._letters(this) + codes[at - ending + 1]
        if this.neutral:
            return self._letters(this) + NEUTRAL
        if following is None or following.neutral:
            return self._letters(this) + str(this.tone)
        return self._changed(group, at)

    def _ending(self, group: Group) -> int | None:
        """Where the 仔 stands that ends the group with a tone of its own, as this accent has it."""
        full = [at for at, this in enumerate(group) if not this.neutral]
        last = full[-1]
        if last + 1 < len(group) and _is_suffix(group[last + 1]):
            at = last + 1
        elif last > 0 and _is_suffix(group[last]):
            at = last
        else:
            return None
        return at if str(group[at - 1].tone) in self.with_suffix else None

    def _letters(self, this: Syllable) -> str:
        return self.initials.get(this.initial, this.initial) + this.final

    def _changed(self, group: Group, at: int) -> str:
        this, following = group[at], group[at + 1]
        rules = self.sandhi
        if _is_suffix(following) and self.before_suffix:
            rules = self.before_suffix
        elif _begins_triple(group, at) and str(this.tone) in self.triple:
            rules = self.triple
        letters = self._letters(this)
        if self.drop_coda and this.coda == self.drop_coda:
            letters = letters[:-1]
        return letters + _code(rules[str(this.tone)], this, following)

    def localise(self, script: str, groups: Sequence[Group]) -> tuple[Group, ...]:
        """Replace base readings by this accent's, character by character.

        :param script: the characters, one for each syllable; when the numbers differ nothing is replaced.
        """
        han = [c for c in script if "㐀" <= c <= "鿿"]
        if len(han) != sum(len(group) for group in groups):
            return tuple(groups)
        waiting = iter(han)
        return tuple(tuple(self._reading(next(waiting), this) for this in group) for group in groups)

    def _reading(self, han: str, this: Syllable) -> Syllable:
        found = self.readings.get(han, {}).get(f"{this.letters}{this.tone}")
        return replace(tailo.syllable(found), neutral=this.neutral, joined=this.joined) if found else this


def _is_suffix(this: Syllable) -> bool:
    return this.letters == "a" and this.tone == 2


def _begins_triple(group: Group, at: int) -> bool:
    """Three equal syllables that hyphens make one word, e.g. ang5-ang5-ang5; digits stand apart and are none."""
    three = group[at : at + 3]
    return len(three) == 3 and three[0] == three[1] == three[2] and three[1].joined and three[2].joined


def _code(rule: SandhiRule, this: Syllable, following: Syllable) -> str:
    if isinstance(rule, str):
        return rule
    for name, key in (("next", str(following.tone)), ("coda", this.coda)):
        choices = rule.get(name)
        if isinstance(choices, Mapping) and key in choices:
            return str(choices[key])
    return str(rule["else"])


@lru_cache(maxsize=8)
def load(name: str) -> Accent:
    """:raises FileNotFoundError: no such accent."""
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    low, high = data["pitch"]
    suffix = data["suffix"]
    return Accent(
        data["name"],
        data["voice"],
        data["table"],
        (low, high),
        data["contours"],
        data["sandhi"],
        data.get("drop", {}).get("coda", ""),
        data["initials"],
        _readings(data),
        suffix.get("before", {}),
        suffix.get("ending", {}),
        data["triple"],
        {table: Evidence(**known) for table, known in data["evidence"].items()},
    )


def _readings(data: Mapping[str, Mapping[str, Mapping[str, str]]]) -> dict[str, Mapping[str, str]]:
    """The sure readings and the likely ones together; `evidence` tells them apart."""
    sure, likely = data["readings"], data["likely_readings"]
    return {han: {**likely.get(han, {}), **sure.get(han, {})} for han in (*sure, *likely)}


def names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def surface_text(accent: Accent, script: str, sound: str) -> str:
    """A clause of Tâi-lô (base readings, citation tones) as the text for this accent's voice.

    :raises TailoError: the clause is no valid Tâi-lô, or it has a tone that the accent has no rule for (6, 9).
    """
    parsed = accent.localise(script, tailo.groups(sound))
    for this in (each for group in parsed for each in group):
        if str(this.tone) not in accent.sandhi:
            raise tailo.TailoError(f"{this.letters}{this.tone}: {accent.name} has no tone {this.tone}")
    return " ".join(" ".join(accent.surface(group)) for group in parsed)
