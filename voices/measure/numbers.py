"""Can two numbers be taken for each other? Every count, amount, date and time of day has a reading of its own.

In Minnan the surface of each accent is compared, as it is spoken, tone changes and lost codas included. That a reading
is the right one is another question, asked by listeners that do not know the grammar (tests of the grammars).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import cache

from voices import languages
from voices.languages import Voice
from voices.measure.gate import Bench, Gate
from voices.reading import Reading, Unreadable

_FAST_STEP = 97
"""In the quick run only every so many values are read; a prime, so that all endings come up."""
_FIRST_DAY = date(2024, 1, 1)
_DAYS = 366 * 10

Said = Callable[[Reading], str]
_MOST_NAMED = 20


def values() -> Mapping[str, Iterable[str]]:
    """Kind -> its values; counts up to 99,999 and the round ones above, amounts up to 999.99 yuan."""
    counts = [*range(100_000), *(digit * 10**place for place in range(5, 11) for digit in range(1, 100))]
    return {
        "count": map(str, dict.fromkeys(counts)),
        "money": map(str, range(100_000)),
        "date": ((_FIRST_DAY + timedelta(days)).isoformat() for days in range(_DAYS)),
        "time": (f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in range(60)),
        "digits": (f"{n:04d}" for n in range(10_000)),
    }


def gates(bench: Bench) -> list[Gate]:
    step = _FAST_STEP if bench.fast else 1
    return [_gate(voice.label, voice.language.read, _said(voice), step) for voice in languages.every_voice()]


def _said(voice: Voice) -> Said:
    """Tone groups come again in many values and do not depend on each other: each is worked out once."""
    language = voice.language
    if not language.notation:
        return lambda reading: reading.sound

    @cache
    def group(script: str, sound: str) -> str:
        return language.surface(Reading(script, sound), voice.accent)

    def said(reading: Reading) -> str:
        found, at = [], 0
        for sound in reading.sound.split("|"):
            size = len(sound.replace("-", " ").split())
            found.append(group(reading.script[at : at + size], sound))
            at += size
        return " | ".join(found)

    return said


def _gate(voice: str, read: Callable[[str, str], Reading], said: Said, step: int) -> Gate:
    count = 0
    alike: list[str] = []
    unread: list[str] = []
    for kind, given in values().items():
        chosen = list(given)[::step]
        sounds = _sounds(read, said, kind, chosen)
        count += len(chosen)
        unread += [f"{kind} {value}" for value in chosen if value not in sounds]
        alike += pairs_alike(sounds)
    return judge(voice, count, alike, unread)


def _sounds(read: Callable[[str, str], Reading], said: Said, kind: str, chosen: Iterable[str]) -> dict[str, str]:
    """Value -> what is heard of it; without those that have no reading."""
    found = {}
    for value in chosen:
        with contextlib.suppress(Unreadable):
            found[value] = said(read(kind, value))
    return found


def pairs_alike(sounds: Mapping[str, str]) -> list[str]:
    """Values whose sound another one had before them."""
    known: dict[str, str] = {}
    found = []
    for value, sound in sounds.items():
        other = known.setdefault(sound, value)
        if other != value:
            found.append(f"{other} and {value}: {sound}")
    return found


def judge(voice: str, count: int, alike: list[str], unread: list[str]) -> Gate:
    return Gate(
        f"numbers {voice}",
        "no two values sound alike",
        f"{len(alike)} pairs alike, {len(unread)} unread of {count}",
        not alike and not unread,
        {"alike": alike[:_MOST_NAMED], "unread": unread[:_MOST_NAMED]},
    )
