"""The files of texts, read and checked; `voices.prompts` makes prompts of what stands in them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from voices import template
from voices.language import Language

STATUSES = ("machine", "reviewed", "recorded")
_FIELDS = frozenset({"show", "han", "say", "status", "author", "reviewer"})


class Text(NamedTuple):
    """One text as it is written, everything inherited filled in; the fields are those of `prompts.Prompt`."""

    show: str
    script: str
    say: str | None
    status: str
    source: str
    author: str
    reviewer: str


Texts = Mapping[str, Text]
Settings = Mapping[str, Any]


def read_folder(language: Language, other: Texts | None = None) -> tuple[Settings, Texts]:
    """One language: its settings and the texts they name. `other`: whose shown texts stand where there are none.

    :raises ValueError: a text is malformed; the message names file and key.
    """
    folder, settings = language.folder, language.settings
    texts: dict[str, Text] = {}
    for name in settings["texts"]:
        for key, text in _read_file(language, folder / name, other):
            if key in texts:
                raise ValueError(f"{folder / name}: {key} stands twice")
            texts[key] = text
    for prefix in settings.get("taken", ()):
        assert other is not None
        texts.update({key: text for key, text in other.items() if key.startswith(prefix)})
    return settings, texts


def _read_file(language: Language, path: Path, other: Texts | None) -> Iterator[tuple[str, Text]]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    source, silent = f"{language.code}/{path.name}", tuple(language.settings["silent"])
    for key, entry in table["prompts"].items():
        try:
            inherited = other[key].show if other and key in other else None
            text = _text(language, _fields(entry, table), source, not key.startswith(silent), inherited)
            for written in {text.show, text.script, text.say or ""}:
                template.parse(written)
        except (ValueError, KeyError) as error:
            raise ValueError(f"{path}: {key}: {error}") from error
        yield key, text


def _fields(entry: str | Mapping[str, str], table: Mapping[str, str]) -> Mapping[str, str]:
    """The entry with what the whole file says of its texts."""
    fields = {"show": entry} if isinstance(entry, str) else dict(entry)
    if not fields.keys() <= _FIELDS:
        unknown = sorted(fields.keys() - _FIELDS)
        raise ValueError(f"unknown field {', '.join(unknown)}; a text has {', '.join(sorted(_FIELDS))}")
    for name in ("status", "author", "reviewer"):
        if name in table:
            fields.setdefault(name, table[name])
    if fields.get("status") not in STATUSES:
        raise ValueError(f"status is {fields.get('status')!r}, not one of {', '.join(STATUSES)}")
    return fields


def _text(language: Language, fields: Mapping[str, str], source: str, spoken: bool, inherited: str | None) -> Text:
    """`inherited`: what the other language shows; it is shown here, too, when the entry has no `show` of its own."""
    show = fields.get("show", inherited)
    if show is None:
        raise KeyError("show")
    # Without a notation of its own a language is said as it is shown.
    said = fields.get("say", None if language.notation else show)
    return Text(
        show,
        fields.get("han", show),
        said if spoken else None,
        fields["status"],
        source,
        fields.get("author", "machine"),
        fields.get("reviewer", ""),
    )
