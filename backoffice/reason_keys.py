"""The text keys that the server may send, with the kind of each value: `config/schema/reason_keys.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable

from backoffice.domain.facts import DERIVED_KINDS
from backoffice.domain.item import Release
from backoffice.domain.rules import Rule
from backoffice.domain.text import FIXED_KEYS

Keys = dict[str, dict[str, str]]


def reason_keys(release: Release) -> Keys:
    """Key -> name of each value -> its kind. A notice always has a general next step, `next.<item>.notice`."""
    keys: Keys = {key: dict(args) for key, args in FIXED_KEYS.items()}
    for item in release.items.values():
        if item.ruling is None:
            continue
        keys[f"next.{item.item_id}.notice"] = {}
        keys.update(_of_rules(item.rules))
    return dict(sorted(keys.items()))


def _of_rules(rules: Iterable[Rule]) -> Keys:
    keys: Keys = {}
    for rule in rules:
        keys[rule.failed] = {name: DERIVED_KINDS[source] for name, source in rule.failed_args.items()}
        keys[rule.unknown] = {}
        keys[rule.next_step] = {name: DERIVED_KINDS[source] for name, source in rule.next_args.items()}
    return keys


def to_json(keys: Keys) -> str:
    return json.dumps(keys, ensure_ascii=False, indent=1) + "\n"
