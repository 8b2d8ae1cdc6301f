"""What every text must be before anybody hears it: complete, short, pausing, speakable, and nothing private.

`problems(words, keys)` is for `python -m voices check` and the tests. Nothing of it runs while the kiosk speaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from voices import lint_questions, lint_readings
from voices.pipeline import tailo
from voices.prompts import LANGS, Plain, Prompt, Spoken, Words
from voices.reading import Unreadable
from voices.template import CLAUSE

MOST_HAN, MOST_CLAUSES = 18, 3
"""A clause's characters and a prompt's clauses: what an old listener keeps in mind."""
MOST_UNBROKEN = {"cmn": 13, "nan": 9}
"""Characters without a breath; in Minnan syllables of one tone group."""
FEWEST_HAN = 3
"""A Mandarin prompt shorter than this is a word by itself: nobody recognises it without a sentence around it."""
PRIVATE_KINDS = frozenset({"name", "money", "text", "place", "phone"})
OPEN_DIGITS = frozenset({"ticket", "key_year"})
"""Digits that may be heard by everybody: the number one is called by, and a year on a key."""
OPEN_TEXTS = frozenset({"entry", "desk_phone"})
"""Names that may be heard by everybody: an entry of a public list, the telephone of an office."""
OWN_WORDS = frozenset({"aid.own"})
"""What somebody has typed in order to have it said: the screen that holds it says nothing else (Privacy.ASKED)."""
BARE_VALUES = frozenset({"ear.fact.value", "ask.entry", "pad.sign"})
"""A value by itself, so that another voice can say it; a name or a question is said before it."""
PRIVATE_TEXTS = "row."
"""Rows of a register's answer: whatever their values are, they are about one person, and shown to that person alone."""
ONLY_IN_THE_EAR = ("ear.fact", "figure.")
"""Texts that the kiosk never sends but as private: the loudspeaker does not get them."""
OFFICE_WORDS = ("请勿", "禁止", "必须", "不得", "错误", "失败", "非法", "无效", "异常", "超时", "系统", "操作", "你")
MANDARIN_ONLY = ("不", "没", "吗", "什么", "怎么", "这里", "那里", "现在", "今天", "孩子", "房子", "把", "给")
"""Words that no villager says in Minnan; 差不多 is one of theirs."""
MISREAD = ("会儿", "重做", "种田", "种粮", "种了", "没收入", "没调", "包地", "急难")
"""Words that the Mandarin engine reads in another of their readings: written otherwise in `say`."""

ANY_KEY = "item.XA032.name"
"""Stands for a text inside a text whose own kind has no words under its name."""

_HAN = re.compile(r"[㐀-鿿]")
_PAUSES = ",。?!、\uff0c\uff1f\uff01"
_SPEAKABLE = re.compile(rf"[㐀-鿿{re.escape(_PAUSES)} ]*")

Kinds = Mapping[str, str]
"""A prompt's values: name -> kind, as in `config/schema/prompt_keys.json`."""

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


@dataclass(frozen=True, slots=True)
class _Case:
    """One prompt under the lint; `filled` are its spoken clauses with long values and with none, where it may."""

    lang: str
    key: str
    kinds: Kinds
    prompt: Prompt
    filled: tuple[tuple[Spoken, ...], ...]


_Rule = Callable[[_Case], Iterator[str]]


def problems(words: Words, keys: Mapping[str, Kinds]) -> list[Problem]:
    """Everything that is wrong with the texts, by language and key.

    :param keys: every key the kiosk can show, with its values.
    """
    return [Problem(lang, key, what) for lang in LANGS for key, what in _of_language(words, lang, keys)]


def _of_language(words: Words, lang: str, keys: Mapping[str, Kinds]) -> Iterator[tuple[str, str]]:
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
        for what in (*lint_readings.screen(prompt.show.fill(lambda slot: "")), *_one_question(lang, prompt)):
            yield key, what
        if key.startswith(silent):
            continue
        if prompt.say is None:
            yield key, "cannot be said"
            continue
        for what in _speech(words, lang, key, kinds):
            yield key, what


def _speech(words: Words, lang: str, key: str, kinds: Kinds) -> Iterator[str]:
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
    case = _Case(lang, key, kinds, prompt, filled)
    for rule in (*_RULES, *(_MINNAN_RULES if lang == "nan" else _MANDARIN_RULES)):
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


def _one_question(lang: str, prompt: Prompt) -> Iterator[str]:
    asked = lint_questions.asked(lang, prompt.script.fill(lambda slot: ""))
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


