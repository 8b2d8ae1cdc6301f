"""Residents of a made-up population who come for an instant item: their forms, and registers that answer at once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from backoffice.decisions.asking import ask_about, consents_of, keys_for
from backoffice.domain.days import WorkCalendar
from backoffice.domain.decide import Judged, judge
from backoffice.domain.facts.derive import Lookup, Lookups, LookupState, facts_of
from backoffice.domain.items.answer_checks import uscc_check_digit
from backoffice.domain.items.item import Item
from backoffice.domain.rules import FactValue, facts_used
from backoffice.gateways.answers import read_answer
from backoffice.gateways.lookups import Asked
from backoffice.gateways.questions import NO_GROUNDS, Grounds, Question, Subject, permitted
from backoffice.simulators.lookups import build_server
from backoffice.simulators.registers import Registers

Record = Mapping[str, Any]
TODAY = date(2026, 11, 24)
_UNKNOWN_FIRM = "91350213MA0000000"
_NOBODYS_PLATE = "闽D00000"


@dataclass(frozen=True, slots=True)
class AtOnce:
    """The gateway's contract without a network: the simulator's answers, read as the gateway reads them."""

    registers: Registers

    def ask(self, lookups: Sequence[str], name: str, number: str, *, retries: int | None = None) -> Asked:
        subject = Subject(name, number)
        return self.ask_all([Question(code, subject) for code in lookups], retries=retries)

    def ask_all(
        self, questions: Sequence[Question], *, retries: int | None = None, grounds: Grounds = NO_GROUNDS
    ) -> Asked:
        permitted([question.lookup for question in questions], grounds)
        found: dict[str, Lookup] = {}
        for question in questions:
            if question.lookup == "L28":
                card = self._answer(replace(question, lookup="L16"), grounds)
                found[replace(question, lookup="L16").key] = card
                if card.state is LookupState.ANSWERED:
                    known = {**question.subject.details, "account_ref": str(card.values["account_ref"])}
                    bank = replace(question, subject=replace(question.subject, details=known))
                    found[question.key] = self._answer(bank, grounds)
            elif question.subject.question(question.spec) is not None:
                found[question.key] = self._answer(question, grounds)
        return Asked(found, ())

    def _answer(self, question: Question, grounds: Grounds) -> Lookup:
        fields = question.subject.question(question.spec) or {}
        answer = self.registers.answer(question.lookup, fields)
        values = read_answer(question.lookup, answer, fields[question.spec.subject])
        state = LookupState.NOT_FOUND if values is None else LookupState.ANSWERED
        return Lookup(question.lookup, state, values or {}, "id", "at", grounds.named_for(question.spec))


@dataclass(frozen=True, slots=True)
class Visit:
    record: Record
    form: Mapping[str, str]

    def asked(self, gateway: Any, item: Item) -> Lookups:
        answers: Lookups = ask_about(
            gateway, item, self.record["name"], self.record["number"], self.form, consents_of(item)
        ).lookups
        return answers

    def facts(self, item: Item, lookups: Lookups) -> dict[str, FactValue]:
        ruling = item.ruling
        assert ruling is not None
        return facts_of(lookups, ruling.asking.whole(self.form), TODAY, ruling.confirmed(item.lookups))

    def judged(self, item: Item, lookups: Lookups) -> Judged:
        return judge(item, lookups, self.form, TODAY, WorkCalendar())


class Town:
    """Everybody, and whom else they name in forms."""

    def __init__(self, residents: Iterable[Record]) -> None:
        self.records = list(residents)
        self.registers = Registers()
        self.registers.fill(dict(record) for record in self.records)
        self.by_number = {record["number"]: record for record in self.records}
        self.dead = [record for record in self.records if "L08" in record["registers"]]
        self.gateway = AtOnce(self.registers)
        self._companies = (next(iter(self.registers.operators)), _UNKNOWN_FIRM + uscc_check_digit(_UNKNOWN_FIRM))

    def visits(self, item: Item) -> Iterator[Visit]:
        """Each resident with each form that the item could bring along."""
        for place, record in enumerate(self.records):
            for form in self._forms(item, record, place):
                yield Visit(record, form)

    def _forms(self, item: Item, record: Record, place: int) -> Iterator[dict[str, str]]:
        registers = record["registers"]
        vehicles = registers.get("L06", {}).get("vehicles", [])
        base = {
            "account": "none" if place % 7 == 0 else "yes",
            "photo": registers.get("L02", {}).get("photo_ref", "") if place % 5 else "somebody-else",
            "company": registers.get("L20", {}).get("uscc", ""),
            "plate": vehicles[0]["plate"] if vehicles else "",
        }
        assert item.ruling is not None
        roles = item.ruling.asking.roles
        if "payment_code" in item.ruling.asking.details:
            first = "JT" if item.item_id == "XA068" else "SB"
            for code in record.get("payments", {}):
                if code.startswith(first):
                    yield {**base, "payment_code": code}
            yield base
        elif "deceased" in roles:
            yield {**base, "deceased": _person(self.dead[place % len(self.dead)])}
            yield {**base, "deceased": _person(self.records[place - 1])}
        elif "spouse" in roles:
            spouse = self.by_number.get(registers.get("L10", {}).get("spouse", ""))
            yield base
            if spouse is not None:
                yield {**base, "spouse": _person(spouse)}
            yield {**base, "spouse": _person(self.records[place - 1])}
        elif any("form_company" in facts_used(rule.cel) for rule in item.rules):
            if base["company"]:
                yield base
            yield from ({**base, "company": other} for other in self._companies)
        else:
            yield base
            if base["plate"]:
                yield {**base, "plate": _NOBODYS_PLATE}


def _person(record: Record) -> str:
    return f"{record['number']} {record['name']}"


def silent(lookups: Lookups, key: str) -> dict[str, Lookup]:
    """One register does not answer; without the card register the bank has no account to be asked about."""
    left = {other: found for other, found in lookups.items() if not (key == "L16" and other == "L28")}
    return {**left, key: Lookup(key.rpartition(".")[2], LookupState.TIMEOUT, {}, "id", "at")}


UNANSWERED = [state for state in LookupState if not state.answered]


def without(lookups: Lookups, gone: Iterable[str], state: LookupState) -> dict[str, Lookup]:
    """These registers did not answer, or were not asked at all."""
    left = {key: found for key, found in lookups.items() if key not in gone and not (key == "L28" and "L16" in gone)}
    if state is LookupState.NOT_ASKED:
        return left
    return {**left, **{key: Lookup(lookups[key].lookup, state, {}, "id", "at") for key in gone}}


def under_another_name(visit: Visit) -> Visit:
    return replace(visit, record={**visit.record, "name": "林某"})


@contextmanager
def serving(records: Sequence[Record]) -> Iterator[tuple[str, Registers]]:
    server, registers = build_server([dict(record) for record in records], 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", registers
    finally:
        registers.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def asked_keys(item: Item) -> tuple[str, ...]:
    return keys_for(item)
