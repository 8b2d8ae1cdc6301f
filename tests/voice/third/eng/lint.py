"""What English texts must be."""

from collections.abc import Iterator

from voices.lint_rules import Case, Rule

MOST_WORDS = 12


def _short(case: Case) -> Iterator[str]:
    for clause in (clause for spoken in case.filled for clause in spoken):
        words = len(clause.reading.script.split())
        if words > MOST_WORDS:
            yield f"has {words} words in a clause, at most {MOST_WORDS}"


RULES: tuple[Rule, ...] = (_short,)
