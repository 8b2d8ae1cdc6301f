"""The payment side's books, on disk, and every way in which they can go wrong on command.

It shares no code with the gateway or with the payments here: a mistake there must not be repeated here.
"""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any

FAULTS = (
    "timeout_before",
    "timeout_after",
    "duplicate",
    "wrong_amount",
    "refuse",
    "late",
    "unbooked",
    "statement_missing",
    "statement_extra",
    "statement_amount",
)
"""`late`: the order is carried out only when `deliver` is told to, long after everybody has hung up."""
_OF_STATEMENT = frozenset(name for name in FAULTS if name.startswith("statement_"))
_WRONG_BY_FEN = 100
_SILENT = frozenset(("timeout_before", "timeout_after", "late"))
_DEBITS_AT_ONCE = ("code", "authority")


class PaymentRefused(Exception):
    """What was asked for cannot be: (HTTP status, what)."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status


class Silent(Exception):
    """The books may have changed; the asker gets no answer."""


class Ledger:
    """:param file: JSON lines, one a change, on the disk before it is answered; None keeps nothing."""

    def __init__(self, now: Callable[[], datetime], file: Path | None = None) -> None:
        self._now = now
        self._lock = threading.RLock()
        self._orders: dict[str, dict[str, Any]] = {}
        self._late: dict[str, dict[str, Any]] = {}
        self._faults: deque[str] = deque()
        self._txns = 0
        self._out: TextIOWrapper | None = None
        if file is not None:
            self._replay(file)
            self._out = file.open("a", encoding="utf-8")

    def close(self) -> None:
        if self._out is not None:
            self._out.close()

    def fault(self, kind: str, count: int = 1) -> None:
        """Break the next `count` orders (or statements) in that way."""
        if kind not in FAULTS or not 1 <= count <= 1000:
            raise PaymentRefused(400, f"kind: one of {' '.join(FAULTS)}; count 1 to 1000")
        with self._lock:
            self._faults.extend([kind] * count)

    def heal(self) -> None:
        with self._lock:
            self._faults.clear()

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """:raises PaymentRefused: 409 for the same reference with other content. :raises Silent:"""
        reference = str(body["reference"])
        with self._lock:
            known = self._orders.get(reference) or self._late.get(reference)
            if known is not None:
                if known["request"] not in (body, None):
                    raise PaymentRefused(409, "this reference was used with another content")
                return self.view(reference)
            fault = self._take(of_statement=False)
            if fault == "timeout_before":
                raise Silent
            if fault == "late":
                self._late[reference] = {"request": body}
                raise Silent
            self._carry_out(body, fault)
            if fault in _SILENT:
                raise Silent
            return self.view(reference)

    def view(self, reference: str) -> dict[str, Any]:
        with self._lock:
            order = self._orders.get(reference)
            if order is None:
                return {"reference": reference, "state": "none", "debits": [], "slip_code": ""}
            return {
                "reference": reference,
                "state": _state(order),
                "debits": [dict(debit) for debit in order["debits"]],
                "slip_code": order["slip_code"],
            }

    def void(self, reference: str) -> dict[str, Any]:
        with self._lock:
            order = self._orders.get(reference)
            if order is None:
                self._change({"op": "tombstone", "reference": reference})
            elif not order["debits"] and order["end"] == "":
                self._change({"op": "end", "reference": reference, "end": "voided"})
            return self.view(reference)

    def reverse(self, reference: str, txn: str) -> dict[str, Any]:
        """:raises PaymentRefused: 404 for a transaction that is not the order's."""
        with self._lock:
            order = self._orders.get(reference)
            debit = next((debit for debit in order["debits"] if debit["txn"] == txn), None) if order else None
            if debit is None:
                raise PaymentRefused(404, "no such transaction")
            if not debit["reversed"]:
                self._change({"op": "reversal", "reference": reference, "txn": txn, "at": self._moment()})
            return self.view(reference)

    def counter(self, slip_code: str) -> dict[str, Any]:
        """Somebody pays a slip at a bank counter. :raises PaymentRefused: no such open slip. :raises Silent:"""
        with self._lock:
            order = next((order for order in self._orders.values() if order["slip_code"] == slip_code != ""), None)
            if order is None or order["end"] or order["debits"]:
                raise PaymentRefused(404, "no open slip with this code")
            fault = self._take(of_statement=False)
            if fault == "refuse":
                raise PaymentRefused(402, "the counter could not take it")
            if fault != "timeout_before":
                self._debit(order["request"], fault)
            return self.view(order["request"]["reference"])

    def deliver(self) -> int:
        """Carry out what came late; how many. What was closed in the meantime stays closed."""
        with self._lock:
            late, self._late = self._late, {}
            for reference, entry in late.items():
                if reference not in self._orders:
                    self._carry_out(entry["request"], "")
            return len(late)

    def book(self, reference: str) -> None:
        """The biller enters at last what was taken."""
        with self._lock:
            if reference in self._orders:
                self._change({"op": "book", "reference": reference})

    def statement(self, day: str) -> dict[str, Any]:
        with self._lock:
            lines = [line for order in self._orders.values() for line in _lines(order) if line["at"][:10] == day]
            fault = self._take(of_statement=True)
        if fault == "statement_extra":
            lines.append({"txn": "X-0", "reference": "nobody", "kind": "debit", "amount_fen": 1, "at": self._moment()})
        elif fault == "statement_missing":
            lines = lines[1:]
        elif fault == "statement_amount" and lines:
            lines[0] = {**lines[0], "amount_fen": lines[0]["amount_fen"] + _WRONG_BY_FEN}
        return {"day": day, "lines": lines}

    def taken_fen(self) -> int:
        """All the money that has been taken and not given back."""
        with self._lock:
            debits = [debit for order in self._orders.values() for debit in order["debits"]]
        return sum(debit["amount_fen"] for debit in debits if not debit["reversed"])

    def _take(self, *, of_statement: bool) -> str:
        for index, kind in enumerate(self._faults):
            if (kind in _OF_STATEMENT) is of_statement:
                del self._faults[index]
                return kind
        return ""

    def _carry_out(self, body: dict[str, Any], fault: str) -> None:
        slip = body["way"] == "slip"
        code = _slip_code(len(self._orders) + 1) if slip else ""
        self._change({"op": "order", "request": body, "slip_code": code})
        if fault == "refuse":
            self._change({"op": "end", "reference": body["reference"], "end": "refused"})
        elif body["way"] in _DEBITS_AT_ONCE:
            self._debit(body, fault)

    def _debit(self, body: dict[str, Any], fault: str) -> None:
        reference, amount = body["reference"], body["amount_fen"]
        amount += _WRONG_BY_FEN if fault == "wrong_amount" else 0
        for _ in range(2 if fault == "duplicate" else 1):
            self._txns += 1
            txn = f"T{self._txns:012d}"
            self._change(
                {"op": "debit", "reference": reference, "txn": txn, "amount_fen": amount, "at": self._moment()}
            )
        if fault != "unbooked":
            self._change({"op": "book", "reference": reference})

    def _moment(self) -> str:
        return self._now().isoformat(timespec="milliseconds")

    def _change(self, change: dict[str, Any]) -> None:
        if self._out is not None:
            self._out.write(json.dumps(change, ensure_ascii=False) + "\n")
            self._out.flush()
            os.fsync(self._out.fileno())
        self._apply(change)

    def _apply(self, change: dict[str, Any]) -> None:
        op = change["op"]
        if op == "order":
            reference = change["request"]["reference"]
            self._orders[reference] = _order(change["request"], change["slip_code"], "")
        elif op == "tombstone":
            self._orders[change["reference"]] = _order(None, "", "voided")
        elif op == "end":
            self._orders[change["reference"]]["end"] = change["end"]
        elif op == "book":
            self._orders[change["reference"]]["booked"] = True
        elif op == "debit":
            entry = {name: change[name] for name in ("txn", "amount_fen", "at")}
            self._orders[change["reference"]]["debits"].append({**entry, "reversed": False})
        else:
            order = self._orders[change["reference"]]
            debit = next(debit for debit in order["debits"] if debit["txn"] == change["txn"])
            debit["reversed"] = True
            order["reversals"].append({"txn": change["txn"], "amount_fen": debit["amount_fen"], "at": change["at"]})

    def _replay(self, file: Path) -> None:
        """:raises ValueError: a line that is no change of these books."""
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        for number, line in enumerate(text.splitlines(), start=1):
            try:
                self._apply(json.loads(line))
            except (ValueError, KeyError, StopIteration) as cause:
                raise ValueError(f"{file}, line {number}: not an entry of these books") from cause
        self._txns = sum(len(order["debits"]) for order in self._orders.values())


def _order(request: dict[str, Any] | None, slip_code: str, end: str) -> dict[str, Any]:
    return {"request": request, "slip_code": slip_code, "end": end, "booked": False, "debits": [], "reversals": []}


def _state(order: dict[str, Any]) -> str:
    if any(not debit["reversed"] for debit in order["debits"]):
        return "booked" if order["booked"] else "debited"
    return order["end"] or ("voided" if order["debits"] else "waiting")


def _lines(order: dict[str, Any]) -> list[dict[str, Any]]:
    reference = order["request"]["reference"] if order["request"] else ""
    entries = [("debit", debit) for debit in order["debits"]]
    entries += [("reversal", reversal) for reversal in order["reversals"]]
    return [
        {
            "txn": entry["txn"],
            "reference": reference,
            "kind": kind,
            "amount_fen": entry["amount_fen"],
            "at": entry["at"],
        }
        for kind, entry in entries
    ]


def _slip_code(serial: int) -> str:
    """20 digits: 18, and two check digits (ISO 7064, MOD 97-10)."""
    body = f"35021326{serial:010d}"
    return body + f"{98 - int(body) * 100 % 97:02d}"
