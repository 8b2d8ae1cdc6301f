"""Whether an item's rules let its bill be paid: judged right before money is taken, about each who owes on it.

Registers are asked anew: the bill may be hours old. Whoever owes nothing on it, e.g. because the state pays, is not
judged and cannot be charged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from backoffice.decisions.asking import grounds_of, keys_for, questions_of
from backoffice.decisions.evidence import record_calls, record_results
from backoffice.domain.bill import BillLine
from backoffice.domain.cases.case import Outcome
from backoffice.domain.decide import Judged, judge
from backoffice.domain.facts.derive import Lookup, Lookups, confirms
from backoffice.domain.items.item import Item, Mode
from backoffice.domain.person import Applicant
from backoffice.domain.rules import Verdict
from backoffice.domain.text import Line
from backoffice.gateways.lookups import Asked, LookupGateway
from backoffice.gateways.questions import Question
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.queries.looking import refused

_BY_CODE = "L31"
"""Lines of this register are owed under a code, and whoever stands there pays them."""


@dataclass(frozen=True, slots=True, repr=False)
class Owing:
    """What the rules are asked about: somebody, with a debt of hers."""

    name: str
    number: str
    form: Mapping[str, str]
    day: date
    """That the rules look at."""

    def __repr__(self) -> str:
        return "Owing(***)"


@dataclass(frozen=True, slots=True, repr=False)
class Cleared:
    """What the permission rests on."""

    item: Item
    asked: Asked
    judged: tuple[tuple[Judged, Lookups], ...]
    """One for each who owes, with the answers about her."""

    def __repr__(self) -> str:
        return f"Cleared({len(self.judged)})"


def clear(
    office: Office, gateway: LookupGateway, item: Item, applicant: Applicant, lines: Sequence[BillLine]
) -> Cleared | None:
    """Ask and judge; outside of any transaction. None: the item has no rules, nobody was asked.

    :raises Problem: refused_by_rule, identity_mismatch, payment_register_silent: no money may be taken.
    """
    if item.ruling is None:
        return None
    owing = owing_of(applicant, lines, office.clock.now().date())
    questions, wanted = _questions(item, owing)
    asked = gateway.ask_all(questions, grounds=grounds_of(item, ()))
    answers = [_answers(asked, keys) for keys in wanted]
    judged = [
        judge(item, found, one.form, one.day, office.tables.calendar) for one, found in zip(owing, answers, strict=True)
    ]
    try:
        for one, found in zip(judged, answers, strict=True):
            _check(one, found)
    except Problem:
        office.database.transact(lambda connection: record_calls(connection, asked.calls, None, Mode.PAY.value))
        raise
    return Cleared(item, asked, tuple(zip(judged, answers, strict=True)))


def owing_of(applicant: Applicant, lines: Sequence[BillLine], today: date) -> list[Owing]:
    """Each once. A contribution to a year that has not begun is judged as of its first day: until then this year's
    has been paid, and that is no reason to refuse the next one's.
    """
    found: dict[tuple[str, str, date], Owing] = {}
    for line in lines:
        if not line.amount_fen:
            continue
        if line.source == _BY_CODE:
            one = Owing(applicant.name, applicant.number, {"payment_code": line.whose}, today)
        else:
            first = date(int(line.period), 1, 1) if line.period else today
            one = Owing(line.payer, line.whose, {}, max(today, first))
        found[line.source, line.whose, one.day] = one
    return list(found.values())


def record(connection: Connection, case_no: str, cleared: Cleared) -> None:
    """Into the case's evidence. Of several who owe each rule is a row, the second one's `<rule>/2`."""
    roles = cleared.item.ruling.asking.roles if cleared.item.ruling else ()
    record_calls(connection, cleared.asked.calls, case_no, Mode.PAY.value)
    for n, (judged, lookups) in enumerate(cleared.judged, start=1):
        results = judged.results
        if n > 1:
            results = tuple(
                replace(result, rule=replace(result.rule, rule_id=f"{result.rule.rule_id}/{n}")) for result in results
            )
        record_results(connection, case_no, results, lookups, roles)


def _questions(item: Item, owing: Sequence[Owing]) -> tuple[list[Question], list[dict[str, Question]]]:
    """What is asked, and for each who owes under which key her answer comes; the same is not asked twice."""
    asked: dict[tuple[object, ...], Question] = {}
    wanted: list[dict[str, Question]] = []
    for n, one in enumerate(owing, start=1):
        own: dict[str, Question] = {}
        for question in questions_of(item, keys_for(item), one.name, one.number, one.form):
            fields = question.subject.question(question.spec)
            if fields is not None:
                same = (question.key, *sorted(fields.items()))
                own[question.key] = asked.setdefault(same, replace(question, about=f"{question.about}{n}"))
        wanted.append(own)
    return list(asked.values()), wanted


def _answers(asked: Asked, keys: Mapping[str, Question]) -> dict[str, Lookup]:
    return {key: asked.lookups[question.key] for key, question in keys.items() if question.key in asked.lookups}


def _check(judged: Judged, lookups: Lookups) -> None:
    """:raises Problem: see `clear`."""
    decision = judged.decision
    if decision.outcome is Outcome.APPROVED:
        return
    if decision.outcome is Outcome.NOTICE:
        raise refused("refused_by_rule", *decision.reasons, following=decision.next_step)
    person = lookups.get("L01")
    if person is not None and person.state.answered and not confirms(person):
        raise refused("identity_mismatch", *decision.reasons, following=Line("next.window"))
    failed = any(result.verdict is Verdict.FAILED for result in judged.results)
    if failed or all(found.state.answered for found in lookups.values()):
        raise refused("refused_by_rule", *decision.reasons, following=Line("next.window"))
    raise refused("payment_register_silent", *decision.reasons, following=Line("bill.register_silent"), retry=True)
