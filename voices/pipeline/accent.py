"""An accent as data: readings, tone codes, sandhi. From citation Tâi-lô to the engine's surface text."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from voices.pipeline import tailo
from voices.pipeline.tailo import Group, Syllable

FOLDER = Path(__file__).parent.parent / "nan" / "accents"
NEUTRAL = "0"

SandhiRule = str | Mapping[str, object]


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

    def surface(self, group: Group) -> list[str]:
        """The tone group as spoken: letters and one tone code a syllable.

        The last syllable before a neutral tail keeps its citation tone, as does the last of all; the others
        change by the accent's table.
        """
        spoken: list[str] = []
        for at, this in enumerate(group):
            following = group[at + 1] if at + 1 < len(group) else None
            if this.neutral:
                spoken.append(self._letters(this) + NEUTRAL)
            elif following is None or following.neutral:
                spoken.append(self._letters(this) + str(this.tone))
            else:
                code = self._changed(this, following)
                letters = self._letters(this)
                dropped = self.drop_coda and this.coda == self.drop_coda
                spoken.append((letters[:-1] if dropped else letters) + code)
        return spoken

    def _letters(self, this: Syllable) -> str:
        return self.initials.get(this.initial, this.initial) + this.final

    def _changed(self, this: Syllable, following: Syllable) -> str:
        rule = self.sandhi[str(this.tone)]
        if isinstance(rule, str):
            return rule
        for name, key in (("next", str(following.tone)), ("coda", this.coda)):
            choices = rule.get(name)
            if isinstance(choices, Mapping) and key in choices:
                return str(choices[key])
        return str(rule["else"])

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
        return replace(tailo.syllable(found), neutral=this.neutral) if found else this


@lru_cache(maxsize=8)
def load(name: str) -> Accent:
    """:raises FileNotFoundError: no such accent."""
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    low, high = data["pitch"]
    return Accent(
        data["name"],
        data["voice"],
        data["table"],
        (low, high),
        data["contours"],
        data["sandhi"],
        data.get("drop", {}).get("coda", ""),
        data["initials"],
        data["readings"],
    )


def names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def surface_text(accent: Accent, script: str, sound: str) -> str:
    """A clause of Tâi-lô (base readings, citation tones) as the text for this accent's voice.

    :raises TailoError: the clause is no valid Tâi-lô.
    """
    parsed = accent.localise(script, tailo.groups(sound))
    return " ".join(" ".join(accent.surface(group)) for group in parsed)
