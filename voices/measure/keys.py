"""Which texts there are and with which values they are said: the kiosk's own list of keys, and a value of each kind."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from voices.prompts import Plain, Words

_LIST = Path("config") / "schema" / "prompt_keys.json"
_PLACES = (Path(__file__).resolve().parents[2], Path(sys.prefix) / "share" / "tshu-pinn")
"""A checkout, and where a wheel puts its shared files."""

_SAMPLES = {
    "date": "2026-12-15",
    "time": "08:30",
    "count": "12",
    "money": "10000",
    "digits": "6821",
    "name": "陈*金",
    "place": "后村",
    "phone": "0592-000-0000",
    "text": "农商银行",
}
_KEYS = {"category": "category.pension", "item": "item.XA032.name", "who": "who.village_clerk"}
_ANY = Plain("text", "某")

Keys = Mapping[str, Mapping[str, str]]
"""Text key -> names of its values -> their kinds."""


@dataclass(frozen=True, slots=True)
class Item:
    """A text with values that it can be said with."""

    key: str
    args: Mapping[str, Plain]

    def command(self) -> dict[str, object]:
        """As the speech pipe takes it."""
        args = {name: {"kind": value.kind, "value": value.value} for name, value in self.args.items()}
        return {"key": self.key, "privacy": "public", "args": args}


def load(path: Path | None = None) -> Keys:
    """:raises FileNotFoundError: no such list; it is looked for in the checkout and beside an installed kiosk."""
    found = path or next((place / _LIST for place in _PLACES if (place / _LIST).is_file()), _PLACES[0] / _LIST)
    keys: Keys = json.loads(found.read_text(encoding="utf-8"))["keys"]
    return keys


def spoken(words: Words, lang: str, keys: Keys) -> Iterator[Item]:
    """Every text of the language that has a reading."""
    known = words.keys(lang)
    for key, kinds in keys.items():
        if key in known and words.prompt(lang, key).say is not None:
            yield Item(key, {name: sample(words, lang, name, kind) for name, kind in kinds.items()})


def sample(words: Words, lang: str, name: str, kind: str) -> Plain:
    """A value of this kind; for a text within a text the one that stands first under the value's name."""
    if kind != "key":
        return Plain(kind, _SAMPLES[kind]) if kind in _SAMPLES else _ANY
    known = words.keys(lang)
    chosen = _KEYS.get(name, "")
    if chosen not in known:
        chosen = _first_under(name, known)
    return Plain("key", chosen)


@lru_cache(maxsize=256)
def _first_under(name: str, known: frozenset[str]) -> str:
    return min((key for key in known if key.startswith(f"{name}.")), default="item.XA032.name")
