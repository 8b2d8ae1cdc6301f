"""Resident words by key: what is shown, and what is said. Standard library only, no audio.

The one door to the packs: `load_words().show(lang, key, args)`. Texts are files in `voices/<lang>/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from voices import languages, template, whole
from voices.kept import kept
from voices.reading import Reading, Unreadable
from voices.template import Slot, Template

if TYPE_CHECKING:
    from voices.texts import Settings, Texts

HERE = Path(__file__).parent


class Value(Protocol):
    """A typed value: `kind` says how it is read (text, key, digits, count, money, date, time, phone, name, place)."""

    @property
    def kind(self) -> str: ...

    @property
    def value(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Plain:
    """A value as plain data, e.g. from the speech pipe."""

    kind: str
    value: str


Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One text of one language. `say` is None when nothing can be said."""

    show: Template
    script: Template
    """The words that are said, in Han characters: in Minnan a villager's own, whatever the screen shows."""
    say: Template | None
    status: str
    """machine: nobody who speaks the language has confirmed it; reviewed: somebody has; recorded: and spoken it."""
    source: str
    """Name of the file, for messages."""
    author: str = "machine"
    reviewer: str = ""
    """Who confirmed the words; never their author (`voices.lint`)."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One clause for the voice: `caption` as the screen has it (without values that are not said), the reading."""

    caption: str
    reading: Reading


Written = Sequence[Any]
"""The fields of a `Prompt`, in their order, its templates as they are written (`voices.texts.Text`)."""


class Prompts(Mapping[str, Prompt]):
    """Texts by key, taken apart when they are first wanted: a visit wants few of them."""

    def __init__(self, texts: Mapping[str, Written]) -> None:
        self._texts = texts
        self._made: dict[str, Prompt] = {}

    def __getitem__(self, key: str) -> Prompt:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = _prompt(*self._texts[key])
        return made

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def _prompt(show: str, script: str, say: str | None, *rest: str) -> Prompt:
    shown = template.parse(show)
    written = shown if script == show else template.parse(script)
    said = None if say is None else shown if say == show else template.parse(say)
    return Prompt(shown, written, said, *rest)


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything of one language."""

    lang: str
    settings: Mapping[str, object]
    prompts: Mapping[str, Prompt]


class Words:
    """All packs. Keys, values and languages in; text out."""

    def __init__(self, packs: Mapping[str, Pack]) -> None:
        self._packs = packs
        self._keys = {lang: frozenset(pack.prompts) for lang, pack in packs.items()}

    @property
    def langs(self) -> Sequence[str]:
        """Codes of the languages."""
        return tuple(self._packs)

    def keys(self, lang: str) -> frozenset[str]:
        return self._keys[lang]

    def pack(self, lang: str) -> Pack:
        return self._packs[lang]

    def prompt(self, lang: str, key: str) -> Prompt:
        """:raises KeyError: unknown key."""
        return self._packs[lang].prompts[key]

    def is_value(self, lang: str, key: str) -> bool:
        """True for a text that is one value and nothing else."""
        say = self.prompt(lang, key).say
        return say is not None and [parts for _, parts in say.segments] == [say.slots] and len(say.slots) == 1

    def show(self, lang: str, key: str, args: Values) -> str:
        """The text as shown.

        :raises KeyError: unknown key, or a value is missing that the text cannot do without.
        """
        return "".join(self.clauses(lang, key, args))

    def clauses(self, lang: str, key: str, args: Values) -> list[str]:
        """The shown text, cut at the same places as the spoken clauses."""
        return template.clauses(self.prompt(lang, key).show.fill(lambda slot: self._shown(lang, slot, args)))

    @staticmethod
    def inside(text: str) -> frozenset[int]:
        """Offsets at which a new row would tear a word of a shown text (`voices.whole`)."""
        return whole.inside(text)

    def spoken(self, lang: str, key: str, args: Values) -> list[Spoken]:
        """The clauses for the voice.

        :raises KeyError: unknown key or missing value.
        :raises Unreadable: the pack has no reading for the text or for a value.
        """
        prompt = self.prompt(lang, key)
        if prompt.say is None:
            raise Unreadable(f"{lang} {key} has no reading")
        said = {slot.name: slot for slot in prompt.say.slots}
        sounds = template.clauses(prompt.say.fill(lambda slot: self._sound(lang, slot, args)))
        language = languages.of(lang)
        words = prompt.script if language.notation else prompt.say
        captions = template.clauses(words.fill(lambda slot: self._caption(lang, slot, said, args)))
        scripts = template.clauses(prompt.script.fill(lambda slot: self._script(lang, slot, said, args)))
        if not len(sounds) == len(captions) == len(scripts):
            raise Unreadable(f"{lang} {key}: clauses of script and reading differ in number")
        if not language.notation:
            scripts = sounds = [language.literal(sound) for sound in sounds]
        return [
            Spoken(caption.lstrip(",。 ").replace(",。", "。"), Reading(script, sound))
            for caption, script, sound in zip(captions, scripts, sounds, strict=True)
        ]

    def _shown(self, lang: str, slot: Slot, args: Values) -> str | None:
        value = args.get(slot.name)
        if value is None:
            return None
        if value.kind == "key":
            return self.show(lang, value.value, {})
        return languages.of(lang).shown(value.kind, value.value)

    def _caption(self, lang: str, slot: Slot, said: Mapping[str, Slot], args: Values) -> str | None:
        if slot.name not in args:
            return None
        return self._shown(lang, slot, args) if slot.name in said else ""

    def _reading(self, lang: str, slot: Slot, args: Values) -> Reading | None:
        value = args.get(slot.name)
        if value is None:
            return None
        if value.kind == "key":
            inner = self.spoken(lang, value.value, {})
            return Reading("".join(s.reading.script for s in inner), " | ".join(s.reading.sound for s in inner))
        return languages.of(lang).read(slot.kind or value.kind, value.value)

    def _sound(self, lang: str, slot: Slot, args: Values) -> str | None:
        reading = self._reading(lang, slot, args)
        return reading.sound if reading else None

    def _script(self, lang: str, slot: Slot, said: Mapping[str, Slot], args: Values) -> str | None:
        if slot.name not in args:
            return None
        if slot.name not in said:
            return ""
        reading = self._reading(lang, said[slot.name], args)
        return reading.script if reading else None


def load_words() -> Words:
    """All packs of this installation, read once a process.

    :raises ValueError: a text is malformed; the message names file and key.
    """
    return _loaded(languages.codes())


@lru_cache(maxsize=2)
def _loaded(codes: tuple[str, ...]) -> Words:
    folders = [HERE, *map(languages.folder_of, codes)]
    sources = [path for folder in folders for path in (*folder.glob("*.py"), *folder.glob("*.toml"))]
    found = kept("texts", sources, lambda: _read(codes))
    return Words({lang: Pack(lang, settings, Prompts(texts)) for lang, (settings, texts) in found.items()})


def _read(codes: tuple[str, ...]) -> dict[str, tuple[Settings, Texts]]:
    from voices.texts import read_folder

    found: dict[str, tuple[Settings, Texts]] = {}

    def texts_of(code: str) -> Texts:
        """Those of the language whose shown texts stand in for missing ones are read before it."""
        language = languages.of(code)
        if code not in found:
            like = language.settings.get("shown_like")
            found[code] = read_folder(language, texts_of(like) if like else None)
        return found[code][1]

    for code in codes:
        texts_of(code)
    return found
