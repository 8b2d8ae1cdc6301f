"""What the server says, as text keys with typed values: the words live with whoever speaks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict


class ArgJson(TypedDict):
    kind: str
    value: str


class LineJson(TypedDict):
    key: str
    args: dict[str, ArgJson]


@dataclass(frozen=True, slots=True)
class Arg:
    """One value; `kind` says how it is read aloud: date, time, count, digits, money, text, key, place."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """One text: a key and its values."""

    key: str
    args: Mapping[str, Arg] = field(default_factory=dict)

    def to_json(self) -> LineJson:
        return {
            "key": self.key,
            "args": {name: {"kind": arg.kind, "value": arg.value} for name, arg in self.args.items()},
        }


def line_from_json(data: LineJson) -> Line:
    return Line(data["key"], {name: Arg(arg["kind"], arg["value"]) for name, arg in data["args"].items()})


FIXED_KEYS: dict[str, dict[str, str]] = {
    # decision
    "result.approved": {"date": "date"},
    "result.approved.now": {},
    "result.approved.XA010": {},
    "reason.repeat.open": {"date": "date"},
    "reason.repeat.granted": {"date": "date"},
    "reason.repeat.number": {"number": "digits"},
    "next.repeat": {},
    "result.pending.next": {},
    "reason.by_hand": {},
    "reason.ordinary_way": {},
    "reason.unknown.identity": {},
    # commitments
    "reason.commitment_barred": {},
    "reason.commitment_broken": {},
    "reason.commitment_withdrawn": {},
    "next.commitment_appeal": {},
    "next.commitment_repair": {},
    # progress of a case, asked with the number and the code of the slip
    "progress.accepted": {},
    "progress.approved": {"date": "date"},
    "progress.approved.now": {},
    "progress.notice": {},
    "progress.pending": {},
    "progress.admitted": {"date": "date"},
    "progress.under_review": {},
    "progress.technical_review": {},
    "progress.to_decide": {},
    "progress.granted": {},
    "progress.approved.done": {},
    "progress.repeated": {},
    "progress.issued": {},
    "progress.noticed": {"date": "date"},
    "progress.supplemented": {"date": "date"},
    "progress.stopped": {},
    "progress.refused": {},
    "progress.withdrawn": {},
    "progress.expired": {},
    "progress.transferred": {},
    "supplement.received": {"date": "date"},
    # a bill and its payment
    "bill.what.pension": {"year": "digits"},
    "bill.what.medical": {"year": "digits"},
    "bill.what.contribution": {},
    "bill.what.water": {},
    "bill.what.power": {},
    "bill.what.gas": {},
    "bill.what.fine": {},
    "bill.total": {"amount": "money"},
    "bill.nothing_due": {},
    "bill.exempt": {},
    "bill.exemption_unclear": {},
    "bill.register_silent": {},
    "bill.under_way": {},
    "bill.paid_already": {},
    "pay.slip": {"date": "date"},
    "pay.waiting": {},
    "pay.refused": {},
    "pay.booked": {"receipt": "text"},
    "pay.reversed": {},
    # a visit: an appointment, a ticket, what could not be done
    "book.done": {"date": "date", "time": "time", "ticket": "digits"},
    "book.changed": {"date": "date", "time": "time", "ticket": "digits"},
    "book.cancelled": {},
    "queue.ticket": {"ticket": "digits", "ahead": "count", "minutes": "count"},
    "queue.checked_in": {"ticket": "digits", "ahead": "count", "minutes": "count"},
    "complaint.taken": {"number": "digits", "date": "date"},
    # a request that was not accepted
    "problem.try_again": {},
    "problem.wait": {},
    "problem.correct": {},
    "problem.ask_clerk": {},
    "problem.not_here": {},
    "problem.call": {},
    "problem.suspended": {},
    # a call for help
    "help.sent": {"ticket": "digits", "time": "time", "desk_phone": "phone"},
    "help.sent.no_phone": {"ticket": "digits", "time": "time"},
    "help.accepted": {"who": "key", "minutes": "count", "ticket": "digits"},
    "help.unanswered": {"ticket": "digits", "desk_phone": "phone"},
    "help.unanswered.no_phone": {"ticket": "digits"},
    "help.closed": {"who": "key", "date": "date", "time": "time", "ticket": "digits"},
    "who.village_clerk": {},
    "who.town_desk": {},
}
"""Keys that code uses, with the kind of each value; the keys of rules come from the catalogue."""
