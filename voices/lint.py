"""What every text must be before anybody hears it: complete, short, pausing, speakable, and nothing private.

`problems(words, keys)` is for `python -m voices check` and the tests. Nothing of it runs while the kiosk speaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from voices import languages, lint_readings
from voices.language import Language
from voices.lint_rules import Case, Kinds
from voices.prompts import Plain, Prompt, Words
from voices.reading import Unreadable

PRIVATE_KINDS = frozenset({"name", "money", "text", "place", "phone"})
OPEN_DIGITS = frozenset({"ticket", "key_year"})
"""Digits that may be heard by everybody: the number one is called by, and a year on a key."""
OPEN_TEXTS = frozenset({"entry", "desk_phone"})
"""Names that may be heard by everybody: an entry of a public list, the telephone of an office."""
OWN_WORDS = frozenset({"aid.own"})
"""What somebody has typed in order to have it said: the screen that holds it says nothing else (Privacy.ASKED)."""
PRIVATE_TEXTS = "row."
"""Rows of a register's answer: whatever their values are, they are about one person, and shown to that person alone."""
ONLY_IN_THE_EAR = ("ear.fact", "figure.")
"""Texts that the kiosk never sends but as private: the loudspeaker does not get them."""

ANY_KEY = "item.XA032.name"
"""Stands for a text inside a text whose own kind has no words under its name."""

_SAMPLES = {
    "date": Plain("date", "2026-12-25"),
    "time": Plain("time", "14:25"),
    "count": Plain("count", "22"),
    "digits": Plain("digits", "6821"),
    "money": Plain("money", "1234567"),
    "text": Plain("text", "农商银行"),
    "phone": Plain("phone", "0592-110-0000"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right; `what` is written for the author of the text."""

    lang: str
    key: str
    what: str


def problems(words: Words, keys: Mapping[str, Kinds]) -> list[Problem]:
    """Everything that is wrong with the texts, by language and key.

    :param keys: every key the kiosk can show, with its values.
    """
    found = ((lang, _of_language(words, languages.of(lang), keys)) for lang in words.langs)
    return [Problem(lang, key, what) for lang, problems in found for key, what in problems]


def _of_language(words: Words, language: Language, keys: Mapping[str, Kinds]) -> Iterator[tuple[str, str]]:
    lang = language.code
    settings = words.pack(lang).settings.get("silent", ())
    silent = tuple(str(prefix) for prefix in settings) if isinstance(settings, list | tuple) else ()
    for key in sorted(words.keys(lang) - keys.keys()):
        yield key, "no screen shows this text"
    for key, kinds in keys.items():
        if key not in words.keys(lang):
            yield key, "has no text"
            continue
        prompt = words.prompt(lang, key)
        for what in (*_claim(prompt), *_slots(key, prompt, kinds, spoken=not key.startswith(silent))):
            yield key, what
        for what in (*lint_readings.screen(prompt.show.fill(lambda slot: "")), *_one_question(language, prompt)):
            yield key, what
        if key.startswith(silent):
            continue
        if prompt.say is None:
            yield key, "cannot be said"
            continue
        for what in _speech(words, language, key, kinds):
            yield key, what


def _speech(words: Words, language: Language, key: str, kinds: Kinds) -> Iterator[str]:
    lang = language.code
    prompt = words.prompt(lang, key)
    values = {name: _sample(words, lang, name, kind) for name, kind in kinds.items()}
    choices = [values] if prompt.show.required else [values, {}]
    try:
        filled = tuple(tuple(words.spoken(lang, key, choice)) for choice in choices)
    except (KeyError, Unreadable) as error:
        yield f"cannot be said with its values: {error}"
        return
    for choice, spoken in zip(choices, filled, strict=True):
        if len(words.clauses(lang, key, choice)) != len(spoken):
            yield "is shown in another number of clauses than it is said"
    case = Case(lang, key, kinds, prompt, filled)
    for rule in language.rules():
        yield from dict.fromkeys(rule(case))


def _sample(words: Words, lang: str, name: str, kind: str) -> Plain:
    """A value of this kind, rather long."""
    if name in OPEN_TEXTS:
        return Plain("place", "翔安")
    if kind != "key":
        return _SAMPLES.get(kind, Plain("text", "某"))
    named = [key for key in words.keys(lang) if key.startswith(f"{name}.") and not key.endswith(".plain")]
    fitting = [key for key in named if not words.prompt(lang, key).show.slots]
    return Plain("key", max(fitting, key=lambda key: (len(words.show(lang, key, {})), key), default=ANY_KEY))


def _claim(prompt: Prompt) -> Iterator[str]:
    """Who wrote a text does not confirm it."""
    if prompt.status == "machine":
        return
    if not prompt.reviewer:
        yield f"is said to be {prompt.status}, but by whom"
    elif prompt.reviewer == prompt.author:
        yield f"is {prompt.status} by its own author"


def _one_question(language: Language, prompt: Prompt) -> Iterator[str]:
    asked = language.questions(prompt.script.fill(lambda slot: ""))
    if len(asked) > 1:
        yield f"asks {len(asked)} things: {' / '.join(asked)}"


def _slots(key: str, prompt: Prompt, kinds: Kinds, spoken: bool) -> Iterator[str]:
    shown = {slot.name for slot in prompt.show.slots}
    for name in sorted(shown ^ set(kinds)):
        yield f"does not show {{{name}}}" if name in kinds else f"shows {{{name}}}, which nobody gives"
    if not spoken or prompt.say is None:
        return
    said = {slot.name for slot in prompt.say.slots}
    for name in sorted(said | shown):
        kind = kinds.get(name)
        private = (kind in PRIVATE_KINDS and name not in OPEN_TEXTS) or (kind == "digits" and name not in OPEN_DIGITS)
        private = (private or key.startswith(PRIVATE_TEXTS)) and not key.startswith(ONLY_IN_THE_EAR)
        if key in OWN_WORDS:
            continue  # said where the voice has readings for it, shown in any case
        if private and name in said:
            yield f"says {{{name}}} aloud, which is private"
        elif not private and name not in said:
            yield f"does not say {{{name}}}"
