"""What Minnan texts must be, beside what every text must."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from voices import lint_readings
from voices.lint_rules import BARE_VALUES, CHINESE, HAN, PAUSES, Case, Rule, literal
from voices.pipeline import tailo

MOST_UNBROKEN = 9
"""Syllables of one tone group without a breath."""
MANDARIN_ONLY = ("不", "没", "吗", "什么", "怎么", "这里", "那里", "现在", "今天", "孩子", "房子", "把", "给")
"""Words that no villager says in Minnan; 差不多 is one of theirs."""
ASKS = re.compile(r"佗|啥|按怎|偌|几|[无未]$|敢|(.)毋\1")
"""What makes a clause a question; a last 无 or 未 asks."""


def _word(case: Case) -> Iterator[str]:
    alone = len(re.split(r"[ |‖]+", literal(case, word="x", value="x").strip())) == 1
    if alone and case.key not in BARE_VALUES:
        yield "is a word by itself"


def _syllables(case: Case) -> Iterator[str]:
    for spoken in case.filled:
        for clause in spoken:
            script, sound = clause.reading.script, clause.reading.sound
            try:
                groups = tailo.groups(sound)
            except tailo.TailoError as error:
                yield str(error)
                continue
            if sum(map(len, groups)) != len(HAN.findall(script)):
                yield f"has not one syllable for each character: {script} / {sound}"
                continue
            yield from _groups(script, groups)


def _groups(script: str, groups: tuple[tailo.Group, ...]) -> Iterator[str]:
    """Where the text pauses, a tone group ends; and no group is longer than a breath."""
    ends = {sum(map(len, groups[: at + 1])) for at in range(len(groups))}
    for at, (this, following) in enumerate(pairwise(script)):
        if following in PAUSES and HAN.match(this) and len(HAN.findall(script[: at + 1])) not in ends:
            yield f"does not end a tone group before the pause after {this}: {script}"
    for group in groups:
        if len(group) > MOST_UNBROKEN:
            yield f"has {len(group)} syllables in a tone group, at most {MOST_UNBROKEN}: {script}"


def _words(case: Case) -> Iterator[str]:
    script = "".join(clause.reading.script for spoken in case.filled for clause in spoken).replace("差不多", "")
    for word in MANDARIN_ONLY:
        if word in script:
            yield f"is Mandarin: {word}"


def _base(case: Case) -> Iterator[str]:
    """Every reading is of the base convention, values included, and every word means what it should."""
    for spoken in case.filled:
        for clause in spoken:
            yield from lint_readings.readings(clause.reading.script, clause.reading.sound)
            yield from lint_readings.words(clause.reading.script)


RULES: tuple[Rule, ...] = (*CHINESE, _word, _syllables, _words, _base)
