"""Makes text fit for a support bundle: what is known to be harmless stays, everything else is hidden.

Names cannot be recognised, so nothing is searched for: only words of the program's own messages pass, codes of
faults, names of devices, short numbers and instants.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

HIDDEN = "<hidden>"
_LONG_NUMBER = re.compile(r"\d(?:[\s.-]?\d){5,}[\s-]?[Xx]?")
"""Also where it is written in groups: a citizen's number, a telephone, a card."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,6})?(?: ?[+-]\d\d:?\d\d|Z)?")
_CODE = re.compile(r"[A-Z]{3}-\d{3}")
_TOKEN = re.compile(r"[^\W_]+(?:_[^\W_]+)*|\s+|.", re.DOTALL)
_FIGURE_DIGITS = 4
_FIGURE_LIMIT = 10**8
"""Speeds, sizes and addresses are smaller; a telephone's number is greater."""
_PUNCTUATION = frozenset(".,:;()[]{}<>=+-*/%!?'\"_#|@&")
_SECRET_KEY = re.compile(r"key|pin|secret|password|token", re.IGNORECASE)
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")


class Redactor:
    """`vocabulary`: words that the program itself says, in any case."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._known = {word.casefold() for word in vocabulary}

    def line(self, text: str) -> str:
        """One line; what is hidden leaves a mark."""
        begin = _INSTANT.match(text)
        head = begin.group() if begin else ""
        rest = _LONG_NUMBER.sub(HIDDEN, text[len(head) :].replace(HIDDEN, ""))
        pieces = rest.split(HIDDEN)
        return head + HIDDEN.join(self._words(piece) for piece in pieces)

    def _words(self, text: str) -> str:
        out: list[str] = []
        at = 0
        while at < len(text):
            match = _CODE.match(text, at) or _TOKEN.match(text, at)
            assert match is not None, "any character is a token"
            shown = match.group() if self._passes(match.group()) else HIDDEN
            if not (shown == HIDDEN and out and out[-1] == HIDDEN):
                out.append(shown)
            at = match.end()
        return "".join(out)

    def _passes(self, token: str) -> bool:
        if token.isspace() or token in _PUNCTUATION or _CODE.fullmatch(token):
            return True
        if token.isascii() and token.isdigit():
            return len(token) <= _FIGURE_DIGITS
        return token.casefold() in self._known


def settings(tables: Mapping[str, object], keep: Callable[[str, str], bool]) -> dict[str, object]:
    """Tables of a configuration file without keys, credentials and free text.

    :param keep: whether a text (table, key) is the terminal's own and public, e.g. its village's name.
    """
    return {name: _table(name, table, keep) for name, table in tables.items() if isinstance(table, Mapping)}


def _table(name: str, table: Mapping[str, object], keep: Callable[[str, str], bool]) -> dict[str, object]:
    return {key: _value(name, key, value, keep) for key, value in table.items()}


def _value(name: str, key: str, value: object, keep: Callable[[str, str], bool]) -> object:
    if isinstance(value, bool | int | float):
        return value if abs(value) < _FIGURE_LIMIT else HIDDEN
    if isinstance(value, Mapping):
        return _table(name, value, keep)
    if isinstance(value, list):
        return [_value(name, key, item, keep) for item in value]
    if not isinstance(value, str) or _SECRET_KEY.search(key):
        return HIDDEN
    if keep(name, key):
        return value
    return setting(value)


def setting(value: str) -> str:
    """A text of the settings without credentials; hidden when it is no plain technical text."""
    bare = without_credentials(value)
    return bare if bare.isascii() and not _is_personal(bare) else HIDDEN


def without_credentials(value: str) -> str:
    """A camera's address may hold a name and a password."""
    return _CREDENTIALS.sub("", value)


def _is_personal(text: str) -> bool:
    """A citizen's number, or as many hex digits as only keys have."""
    return bool(re.search(r"\d{17}[\dXx]|[0-9A-Fa-f]{32,}", text))


def kept_selftests(rows: Mapping[str, Mapping[str, object]], redactor: Redactor) -> dict[str, dict[str, object]]:
    """The self-test log by its structure: names and codes, figures, instants; no sentence of it."""
    return {redactor.line(name): _selftest(row, redactor) for name, row in rows.items()}


def _selftest(row: Mapping[str, object], redactor: Redactor) -> dict[str, object]:
    measured, failed = row.get("measured"), row.get("failed")
    return {
        "model": redactor.line(str(row.get("model", ""))),
        "port": redactor.line(str(row.get("port", ""))),
        "result": redactor.line(str(row.get("result", ""))),
        "at": _instant(row.get("at")),
        "failed": [redactor.line(str(name)) for name in failed] if isinstance(failed, list) else [],
        "measured": [_figure(item, redactor) for item in measured] if isinstance(measured, list) else [],
    }


def _figure(item: object, redactor: Redactor) -> dict[str, object]:
    row = item if isinstance(item, Mapping) else {}
    value = row.get("value")
    texts = {key: redactor.line(str(row.get(key, ""))) for key in ("check", "result", "unit")}
    is_figure = isinstance(value, int | float) and abs(value) < _FIGURE_LIMIT
    return {**texts, "value": value if is_figure else None}


def _instant(text: object) -> str:
    try:
        return datetime.fromisoformat(str(text)).isoformat(timespec="seconds")
    except ValueError:
        return HIDDEN
