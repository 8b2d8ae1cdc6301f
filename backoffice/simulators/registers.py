"""Everything the registers know, what they answer to a question, and how they are broken on command.

It shares no code with the gateway or the rules: a mistake there must not be repeated here.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backoffice.simulators.demo import read_demo

LOOKUPS = tuple(f"L{number:02d}" for number in range(1, 34))
MODES = ("timeout", "error", "garbage", "slow", "wrong_person", "stale")
_STALE_HOURS = 24 * 365 * 3
_SUBJECTS = {"L30": "meter_no", "L31": "payment_code", "L33": "area"}
_OF_FIRMS = ("L20", "L26", "L27", "L29")
"""What may be asked about a firm by its own code; everything else is about people."""
_MAX_DELAY_S = 3600.0
_KNOWN = f"{LOOKUPS[0]} to {LOOKUPS[-1]}"
_MOST_OPENINGS = 12
"""Of one answer: the newest."""


class BadLookupRequest(Exception):
    """What was sent is no question or no command; the message says what would be one."""


@dataclass(slots=True)
class Fault:
    mode: str
    left: int
    """Answers still to break; 0 = until cleared."""


@dataclass(slots=True)
class Registers:
    """Who lives where and owns what; filled by `fill`."""

    residents: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By document number."""
    accounts: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {"L30": {}, "L31": {}})
    """Bills and payments by their own codes."""
    openings: list[dict[str, Any]] = field(default_factory=list)
    """Work that is offered, the newest first."""
    operators: dict[str, str] = field(default_factory=dict)
    """Unified social credit code -> number of whoever runs the business."""
    faults: dict[str, Fault] = field(default_factory=dict)
    outages: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Look-up -> first and last moment (s, monotonic) without service."""
    latency_s: dict[str, float] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)
    monotonic: Callable[[], float] = time.monotonic

    def fill(self, records: Iterable[dict[str, Any]]) -> None:
        for record in records:
            self.residents[record["number"]] = record
            business = record["registers"].get("L20")
            if business:
                self.operators[business["uscc"]] = record["number"]
            self.accounts["L30"].update(record.get("meters", {}))
            self.accounts["L31"].update(record.get("payments", {}))
            self.openings.extend(record.get("openings", ()))
        self.openings.sort(key=lambda opening: str(opening["posted_on"]), reverse=True)

    def answer(self, lookup: str, question: dict[str, str], fault: str = "") -> dict[str, Any]:
        subject = question.get(_SUBJECTS.get(lookup, "number"), "")
        if fault == "wrong_person":
            subject = self._neighbour(lookup, subject)
        entry = self._entry(lookup, subject, question)
        age_hours = _STALE_HOURS if fault == "stale" else 0
        return {"subject": subject, "age_hours": age_hours, "found": entry is not None, **(entry or {})}

    def _neighbour(self, lookup: str, subject: str) -> str:
        """Somebody else, whose entry comes instead."""
        known = self.accounts.get(lookup, self.residents)
        return next((other for other in known if other != subject), "nobody")

    def _entry(self, lookup: str, subject: str, question: dict[str, str]) -> dict[str, Any] | None:
        if lookup == "L33":
            return {"openings": self._openings(subject, question.get("work", ""))}
        if lookup in self.accounts:
            return self.accounts[lookup].get(subject)
        if subject in self.operators and lookup not in _OF_FIRMS:
            return None
        person = self.residents.get(self.operators.get(subject, subject))
        if person is None:
            return None
        entry = person["registers"].get("L16" if lookup == "L28" else lookup)
        special = _SPECIAL.get(lookup)
        return special(person, entry, question) if entry is not None and special else entry

    def _openings(self, area: str, work: str) -> list[dict[str, Any]]:
        found = [one for one in self.openings if one["division"].startswith(area) and one["work"] == work]
        return [{name: value for name, value in one.items() if name != "work"} for one in found[:_MOST_OPENINGS]]

    def set_fault(self, command: dict[str, Any]) -> None:
        mode, count = command.get("mode"), command.get("count", 1)
        if mode not in MODES or not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise BadLookupRequest(f"lookup {_KNOWN} or *, mode one of {' '.join(MODES)}, count >= 0")
        with self.lock:
            for code in _meant(command):
                self.faults[code] = Fault(str(mode), count)

    def set_latency(self, command: dict[str, Any]) -> None:
        """`{"lookup", "delay_s"}`: every answer comes that much later; 0 ends it."""
        delay_s = _seconds(command, "delay_s")
        with self.lock:
            self.latency_s.update(dict.fromkeys(_meant(command), delay_s))

    def set_outage(self, command: dict[str, Any]) -> None:
        """`{"lookup", "after_s", "for_s"}`: no service in that window, counted from now."""
        begins = self.monotonic() + _seconds(command, "after_s")
        window = (begins, begins + _seconds(command, "for_s"))
        with self.lock:
            self.outages.update(dict.fromkeys(_meant(command), window))

    def heal(self) -> None:
        with self.lock:
            for broken in (self.faults, self.outages, self.latency_s):
                broken.clear()

    def out_of_service(self, lookup: str) -> bool:
        with self.lock:
            begins, ends = self.outages.get(lookup, (0.0, 0.0))
        return begins <= self.monotonic() < ends

    def take_fault(self, lookup: str) -> str:
        """The fault that this answer must show, or nothing."""
        with self.lock:
            self.calls[lookup] += 1
            fault = self.faults.get(lookup)
            if fault is None:
                return ""
            if fault.left == 1:
                del self.faults[lookup]
            fault.left = max(0, fault.left - 1)
            return fault.mode


def _meant(command: dict[str, Any]) -> tuple[str, ...]:
    lookup = command.get("lookup")
    if lookup == "*":
        return LOOKUPS
    if not isinstance(lookup, str) or lookup not in LOOKUPS:
        raise BadLookupRequest(f"lookup: {_KNOWN}, or * for all")
    return (lookup,)


def _seconds(command: dict[str, Any], name: str) -> float:
    value = command.get(name, 0)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _MAX_DELAY_S:
        raise BadLookupRequest(f"{name}: seconds between 0 and {_MAX_DELAY_S:.0f}")
    return float(value)


_Special = Callable[[dict[str, Any], dict[str, Any], dict[str, str]], dict[str, Any] | None]


def _identity(person: dict[str, Any], entry: dict[str, Any], question: dict[str, str]) -> dict[str, Any]:
    return {"matches": person["name"] == question.get("name"), **entry}


def _face(person: dict[str, Any], entry: dict[str, Any], question: dict[str, str]) -> dict[str, Any]:
    asked = question.get("photo_ref", "")
    # A picture that was uploaded is named by its digest: whoever stands before this camera is taken for the person.
    same = asked == entry["photo_ref"] or re.fullmatch(r"[0-9a-f]{64}", asked) is not None
    return {"same": same, "live": True, "score": entry["score"] if same else 1000 - entry["score"]}


def _social_card(person: dict[str, Any], entry: dict[str, Any], question: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "account_matches"}


def _bank(person: dict[str, Any], entry: dict[str, Any], question: dict[str, str]) -> dict[str, Any]:
    same = question.get("account_ref") == entry["account_ref"] and question.get("name") == person["name"]
    return {"matches": same and entry["account_matches"] is True}


def _certificate(person: dict[str, Any], entry: dict[str, Any], question: dict[str, str]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = entry.get(question.get("certificate_type", ""))
    return found


_SPECIAL: dict[str, _Special] = {
    "L01": _identity,
    "L02": _face,
    "L16": _social_card,
    "L28": _bank,
    "L29": _certificate,
}


def read_records(path: Path) -> list[dict[str, Any]]:
    """Demo residents (`.toml`) or a population (JSON lines with a head).

    :raises OSError: no such file. :raises ValueError: not such a file; with the line.
    """
    if path.suffix == ".toml":
        return read_demo(path)
    with path.open(encoding="utf-8") as lines:
        next(lines, None)
        return [_read_line(path.name, line_no, line) for line_no, line in enumerate(lines, start=2)]


def _read_line(file: str, line_no: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as cause:
        raise ValueError(f"{file}, line {line_no}: not JSON") from cause
    if not isinstance(record, dict) or not isinstance(record.get("registers"), dict):
        raise ValueError(f"{file}, line {line_no}: not a resident")
    if not all(isinstance(record.get(name), str) for name in ("number", "name")):
        raise ValueError(f"{file}, line {line_no}: a resident without number or name")
    return record