def _clauses(case: _Case) -> Iterator[str]:
    for spoken in case.filled:
        if len(spoken) > MOST_CLAUSES:
            yield f"has {len(spoken)} clauses, at most {MOST_CLAUSES}"
        for clause in spoken:
            length = len(_HAN.findall(clause.reading.script))
            if length > MOST_HAN:
                yield f"has {length} characters in a clause, at most {MOST_HAN}: {clause.reading.script}"


def _speakable(case: _Case) -> Iterator[str]:
    """Digits, letters and symbols are read by the engine as it likes, or spelled."""
    for spoken in case.filled:
        for clause in spoken:
            if not _SPEAKABLE.fullmatch(clause.reading.script):
                yield f"holds signs that are no words: {clause.reading.script}"


def _company(case: _Case) -> Iterator[str]:
    """A number or a date by itself says nothing: some word stands in its clause."""
    for clause in _literal(case, word="", value="0").split(CLAUSE):
        if case.key not in BARE_VALUES and "0" in clause and not re.search(r"[㐀-鿿a-z]", clause):
            yield f"leaves a value without a word: {clause}"


def _tone_of_voice(case: _Case) -> Iterator[str]:
    for word in OFFICE_WORDS:
        if word in "".join(clause.reading.script for spoken in case.filled for clause in spoken):
            yield f"sounds like an office: {word}"


def _literal(case: _Case, word: str, value: str) -> str:
    """What is said, with `word` for every text inside the text and `value` for every other value."""
    assert case.prompt.say is not None
    return case.prompt.say.fill(lambda slot: word if case.kinds.get(slot.name) == "key" else value)


def _mandarin_word(case: _Case) -> Iterator[str]:
    for spoken in case.filled:
        if sum(len(_HAN.findall(clause.reading.script)) for clause in spoken) < FEWEST_HAN:
            yield "is a word by itself"


def _mandarin_breath(case: _Case) -> Iterator[str]:
    for part in re.split(rf"[{re.escape(_PAUSES + CLAUSE)}]", _literal(case, word="", value="")):
        if len(_HAN.findall(part)) > MOST_UNBROKEN["cmn"]:
            yield f"needs a comma: {part}"


def _mandarin_readings(case: _Case) -> Iterator[str]:
    for word in MISREAD:
        if any(word in clause.reading.script for spoken in case.filled for clause in spoken):
            yield f"is read wrongly by the engine: {word}"


def _minnan_word(case: _Case) -> Iterator[str]:
    alone = len(re.split(r"[ |‖]+", _literal(case, word="x", value="x").strip())) == 1
    if alone and case.key not in BARE_VALUES:
        yield "is a word by itself"


def _minnan_syllables(case: _Case) -> Iterator[str]:
    for spoken in case.filled:
        for clause in spoken:
            script, sound = clause.reading.script, clause.reading.sound
            try:
                groups = tailo.groups(sound)
            except tailo.TailoError as error:
                yield str(error)
                continue
            if sum(map(len, groups)) != len(_HAN.findall(script)):
                yield f"has not one syllable for each character: {script} / {sound}"
                continue
            yield from _minnan_groups(script, groups)


def _minnan_groups(script: str, groups: tuple[tailo.Group, ...]) -> Iterator[str]:
    """Where the text pauses, a tone group ends; and no group is longer than a breath."""
    ends = {sum(map(len, groups[: at + 1])) for at in range(len(groups))}
    for at, (this, following) in enumerate(pairwise(script)):
        if following in _PAUSES and _HAN.match(this) and len(_HAN.findall(script[: at + 1])) not in ends:
            yield f"does not end a tone group before the pause after {this}: {script}"
    for group in groups:
        if len(group) > MOST_UNBROKEN["nan"]:
            yield f"has {len(group)} syllables in a tone group, at most {MOST_UNBROKEN['nan']}: {script}"


def _minnan_words(case: _Case) -> Iterator[str]:
    script = "".join(clause.reading.script for spoken in case.filled for clause in spoken).replace("差不多", "")
    for word in MANDARIN_ONLY:
        if word in script:
            yield f"is Mandarin: {word}"


def _minnan_base(case: _Case) -> Iterator[str]:
    """Every reading is of the base convention, values included, and every word means what it should."""
    for spoken in case.filled:
        for clause in spoken:
            yield from lint_readings.readings(clause.reading.script, clause.reading.sound)
            yield from lint_readings.words(clause.reading.script)


_RULES: tuple[_Rule, ...] = (_clauses, _speakable, _company, _tone_of_voice)
_MANDARIN_RULES: tuple[_Rule, ...] = (_mandarin_word, _mandarin_breath, _mandarin_readings)
_MINNAN_RULES: tuple[_Rule, ...] = (_minnan_word, _minnan_syllables, _minnan_words, _minnan_base)
