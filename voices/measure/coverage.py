"""Is every text there, and does the voice speak every syllable of it as one toned syllable, none spelled out?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from voices import languages
from voices.languages import Voice
from voices.measure import keys
from voices.measure.gate import Bench, Gate
from voices.prompts import Words, load_words
from voices.reading import Reading, Unreadable
from voices.texts import STATUSES
from voices.worker.espeak import Espeak

_ONE = re.compile(r"[^'()]*'[^'()]+")
"""The engine's phonemes of one stressed syllable; a letter that is spelled out brings brackets or more stresses."""
_END = "_|"


@dataclass(slots=True)
class Coverage:
    """One language. `unspoken` keys have a text and no reading; `unreadable` ones fail with the values they get."""

    lang: str
    texts: int = 0
    missing: list[str] = field(default_factory=list)
    silent: int = 0
    spoken: int = 0
    unspoken: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    clauses: int = 0
    statuses: Counter[str] = field(default_factory=Counter)


def count(words: Words, lang: str, known: keys.Keys) -> Coverage:
    """:param known: every key that a screen can show."""
    found = Coverage(lang, texts=len(words.keys(lang)), missing=sorted(known.keys() - words.keys(lang)))
    given = words.pack(lang).settings.get("silent", ())
    silent = tuple(str(prefix) for prefix in given) if isinstance(given, list | tuple) else ()
    found.statuses.update(dict.fromkeys(STATUSES, 0))
    for key in sorted(known.keys() & words.keys(lang)):
        prompt = words.prompt(lang, key)
        if key.startswith(silent):
            found.silent += 1
        elif prompt.say is None:
            found.unspoken.append(key)
        else:
            found.spoken += 1
            found.statuses[prompt.status] += 1
    for item in keys.spoken(words, lang, known):
        try:
            found.clauses += len(words.spoken(lang, item.key, item.args))
        except (Unreadable, KeyError) as error:
            found.unreadable[item.key] = str(error)
    return found


def syllables(words: Words, voice: Voice, known: keys.Keys) -> dict[str, str]:
    """Every surface syllable that the texts or the word list can bring -> where it came from first."""
    found: dict[str, str] = {}
    language, lang = voice.language, voice.language.code
    for item in keys.spoken(words, lang, known):
        for clause in words.spoken(lang, item.key, item.args):
            for text in language.surface(clause.reading, voice.accent).split():
                found.setdefault(text, item.key)
    for row in language.listed():
        for reading in (row.reading, Reading("", row.reading.sound)):
            for text in language.surface(reading, voice.accent).split():
                found.setdefault(text, f"lexicon {row.reading.script}")
    return found


def misspoken(phonemes: Callable[[str], str], texts: Mapping[str, str]) -> dict[str, str]:
    """Syllables that do not come out as one syllable with the tone that was asked for -> the engine's phonemes."""
    wrong: dict[str, str] = {}
    for text, source in texts.items():
        sounds = phonemes(text).strip().removesuffix(_END)
        if not _ONE.fullmatch(sounds) or re.findall(r"[0-9]", sounds) != [text[-1]]:
            wrong[text] = f"{sounds} ({source})"
    return wrong


def alike(phonemes: Callable[[str], str], texts: Mapping[str, str]) -> dict[str, list[str]]:
    """Phonemes -> syllables of different letters that sound the same: their difference is lost."""
    sounds: dict[str, set[str]] = {}
    for text in texts:
        sounds.setdefault(phonemes(text[:-1] + "1"), set()).add(text[:-1])
    return {sound: sorted(letters) for sound, letters in sounds.items() if len(letters) > 1}


def gates(bench: Bench) -> list[Gate]:
    words, known = load_words(), keys.load()
    found = [judge(count(words, lang, known)) for lang in languages.codes()]
    engine = Espeak(bench.data)
    for voice in (each for each in languages.every_voice() if each.accent):
        engine.set_voice(voice.engine)
        texts = syllables(words, voice, known)
        found += judge_syllables(voice.accent, texts, misspoken(engine.phonemes, texts), alike(engine.phonemes, texts))
    return found


def judge(found: Coverage) -> Gate:
    gaps = [*found.missing, *found.unspoken, *found.unreadable]
    statuses = ", ".join(f"{found.statuses[status]} {status}" for status in STATUSES)
    return Gate(
        f"coverage {found.lang}",
        "every text of a screen can be said",
        f"{found.spoken - len(found.unreadable)} of {found.spoken + len(found.missing) + len(found.unspoken)} texts, "
        f"{found.clauses} clauses; {statuses}",
        not gaps,
        {"missing": found.missing, "unspoken": found.unspoken, "unreadable": found.unreadable, "silent": found.silent},
    )


def judge_syllables(
    name: str, texts: Mapping[str, str], wrong: Mapping[str, str], same: Mapping[str, list[str]]
) -> list[Gate]:
    return [
        Gate(
            f"coverage {name}: syllables",
            "100 % one syllable, one tone",
            f"{len(texts) - len(wrong)} of {len(texts)}",
            not wrong,
            {"wrong": dict(wrong)},
        ),
        Gate(
            f"coverage {name}: told apart",
            "no two spellings with one sound",
            f"{len(same)} sounds shared",
            not same,
            {"alike": dict(same)},
        ),
    ]


def clauses_of(words: Words, lang: str, known: keys.Keys) -> list[int]:
    """How long each spoken clause is, in characters, which are syllables."""
    return [
        len(languages.of(lang).letter.findall(clause.reading.script))
        for item in keys.spoken(words, lang, known)
        for clause in words.spoken(lang, item.key, item.args)
    ]
