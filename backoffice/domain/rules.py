"""Rules: one CEL expression each, answered in three values.

A rule sees only facts that somebody answered. An unanswered fact is *absent*, and CEL's `&&` and `||`
are Kleene's: the verdict is passed or failed only when the absent facts cannot change it. So a look-up
that timed out can never turn into "not eligible". Expressions that could tell an absent fact from a
present one (`has()`, optional values) would break that and are refused when a rule is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache

from backoffice.domain.cel_alone import without_command_line

with without_command_line():
    import cel

FactValue = bool | int | str
Facts = Mapping[str, FactValue]


class Verdict(StrEnum):
    PASSED = "passed"
    """过"""
    FAILED = "failed"
    """不过"""
    UNKNOWN = "unknown"
    """待核: a human decides."""


class OnFailure(StrEnum):
    """What a failed rule leads to; none of them is a refusal."""

    NOTICE = "notice"
    """The resident is told once what is missing."""
    HUMAN = "human"
    """Nothing is missing that the resident could bring: the ordinary procedure, in somebody's hands."""


class RuleError(ValueError):
    """A rule text that must not be released."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A released rule. Whoever wrote it (`author`) never released it (`signer`)."""

    rule_id: str
    item_id: str
    version: int
    cel: str
    legal_basis: str
    author: str
    signer: str
    effective_from: str
    """ISO 8601 date."""
    effective_to: str
    """ISO 8601 date, the first day on which it no longer holds; empty while it holds."""
    failed: str
    """Text key for the resident when it fails."""
    unknown: str
    """Text key when nobody could answer."""
    next_step: str
    """Text key: what to do when it fails."""
    failed_args: Mapping[str, str] = field(default_factory=dict)
    """Name of the text's value -> name of a derived value."""
    next_args: Mapping[str, str] = field(default_factory=dict)
    on_failure: OnFailure = OnFailure.NOTICE

    def in_force(self, on: date) -> bool:
        ends = date.fromisoformat(self.effective_to) if self.effective_to else date.max
        return date.fromisoformat(self.effective_from) <= on < ends


@dataclass(frozen=True, slots=True)
class Result:
    rule: Rule
    verdict: Verdict
    facts: Mapping[str, FactValue | None]
    """The facts that the expression names; None for one that nobody answered."""


_STRING = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")
_FORBIDDEN_TOKEN = re.compile(r"\b(?:has|optional|orValue|dyn|type)\b|\?\.|\[\?")
_METHODS = frozenset({"startsWith", "endsWith", "contains", "size"})
_METHOD = re.compile(r"\.\s*([A-Za-z_]\w*)\s*\(")
MOST_CHARACTERS = 2000
"""Without loops an expression costs no more than it is long; the released ones have about a hundred characters."""
_ALLOWED_CALLS = (
    frozenset(("!_", "_&&_", "_||_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_+_", "_-_", "_*_", "@in", "_?_:_"))
    | _METHODS
)
_PANIC = "PanicException"
"""The engine's own fault. It is no `Exception`, and its class has no home that could be imported."""


@lru_cache(maxsize=1024)
def compiled(expression: str) -> cel.Program:
    """Compile once.

    :raises RuleError: a syntax error, or a text that could see whether a fact is absent, or run for long.
    """
    if len(expression) > MOST_CHARACTERS:
        raise RuleError(f"longer than {MOST_CHARACTERS} characters")
    try:
        program = cel.compile(expression)
    except BaseException as cause:
        if not _is_the_engines(cause):
            raise
        raise RuleError(f"not a CEL expression: {cause}") from cause
    bare = _STRING.sub('""', expression)
    loops = sorted(set(_METHOD.findall(bare)) - _METHODS)
    if loops:
        raise RuleError(f"not allowed in a rule: {', '.join(loops)}; a rule has no loops")
    token = _FORBIDDEN_TOKEN.search(bare)
    if token:
        raise RuleError(f"{token.group()!r} would see whether a fact is absent")
    if re.search(r"[A-Za-z_)\]]\s*\.\s*[A-Za-z_]\w*(?!\w*\s*\()", bare):
        raise RuleError("facts are plain names: no field access")
    strange = set(program.functions()) - _ALLOWED_CALLS
    if strange:
        raise RuleError(f"not allowed in a rule: {', '.join(sorted(strange))}")
    return program


@lru_cache(maxsize=1024)
def facts_used(expression: str) -> tuple[str, ...]:
    """The fact names, from the compiled expression (never from a list kept beside it)."""
    return tuple(sorted(compiled(expression).variables()))


def check(rule: Rule) -> None:
    """:raises RuleError: the rule must not be released."""
    facts_used(rule.cel)
    if rule.author == rule.signer:
        raise RuleError(f"{rule.item_id}.{rule.rule_id}: who writes a rule does not release it")
    date.fromisoformat(rule.effective_from)


def run(rule: Rule, facts: Facts) -> Result:
    """One rule on the facts that were answered."""
    names = facts_used(rule.cel)
    seen = {name: facts[name] for name in names if name in facts}
    return Result(rule, _verdict(compiled(rule.cel), seen), {name: facts.get(name) for name in names})


def _verdict(program: cel.Program, facts: dict[str, FactValue]) -> Verdict:
    try:
        answer = program.execute(facts)
    except BaseException as cause:
        if not _is_the_engines(cause):
            raise
        # An absent fact that matters, a value of the wrong type or too large: nobody knows, so a human looks.
        return Verdict.UNKNOWN
    if answer is True:
        return Verdict.PASSED
    return Verdict.FAILED if answer is False else Verdict.UNKNOWN


def _is_the_engines(cause: BaseException) -> bool:
    """It comes from the expression or its facts, and not from who ends this program."""
    return isinstance(cause, Exception) or type(cause).__name__ == _PANIC
