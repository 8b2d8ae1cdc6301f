"""What rules found, as a letter says it: reason, by which law, and what to do; the words are `words_rules.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from backoffice.documents.words import value_text, words
from backoffice.domain.items.item import Item
from backoffice.domain.text import Line

_FILE = Path(__file__).with_name("words_rules.toml")
_MAYBE = re.compile(r"\[([^\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")


@lru_cache(maxsize=1)
def rule_words() -> Mapping[str, Mapping[str, str]]:
    """By part: reason, next, basis."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def reason_text(item: Item, reason: Line) -> tuple[str, str]:
    """One reason and its legal basis. :raises KeyError: a reason without words."""
    return _said("reason", reason), str(words()["rules"]["basis"]).format(basis=basis_of(item, reason.key))


def basis_of(item: Item, key: str) -> str:
    """Of every rule that says this; of a reason that is no rule's, what the table names.

    :raises KeyError: neither has one.
    """
    bases = dict.fromkeys(rule.legal_basis for rule in item.rules if key in (rule.failed, rule.unknown))
    return "; ".join(bases) or rule_words()["basis"][key]


def next_text(following: Line) -> str:
    """What to do. :raises KeyError: a step without words."""
    return _said("next", following)


def _said(part: str, line: Line) -> str:
    known = {name: value_text(arg) for name, arg in line.args.items()}

    def if_known(found: re.Match[str]) -> str:
        return found[1] if set(_SLOT.findall(found[1])) <= known.keys() else ""

    return _MAYBE.sub(if_known, rule_words()[part][line.key]).format(**known)
