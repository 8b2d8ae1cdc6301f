"""The text keys that the server may send, with the kind of each value: `config/schema/reason_keys.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from backoffice.domain.facts.derive import DERIVED_KINDS
from backoffice.domain.facts.entitlements import due_keys
from backoffice.domain.items.item import Item, Release
from backoffice.domain.rules import Rule
from backoffice.domain.text import FIXED_KEYS
from backoffice.queries.views import view_keys

Keys = dict[str, dict[str, str]]


def reason_keys(release: Release) -> Keys:
    """Key -> name of each value -> its kind; rules of several items share keys.

    :raises ValueError: two rules give one key different values.
    """
    keys: Keys = {key: dict(args) for key, args in FIXED_KEYS.items()} | view_keys() | due_keys()
    for item in release.items.values():
        if item.ruling is None:
            continue
        _add(keys, item.ruling.several, {})
        for key, args in _of_rules(item.rules):
            _add(keys, key, args)
    return dict(sorted(keys.items()))


def sayable(item: Item) -> frozenset[str]:
    """What this office may say about one item, as published in its version."""
    of_rules = {key for key, _ in _of_rules(item.rules)}
    return frozenset({*FIXED_KEYS, *view_keys(), *of_rules})


def _add(keys: Keys, key: str, args: dict[str, str]) -> None:
    if keys.setdefault(key, args) != args:
        raise ValueError(f"{key}: one text with different values")


def _of_rules(rules: Iterable[Rule]) -> Iterator[tuple[str, dict[str, str]]]:
    for rule in rules:
        yield rule.failed, {name: DERIVED_KINDS[source] for name, source in rule.failed_args.items()}
        yield rule.unknown, {}
        yield rule.next_step, {name: DERIVED_KINDS[source] for name, source in rule.next_args.items()}


def to_json(keys: Keys) -> str:
    return json.dumps(keys, ensure_ascii=False, indent=1) + "\n"
