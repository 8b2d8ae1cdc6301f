"""Papers of a case on its way: taken in, taken up, something is missing, refused, decided.

A paper exists when the case has got there. Asked for again it is the same document once more, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, select

from backoffice.calls.once import Answer, Call, answered, once
from backoffice.casework.events import case_row
from backoffice.casework.limits import PROMISED, STATUTORY, leading, limits_of
from backoffice.casework.moving import town_of
from backoffice.casework.notices import notices_of
from backoffice.casework.refusals import NOT_ADMITTED, reasons, refusals_of
from backoffice.casework.work import work_of
from backoffice.catalogue.stored import item_version
from backoffice.documents import making, papers
from backoffice.documents.case_content import Case, Content, day_text_of
from backoffice.documents.letterhead import headed
from backoffice.documents.papers import Remedy, Sheet
from backoffice.documents.rule_papers import advice, review
from backoffice.documents.words import day_text, moment_text, money_text, words
from backoffice.domain.cases.case import Actor, CaseState, Outcome
from backoffice.files import by_content, uploads
from backoffice.geography.stored import read_stored_divisions
from backoffice.identity.slip_codes import CodeGuard
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.queries.inquiry import slip_case
from backoffice.queries.looking import PlaceNames
from backoffice.store.tables.papers import document

ROUTE = "case-papers"
LETTERS = ("refusal", "decision", "supplement", "acceptance", "receipt")
"""What a resident may be given, the newest of them first."""
_DUE = {PROMISED: "due", STATUTORY: "by_law"}
"""Under which words a limit stands."""


def case_paper(office: Office, call: Call, case_no: str, kind: str) -> Answer:
    """Make (or copy) a paper of this terminal's own case.

    :raises Problem: case_unknown, case_paper_not_yet, idempotency_mismatch.
    """
    return _paper(office, call, case_no, kind, own=True)


def letter_for_holder(office: Office, guard: CodeGuard, call: Call, case_no: str, code: str) -> Answer:
    """The letter that says how the case stands, at any terminal, for whoever holds its slip.

    :raises Problem: progress_unknown, too_many_attempts, case_paper_not_yet, idempotency_mismatch.
    """
    row = slip_case(office, guard, case_no, code)
    with office.database.read() as connection:
        kind = letter_of(office, connection, row.case_no)
    return _paper(office, call, row.case_no, kind, own=False)


def letter_for_staff(office: Office, actor: Actor, key: str, case_no: str, kind: str) -> bytes:
    """A letter of a case as PDF, to be printed at the counter or sent by post.

    :raises Problem: case_unknown, also for a case of another town; case_paper_not_yet.
    """
    with office.database.read() as connection:
        row = _seen(connection, actor, case_no)
    mark = office.digest.hex(f"{actor.login}/{case_no}/{kind}".encode())
    # Entered under the terminal of the case: a copy belongs to one, and the counter is none.
    call = Call(row.device, f"staff/{actor.login}/{key}", mark)
    answer = _paper(office, call, case_no, kind, own=False)
    return by_content.read(office, answer["digest"])


def letters_for_staff(office: Office, actor: Actor, case_no: str) -> list[str]:
    """:raises Problem: case_unknown, also for a case of another town."""
    with office.database.read() as connection:
        _seen(connection, actor, case_no)
        return letters_of(office, connection, case_no)


def _seen(connection: Connection, actor: Actor, case_no: str) -> Row[Any]:
    row = case_row(connection, case_no)
    if row is None or not actor.sees(town_of(connection, row)):
        raise Problem("case_unknown")
    return row


def letters_of(office: Office, connection: Connection, case_no: str) -> list[str]:
    """Which letters there are of this case now, the one that says how it stands first."""
    case = _case(office, connection, None, case_no)
    found = []
    for kind in LETTERS:
        try:
            _KINDS[kind](office, connection, case)
        except Problem as problem:
            if problem.code != "case_paper_not_yet":
                raise
        else:
            found.append(kind)
    if case.row.state != CaseState.NOTICED.value and "supplement" in found:
        # What was missing has come: the notice is a paper of the past, and nothing is awaited by it.
        found = [*(kind for kind in found if kind != "supplement"), "supplement"]
    return found


def letter_of(office: Office, connection: Connection, case_no: str) -> str:
    """The letter that says how the case stands; of each case there is at least its receipt."""
    return letters_of(office, connection, case_no)[0]


def _paper(office: Office, call: Call, case_no: str, kind: str, *, own: bool) -> Answer:
    with office.database.read() as connection:
        known = answered(office, connection, call, ROUTE)
        if known is not None:
            return known
        case = _case(office, connection, call.device if own else None, case_no)
        told = _KINDS[kind](office, connection, case)
        template = told.template or kind
        there = _made_before(connection, case_no, template, told.since)
    sheet = headed(office, case.item, case_no, case.row.site, template=template, title=told.title, body=told.body)
    if there is not None:
        return _copied(office, call, there)
    return _made(office, call, case, sheet, lambda now: _still_so(office, now, case, kind, told))


def _case(office: Office, connection: Connection, device: str | None, case_no: str) -> Case:
    """:param device: whose own it must be; None = whoever asks has shown that it is hers."""
    row = case_row(connection, case_no)
    if row is None or device not in (None, row.device):
        raise Problem("case_unknown")
    item = item_version(connection, row.item_id, row.item_version)
    if item is None:
        raise Problem("item_unknown")
    vault = office.vault
    decision = vault.open_json(f"case.decision:{case_no}", row.decision_sealed) if row.decision_sealed else None
    return Case(
        row,
        item,
        vault.open_json(f"case.applicant:{case_no}", row.applicant_sealed),
        vault.open_json(f"case.access:{case_no}", row.access_sealed),
        decision,
    )


def _made_before(connection: Connection, case_no: str, template: str, since: str | None) -> Row[Any] | None:
    newest = select(document).where(
        document.c.case_no == case_no, document.c.template == template, document.c.withdrawn_at.is_(None)
    )
    row = connection.execute(newest.order_by(document.c.made_at.desc()).limit(1)).one_or_none()
    return None if row is None or (since is not None and since > row.made_at) else row


def _still_so(office: Office, connection: Connection, case: Case, kind: str, told: Content) -> None:
    """The case may have moved while its paper was being rendered. :raises Problem: case_paper_not_yet."""
    row = case_row(connection, case.case_no, lock=True)
    if row is not None and row.row_version == case.row.row_version:
        return
    if _KINDS[kind](office, connection, _case(office, connection, None, case.case_no)) != told:
        raise Problem("case_paper_not_yet", "the case has just moved on: ask again")


def _made(
    office: Office,
    call: Call,
    case: Case,
    sheet: Sheet,
    check: Callable[[Connection], None],
) -> Answer:
    made = making.make(office, sheet, str(case.applicant["name"]))

    def work(connection: Connection) -> Answer:
        check(connection)
        item_id = case.item.item_id
        return making.enter(
            office, connection, made, case_no=case.case_no, device=call.device, item_id=item_id, purpose=""
        )

    return once(office, call, ROUTE, 201, work)


def _copied(office: Office, call: Call, row: Row[Any]) -> Answer:
    copy, digest = making.another_copy(office, row)

    def work(connection: Connection) -> Answer:
        making.enter_another(office, connection, row, call.device, digest)
        return making.told(row.document_id, row.code, copy, digest)

    return once(office, call, ROUTE, 201, work)


def _receipt(office: Office, connection: Connection, case: Case) -> Content:
    brought = uploads.materials_of(connection, case.case_no)
    photo = str(words()["receipt"]["photo"])
    values = {
        "applicant": case.addressee,
        "at": moment_text(case.row.accepted_at),
        "site": PlaceNames(read_stored_divisions(connection), office.clock.now().date())(case.row.site),
        "device": case.row.device,
        "count": str(len(brought)),
    }
    listed = [photo.format(material=one["material"]) for one in brought]
    return Content(words()["title"]["receipt"], papers.receipt(values, listed, case.access["query_code"]), None)


def _acceptance(office: Office, connection: Connection, case: Case) -> Content:
    """Until when: what was promised, else what the law gives; an item may name neither in days."""
    work = work_of(connection, case.case_no)
    if work is None or not work.admitted_at or _is_taken_back(case):
        raise Problem("case_paper_not_yet")
    running = list(limits_of(connection, case.case_no))
    limit = leading(running) if running else None
    until = {} if limit is None else {_DUE[limit.kind]: day_text(limit.due_at.date())}
    values = {
        "applicant": case.addressee,
        "applied": moment_text(case.row.created_at),
        "accepted": moment_text(work.admitted_at),
        **until,
        "handler": case.item.department,
    }
    body = papers.acceptance(values, provisional=limit is not None and limit.provisional)
    return Content(words()["title"]["acceptance"], body, None)


def _supplement(office: Office, connection: Connection, case: Case) -> Content:
    """The newest notice: somebody wrote it, or rules made it."""
    issued = notices_of(office, connection, case.case_no)
    if not issued or _is_taken_back(case):
        raise Problem("case_paper_not_yet")
    notice = issued[-1]
    points = notice["points"]
    if not _is_written(notice):
        return advice(office, connection, case, notice)
    values = {
        "applicant": case.addressee,
        "issued": day_text_of(notice["issued_at"]),
        "until": day_text_of(notice["until"]),
        "where": PlaceNames(read_stored_divisions(connection), office.clock.now().date())(case.row.site),
        "contact": points[0]["helper"],
    }
    lines = [f"{point['what']}: {point['why']} ({point['basis']})" for point in points]
    ways = dict.fromkeys(point["how"] for point in points)
    return Content(
        words()["title"]["supplement"], papers.supplement(values, lines, "\n".join(ways)), notice["issued_at"]
    )


def _is_taken_back(case: Case) -> bool:
    """Of a case that its applicant took back there is its receipt, and no letter that says what comes next."""
    return bool(case.row.state == CaseState.WITHDRAWN.value)


def _is_written(notice: Answer) -> bool:
    return bool(notice["until"]) and all(point["what"] for point in notice["points"])


def _refusal(office: Office, connection: Connection, case: Case) -> Content:
    if case.row.state != CaseState.REFUSED.value:
        raise Problem("case_paper_not_yet")
    letter = refusals_of(office, connection, case.case_no)[-1]
    kind = "intake" if letter["kind"] == NOT_ADMITTED else "licence"
    reason = reasons()[letter["reason_code"]]
    values = {
        "applicant": case.addressee,
        "decided": day_text_of(case.row.decided_at),
        "number": f"{case.case_no[-16:]}-{letter['n']}",
    }
    body = papers.refusal(
        kind,
        values,
        [reason.text, letter["words"]],
        [letter["basis"]],
        letter["authority"],
        Remedy(letter["review_days"], letter["lawsuit_months"]),
    )
    return Content(words()["title"][f"refusal_{kind}"], body, case.row.decided_at)


_DECIDED = frozenset((CaseState.APPROVED.value, CaseState.ISSUED.value, CaseState.COMPLETED.value))
"""An approval that was taken back has no letter any more."""


def _decision(office: Office, connection: Connection, case: Case) -> Content:
    if case.row.outcome not in (Outcome.APPROVED.value, Outcome.DONE.value) or case.row.state not in _DECIDED:
        raise Problem("case_paper_not_yet")
    own, facts = words()["decision"], case.decision["facts"] if case.decision else {}
    values = {
        "result": own["result"],
        "starts": day_text_of(facts.get("starts_on", "")),
        "amount": money_text(int(facts["amount_fen"])) if "amount_fen" in facts else "",
        "account": " ".join(facts[name] for name in ("bank", "last4") if name in facts),
    }
    body = papers.decision(case.row.outcome, values, [], "")
    return Content(words()["title"]["decision"], body, case.row.decided_at)


_KINDS: dict[str, Callable[[Office, Connection, Case], Content]] = {
    "receipt": _receipt,
    "acceptance": _acceptance,
    "supplement": _supplement,
    "review": review,
    "refusal": _refusal,
    "decision": _decision,
}
