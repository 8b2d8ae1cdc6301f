"""What each look-up is asked and what it must answer; anything else is garbage and worth as much as silence.

The table is `registers.toml`: the district's 31 kinds of shared data and two of ours, one adapter contract for all. An
answer is `{"subject", "age_hours", "found", …}`: about whom, how old, and the fields of the table. An answer about
another subject than the one asked about is garbage too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from backoffice.gateways.kinds import Value, rows_of, scalar

Values = dict[str, Value]
_MAX_AGE_HOURS = 24 * 366 * 200
_ENVELOPE = frozenset(("subject", "age_hours", "found"))


class Garbage(ValueError):
    """An answer of the wrong form; the message names the field, never its value."""


class Stale(ValueError):
    """An answer that is older than this register's answers may be."""


class Needs(StrEnum):
    NOTHING = ""
    CONSENT = "consent"
    STATUTE = "statute"


@dataclass(frozen=True, slots=True)
class Spec:
    """One register: what it is asked, what it answers, and how patiently."""

    code: str
    owner: str
    title: str
    asks: tuple[str, ...]
    needs: Needs
    timeout_s: float
    retries: int
    fresh_hours: int
    feeds: tuple[str, ...]
    answers: Mapping[str, Callable[[object], Value]]
    optional: frozenset[str]
    """Answer fields that may be missing."""
    kept: bool = False
    """Its answers are about nobody: the last one may be told again, with its date, while it is silent."""

    @property
    def subject(self) -> str:
        """The question field that the answer must repeat."""
        return "number" if "number" in self.asks else self.asks[0]


def _reader(kind: str | Mapping[str, str]) -> Callable[[object], Value]:
    return scalar(kind.removesuffix("?")) if isinstance(kind, str) else rows_of(kind)


def _may_be_missing(name: str, kind: str | Mapping[str, str]) -> bool:
    return name.endswith("?") or (isinstance(kind, str) and kind.endswith("?"))


def _spec(code: str, row: Mapping[str, object], answers: Mapping[str, str | Mapping[str, str]]) -> Spec:
    asks, feeds = row["asks"], row["feeds"]
    if not isinstance(asks, list) or not asks or not isinstance(feeds, list):
        raise ValueError(f"{code}: asks and feeds are lists, and something must be asked")
    kept = row.get("kept", False)
    if not isinstance(kept, bool) or (kept and {"name", "number"} & {*asks}):
        raise ValueError(f"{code}: what is said of a person is not kept")
    return Spec(
        code=code,
        owner=str(row["owner"]),
        title=str(row["title"]),
        asks=tuple(map(str, asks)),
        needs=Needs(str(row["needs"])),
        timeout_s=float(str(row["timeout_s"])),
        retries=int(str(row["retries"])),
        fresh_hours=int(str(row["fresh_hours"])),
        feeds=tuple(map(str, feeds)),
        answers={name.removesuffix("?"): _reader(kind) for name, kind in answers.items()},
        optional=frozenset(name.removesuffix("?") for name, kind in answers.items() if _may_be_missing(name, kind)),
        kept=kept,
    )


def read_specs(path: Path) -> dict[str, Spec]:
    """The table of registers. :raises ValueError: a row that says something unknown, with its code."""
    specs: dict[str, Spec] = {}
    for code, row in tomllib.loads(path.read_text(encoding="utf-8")).items():
        try:
            specs[code] = _spec(code, row, row["answers"])
        except (KeyError, TypeError, AttributeError) as cause:
            raise ValueError(f"{path.name}: {code}: {cause!r}") from cause
    return specs


SPECS = read_specs(Path(__file__).with_name("registers.toml"))


def read_answer(lookup: str, data: object, subject: str) -> Values | None:
    """The checked values, or None when the register has no such entry.

    :param subject: the number, code or account that was asked about.
    :raises Garbage: any other form, a field too many, another subject.
    :raises Stale: older than the table allows.
    """
    spec = SPECS[lookup]
    if not isinstance(data, dict) or not isinstance(data.get("found"), bool):
        raise Garbage(f"{lookup}: no found flag")
    if data.get("subject") != subject:
        raise Garbage(f"{lookup}: subject")
    _check_age(spec, data.get("age_hours"))
    fields = {name: value for name, value in data.items() if name not in _ENVELOPE}
    if not data["found"]:
        if fields:
            raise Garbage(f"{lookup}: an entry that is not there has fields")
        return None
    if not fields.keys() <= spec.answers.keys():
        raise Garbage(f"{lookup}: a field that was not agreed")
    return _values(spec, fields)


def _check_age(spec: Spec, age: object) -> None:
    if not isinstance(age, int) or isinstance(age, bool) or not 0 <= age <= _MAX_AGE_HOURS:
        raise Garbage(f"{spec.code}: age_hours")
    if age > spec.fresh_hours:
        raise Stale(f"{spec.code}: older than {spec.fresh_hours} h")


def _values(spec: Spec, fields: Mapping[str, object]) -> Values:
    values: Values = {}
    for name, read in spec.answers.items():
        if name not in fields and name in spec.optional:
            continue
        try:
            values[name] = read(fields[name])
        except (KeyError, ValueError):
            # Not chained: the cause could carry what stood there.
            raise Garbage(f"{spec.code}: {name}") from None
    return values
