"""Letters of what rules found: what is missing, and what somebody of the staff looks at instead.

Each reason stands with its legal basis; beside it who can help, and what can be done against it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from backoffice.calls.once import Answer
from backoffice.casework.refusals import LAWSUIT_MONTHS, REVIEW_DAYS
from backoffice.documents import papers
from backoffice.documents.case_content import Case, Content, day_text_of
from backoffice.documents.papers import Remedy
from backoffice.documents.rule_words import next_text, reason_text
from backoffice.documents.words import words
from backoffice.domain.cases.case import CaseState, Outcome
from backoffice.domain.decide import decision_from_json
from backoffice.domain.items.item import Item
from backoffice.domain.text import Line, line_from_json
from backoffice.geography.stored import sites_on
from backoffice.office import Office
from backoffice.problems.problem import Problem


def advice(office: Office, connection: Connection, case: Case, notice: Answer) -> Content:
    """A notice that rules made."""
    reasons = [line_from_json(point["line"]) for point in notice["points"]]
    days = {"issued": day_text_of(notice["issued_at"]), "until": day_text_of(notice["until"])}
    values = {**_helper(office, connection, case), "issued": str(words()["advice"]["kept"]).format(**days)}
    body = papers.advice(
        values,
        [reason_text(case.item, reason) for reason in reasons],
        _steps(case.item, reasons),
        Remedy(REVIEW_DAYS, LAWSUIT_MONTHS),
    )
    return Content(words()["title"]["advice"], body, notice["issued_at"], "advice")


def review(office: Office, connection: Connection, case: Case) -> Content:
    """What the machine handed to somebody. :raises Problem: case_paper_not_yet: it has decided, or has not looked."""
    taken_back = case.row.state == CaseState.WITHDRAWN.value
    if case.decision is None or case.row.outcome != Outcome.PENDING.value or taken_back:
        raise Problem("case_paper_not_yet")
    decided = decision_from_json(case.decision)
    values = {
        **_helper(office, connection, case),
        "issued": day_text_of(case.row.decided_at),
        "due": day_text_of(decided.facts.get("due_on", "")),
    }
    reasons = [reason_text(case.item, reason) for reason in decided.reasons]
    provisional = decided.facts.get("due_provisional") == "true"
    return Content(words()["title"]["review"], papers.review(values, reasons, provisional=provisional), None)


def _helper(office: Office, connection: Connection, case: Case) -> dict[str, str]:
    """Whoever sits where it came in; of a place that is no more, the town's centre."""
    sites = {site.code: site for site in sites_on(connection, office.clock.now().date())}
    site = sites.get(case.row.site) or sites.get(f"{case.row.site[:9]}000")
    known = (site.name, site.agent, site.phone) if site is not None else (office.tables.towns[case.row.town],)
    return {"applicant": case.addressee, "helper": " ".join(part for part in known if part)}


def _steps(item: Item, reasons: Iterable[Line]) -> list[str]:
    """What to do about each, once: a rule's next step knows the same values as its reason."""
    steps = (
        Line(rule.next_step, reason.args) for reason in reasons for rule in item.rules if rule.failed == reason.key
    )
    return list(dict.fromkeys(next_text(step) for step in steps))
