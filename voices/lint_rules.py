"""Rules that languages in Han characters share; each takes from here what it wants (`voices/<lang>/lint.py`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from voices.prompts import Prompt, Spoken
from voices.template import CLAUSE

MOST_HAN, MOST_CLAUSES = 18, 3
"""A clause's characters and a prompt's clauses: what an old listener keeps in mind."""
BARE_VALUES = frozenset({"ear.fact.value", "ask.entry", "pad.sign"})
"""A value by itself, so that another voice can say it; a name or a question that was said before it is its company."""
OFFICE_WORDS = ("请勿", "禁止", "必须", "不得", "错误", "失败", "非法", "无效", "异常", "超时", "系统", "操作", "你")

HAN = re.compile(r"[㐀-鿿]")
PAUSES = ",。?!、\uff0c\uff1f\uff01"
SPEAKABLE = re.compile(rf"[㐀-鿿{re.escape(PAUSES)} ]*")

Kinds = Mapping[str, str]
"""A prompt's values: name -> kind, as in `config/schema/prompt_keys.json`."""


@dataclass(frozen=True, slots=True)
class Case:
    """One prompt under the lint; `filled` are its spoken clauses with long values and with none, where it may."""

    lang: str
    key: str
    kinds: Kinds
    prompt: Prompt
    filled: tuple[tuple[Spoken, ...], ...]


Rule = Callable[[Case], Iterator[str]]


def clauses(case: Case) -> Iterator[str]:
    for spoken in case.filled:
        if len(spoken) > MOST_CLAUSES:
            yield f"has {len(spoken)} clauses, at most {MOST_CLAUSES}"
        for clause in spoken:
            length = len(HAN.findall(clause.reading.script))
            if length > MOST_HAN:
                yield f"has {length} characters in a clause, at most {MOST_HAN}: {clause.reading.script}"


def speakable(case: Case) -> Iterator[str]:
    """Digits, letters and symbols are read by the engine as it likes, or spelled."""
    for spoken in case.filled:
        for clause in spoken:
            if not SPEAKABLE.fullmatch(clause.reading.script):
                yield f"holds signs that are no words: {clause.reading.script}"


def company(case: Case) -> Iterator[str]:
    """A number or a date by itself says nothing: some word stands in its clause."""
    for clause in literal(case, word="", value="0").split(CLAUSE):
        if case.key not in BARE_VALUES and "0" in clause and not re.search(r"[㐀-鿿a-z]", clause):
            yield f"leaves a value without a word: {clause}"


def tone_of_voice(case: Case) -> Iterator[str]:
    for word in OFFICE_WORDS:
        if word in "".join(clause.reading.script for spoken in case.filled for clause in spoken):
            yield f"sounds like an office: {word}"


def literal(case: Case, word: str, value: str) -> str:
    """What is said, with `word` for every text inside the text and `value` for every other value."""
    assert case.prompt.say is not None
    return case.prompt.say.fill(lambda slot: word if case.kinds.get(slot.name) == "key" else value)


CHINESE: tuple[Rule, ...] = (clauses, speakable, company, tone_of_voice)
