"""The table of what queries show and certificates say, read and checked once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from backoffice.domain.rules import Facts, Rule, Verdict, facts_used, run
from backoffice.gateways.answers import SPECS

KINDS = {
    "text": "text",
    "name": "name",
    "digits": "digits",
    "count": "count",
    "money": "money",
    "date": "date",
    "place": "place",
    "word": "key",
    "flag": "key",
}
"""Kind in the table -> kind of the text's value; `month` has two values."""
FLAGS = {True: "word.yes", False: "word.no"}
_DIGITS_OF_AREA = {"village": 12, "town": 9, "district": 6, "city": 4, "any": 4}
"""How much of a division's code says how far (GB/T 10114 and GB/T 2260: village, town, district, city)."""


class ViewError(ValueError):
    """The table says something that cannot be; the message names the place."""


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    kind: str
    field: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an answer, or one for each entry of a list."""

    key: str
    register: str
    slots: tuple[Slot, ...]
    each: str = ""
    only: str = ""
    """The form's field whose answer, when there is one, an entry must have."""
    period: str = ""
    """The entry's date, month or year, for a question about months or a year."""
    inside: tuple[str, str] | None = None
    """The entry's division, and the form's field that says how far around the terminal."""
    when: Mapping[str, str] = field(default_factory=dict)
    """Field of the form -> the answer after which alone this is told."""
    none: str = ""
    """The line when there is no entry."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """One item's answer."""

    item_id: str
    rows: tuple[Row, ...]
    asks: tuple[str, ...]
    entry: tuple[str, ...]
    certifies: Rule | None
    details: Mapping[str, str]
    statement: bool
    asked: Mapping[str, str] = field(default_factory=dict)
    """Field of a question -> field of the form."""
    witness: bool = True
    """Whether a staff member who looks at her suffices where the register has not compared her face."""
    near: str = ""
    """The form's field that says how far from the terminal."""

    @property
    def registers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.asks, *(row.register for row in self.rows))))

    def details_for(self, form: Mapping[str, str], site: str) -> dict[str, str]:
        """The fields of a question beside the person. :param site: 12 digits, where the terminal stands."""
        found = {**self.details, **{name: form.get(key, "") for name, key in self.asked.items()}}
        if form.get(self.near):
            # A town's own site stands in no village.
            found["area"] = area_around(site, form[self.near])
        return found

    def certified(self, facts: Facts) -> Verdict:
        """Whether the registers say what the paper would say. Without a condition they do."""
        return Verdict.PASSED if self.certifies is None else run(self.certifies, facts).verdict


def area_around(site: str, how_far: str) -> str:
    """The first digits of every division that lies so near. :param site: 12 digits, where the terminal stands."""
    return site[: _DIGITS_OF_AREA[how_far]].removesuffix("000")


def read_views(path: Path) -> dict[str, View]:
    """:raises ViewError: an unknown register, field, kind or line. :raises RuleError: a condition that must not be."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    rows = {key: _row(key, data) for key, data in table["row"].items()}
    return {item_id: _view(item_id, data, rows) for item_id, data in table["item"].items()}


def _row(key: str, data: Mapping[str, Any]) -> Row:
    register, each = data["from"], data.get("each", "")
    if register not in SPECS:
        raise ViewError(f"{key}: no register {register}")
    slots = tuple(Slot(name, *text.split(" ")) for name, text in data["args"].items())
    words = {name: tuple(values) for name, values in data.get("words", {}).items()}
    none = f"{key}.none" if data.get("none", False) else ""
    for slot in slots:
        if slot.kind not in KINDS and slot.kind != "month":
            raise ViewError(f"{key}: no kind {slot.kind}")
        if (slot.kind == "word") != (slot.name in words):
            raise ViewError(f"{key}: words are listed for slots of that kind")
    needed = {each} if each else {slot.field for slot in slots}
    if not needed <= SPECS[register].answers.keys():
        raise ViewError(f"{key}: {register} does not answer {', '.join(sorted(needed))}")
    where, _, how_far = data.get("inside", "").partition(" ")
    return Row(
        key=key,
        register=register,
        slots=slots,
        each=each,
        only=data.get("only", ""),
        period=data.get("period", ""),
        inside=(where, how_far) if how_far else None,
        when=dict(data.get("when", {})),
        none=none,
        words=words,
    )


def _view(item_id: str, data: Mapping[str, Any], rows: Mapping[str, Row]) -> View:
    try:
        view = View(
            item_id=item_id,
            rows=tuple(rows[key] for key in data["rows"]),
            asks=tuple(data.get("asks", ())),
            entry=tuple(data.get("entry", ())),
            certifies=_rule(item_id, data["certifies"]) if "certifies" in data else None,
            details=dict(data.get("details", {})),
            statement=data.get("statement", False),
            asked=dict(data.get("asked", {})),
            near=data.get("near", ""),
            witness=data.get("witness", True),
        )
    except KeyError as cause:
        raise ViewError(f"{item_id}: {cause}") from cause
    if not set(view.entry) <= set(view.registers) <= SPECS.keys():
        raise ViewError(f"{item_id}: a register that is not asked")
    return view


def _rule(item_id: str, cel: str) -> Rule:
    # Compiled now: an expression that could see whether a fact is absent is refused here, not before a resident.
    facts_used(cel)
    return Rule(
        rule_id="certifies",
        item_id=item_id,
        version=1,
        cel=cel,
        legal_basis="",
        author="",
        signer="",
        effective_from=date.min.isoformat(),
        effective_to="",
        failed="reason.print.rule",
        unknown="reason.print.silent",
        next_step="next.print.window",
    )


VIEWS = read_views(Path(__file__).with_name("views.toml"))
OWN_CASES = "XA106"
"""The one query whose register is this office itself."""


_REGISTER = {"register": "key"}
_FIXED: dict[str, dict[str, str]] = {
    "row.case": {"number": "digits", "item": "text", "state": "key", "date": "date"},
    "row.case.more": {},
    "case.accepted": {},
    "case.decided": {},
    "query.as_of": {"date": "date", "time": "time"},
    "query.not_found": _REGISTER,
    "query.silent": _REGISTER,
    "query.stale": _REGISTER,
    "query.unlisted": _REGISTER,
    "next.query.later": {},
    "reason.no_consent": {},
    "reason.face_missing": {},
    "next.police": {},
    "next.no_consent": {},
    "reason.print.identity": {},
    "reason.print.not_found": _REGISTER,
    "reason.print.rule": {},
    "reason.print.silent": _REGISTER,
    "next.print.later": {},
    "next.print.window": {},
}
"""Of queries and prints in general."""


def view_keys(views: Mapping[str, View] | None = None) -> dict[str, dict[str, str]]:
    """Text key -> its values' kinds, of every line and word that an answer may have."""
    keys: dict[str, dict[str, str]] = {key: {} for key in FLAGS.values()} | _FIXED
    found = VIEWS if views is None else views
    for view in found.values():
        for register in view.registers:
            keys[f"register.{register}"] = {}
        for row in view.rows:
            keys[row.key] = _kinds(row)
            keys.update({row.none: {}} if row.none else {})
            keys.update({f"{row.key}.{word}": {} for words in row.words.values() for word in words})
    return keys


def _kinds(row: Row) -> dict[str, str]:
    kinds: dict[str, str] = {}
    for slot in row.slots:
        kinds |= {"year": "digits", "month": "count"} if slot.kind == "month" else {slot.name: KINDS[slot.kind]}
    return kinds
