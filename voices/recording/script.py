"""What has to be read aloud: every clause that always says the same, each words once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from voices import languages, template
from voices.packs.said import hash_of
from voices.prompts import Prompt, Words
from voices.reading import Reading
from voices.template import Slot

_VALUE = "\x00"
"""Stands for a value: a clause that holds one is spoken by the engine, since nobody can record every number."""
_SHOWN_VALUE = "〔…〕"


class UnknownKey(KeyError):
    """No prompt of this name that is spoken."""


@dataclass(frozen=True, slots=True)
class Line:
    """One clause to be read."""

    key: str
    index: int
    reading: Reading
    shown: str
    """The whole prompt as the screen has it."""

    @property
    def name(self) -> str:
        """How a file of it is called, without its ending."""
        return f"{self.key}.{self.index}"

    @property
    def syllables(self) -> int:
        return sum(letter.isalnum() for letter in self.reading.script)


def lines(words: Words, lang: str, accent: str, only: Iterable[str] = ()) -> tuple[Line, ...]:
    """The script in the order of the texts; words that stand in several prompts are read once.

    :param only: keys of prompts; empty for all.
    :raises UnknownKey: one of them is none, or is not spoken.
    """
    prompts = words.pack(lang).prompts
    wanted = list(only) or list(prompts)
    found: dict[str, Line] = {}
    for key in wanted:
        if key not in prompts or (only and prompts[key].say is None):
            raise UnknownKey(key)
        for line in _of_prompt(lang, key, prompts[key]):
            found.setdefault(hash_of(lang, accent, line.reading, ""), line)
    return tuple(found.values())


def _of_prompt(lang: str, key: str, prompt: Prompt) -> Iterator[Line]:
    if prompt.say is None:
        return
    shown = "".join(template.clauses(prompt.show.fill(lambda slot: _SHOWN_VALUE)))
    for complete in (True, False):
        for index, reading in enumerate(_readings(lang, prompt, complete)):
            if _VALUE not in reading.script + reading.sound:
                yield Line(key, index, reading, shown)


def _readings(lang: str, prompt: Prompt, complete: bool) -> Iterator[Reading]:
    """:param complete: with all values, or without those that may be missing."""
    assert prompt.say is not None
    said = {slot.name for slot in prompt.say.slots}
    needed = prompt.say.required | prompt.script.required

    def sound(slot: Slot) -> str | None:
        return _VALUE if complete or slot.name in needed else None

    def script(slot: Slot) -> str | None:
        return sound(slot) if slot.name in said else ""

    sounds = template.clauses(prompt.say.fill(sound))
    scripts = template.clauses(prompt.script.fill(script))
    language = languages.of(lang)
    if not language.notation:
        scripts = sounds = [each if _VALUE in each else language.literal(each) for each in sounds]
    if len(sounds) == len(scripts):
        yield from (Reading(*pair) for pair in zip(scripts, sounds, strict=True))
