"""What Mandarin texts must be, beside what every text must."""

from __future__ import annotations

import re
from collections.abc import Iterator

from voices.lint_rules import CHINESE, HAN, PAUSES, Case, Rule, literal
from voices.template import CLAUSE

MOST_UNBROKEN = 13
"""Characters without a breath."""
FEWEST_HAN = 3
"""A Mandarin prompt shorter than this is a word by itself: nobody recognises it without a sentence around it."""
MISREAD = ("会儿", "重做", "种田", "种粮", "种了", "没收入", "没调", "包地", "急难")
"""Words that the Mandarin engine reads in another of their readings: written otherwise in `say`."""
ASKS = re.compile(r"哪|谁|什么|怎么|多少|几|多[久宽高远]|吗|呢$|有没有|了没有$|(.)不\1")
"""What makes a clause a question."""


def _word(case: Case) -> Iterator[str]:
    for spoken in case.filled:
        if sum(len(HAN.findall(clause.reading.script)) for clause in spoken) < FEWEST_HAN:
            yield "is a word by itself"


def _breath(case: Case) -> Iterator[str]:
    for part in re.split(rf"[{re.escape(PAUSES + CLAUSE)}]", literal(case, word="", value="")):
        if len(HAN.findall(part)) > MOST_UNBROKEN:
            yield f"needs a comma: {part}"


def _readings(case: Case) -> Iterator[str]:
    for word in MISREAD:
        if any(word in clause.reading.script for spoken in case.filled for clause in spoken):
            yield f"is read wrongly by the engine: {word}"


RULES: tuple[Rule, ...] = (*CHINESE, _word, _breath, _readings)
