"""What staff do with cases: the queue, opening, claiming, moving, notices, refusals, delivery."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request, Response

from backoffice.api import models_casework as models
from backoffice.api.cursor import MAX_CURSOR, Cursors
from backoffice.api.description import failures
from backoffice.api.desk import Desk, Key, StaffWho, Version
from backoffice.api.models import CaseNo, TakenCase
from backoffice.casework import delivery, files, notices, ordinary, queue, reading, refusals, transfers
from backoffice.casework.moving import Order
from backoffice.casework.supplements import Brought, at_counter
from backoffice.documents import case_papers, making
from backoffice.domain.cases.case import Actor, CaseState, Move, Role
from backoffice.domain.cases.notice import Point
from backoffice.domain.person import Applicant
from backoffice.domain.uploads import MEDIA_TYPES
from backoffice.identity.staff import Staff
from backoffice.intake import window
from backoffice.problems.problem import Problem

After = Annotated[str | None, Query(max_length=MAX_CURSOR, description="Cursor of the last page")]
REGISTER_PAGE = 200
RegisterLimit = Annotated[int, Query(ge=1, le=REGISTER_PAGE)]
FileDigest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="As `materials` of the case names it")]
_SAVED = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""What a stranger sent is never shown in a page, and no browser guesses what it is."""
_CASE = "/staff/v1/cases/{case_no}"
_MOVING = ("case_unknown", "case_claimed", "move_not_allowed", "roles_not_separate")
_ROLES = frozenset(role.value for role in Role)
_WORKERS = frozenset((Role.INTAKE, Role.REVIEWER, Role.TECHNICAL_REVIEWER, Role.DECIDER, Role.SUPERIOR))


def actor_of(who: Staff) -> Actor:
    """A session's owner as somebody who works on cases. :raises Problem: forbidden: holds no role in one."""
    roles = frozenset(Role(role) for role in who.roles if role in _ROLES) & _WORKERS
    if not roles:
        raise Problem("forbidden", "needs a role that works on cases")
    return Actor(who.login, roles, who.town)


def _order(who: Staff, case_no: str, version: int, *moves: Move) -> Order:
    actor = actor_of(who)
    return Order(actor, ordinary.role_for(actor, *moves), case_no, version)


def install(app: FastAPI, desk: Desk) -> None:
    _queue(app, desk)
    _window(app, desk)
    _moves(app, desk)
    _notices(app, desk)
    _refusals(app, desk)
    _delivery(app, desk)
    _transfers(app, desk)


def _queue(app: FastAPI, desk: Desk) -> None:
    office, cursors = desk.office, Cursors(desk.office, "work-queue")

    @app.get("/staff/v1/cases", response_model=models.QueuePage, responses=failures("cursor_invalid"))
    def list_cases(
        who: StaffWho,
        state: Annotated[list[CaseState] | None, Query()] = None,
        item_id: Annotated[str, Query(pattern=r"^([A-Z]{2}[0-9]{3})?$")] = "",
        role: Annotated[Role | None, Query(description="Only where this role has the next move")] = None,
        priority: Annotated[bool | None, Query()] = None,
        elsewhere: Annotated[bool | None, Query(description="For another place")] = None,
        mine: Annotated[bool, Query(description="Only what the caller has claimed")] = False,
        after: After = None,
        limit: Annotated[int, Query(ge=1, le=queue.MAX_PAGE)] = queue.MAX_PAGE,
    ) -> dict[str, Any]:
        """The caller's work, most urgent first: from kiosks and counters alike."""
        filters = queue.Filters(frozenset(state or ()), item_id, role, priority, elsewhere, mine)
        place = None
        if after is not None:
            day, slot, case_no = cursors.open(after, 3)
            place = queue.QueueCursor(day, int(slot), case_no)
        page = queue.work_queue(office, actor_of(who), filters, place, limit)
        more = page.next and cursors.seal(page.next.order_day, str(page.next.slot), page.next.case_no)
        return {"cases": page.entries, "next": more}

    @app.get(_CASE, response_model=models.WholeCase, responses=failures("case_unknown"))
    def open_case(case_no: CaseNo, who: StaffWho, response: Response) -> dict[str, Any]:
        """Everything about a case; `ETag` is the version that every move must name."""
        whole = reading.open_case(office, actor_of(who), case_no)
        response.headers["ETag"] = f'"{whole["row_version"]}"'
        return whole

    @app.get(
        f"{_CASE}/files/{{digest}}",
        response_class=Response,
        responses={
            200: {"content": {media_type: {} for media_type in MEDIA_TYPES}},
            **failures("case_unknown", "file_unknown", "file_damaged"),
        },
    )
    def open_file(case_no: CaseNo, digest: FileDigest, who: StaffWho) -> Response:
        """A file that the resident brought, to be saved: pictures are drawn anew; the audit says who opened which."""
        opened = files.open_file(office, actor_of(who), case_no, digest)
        headers = {**_SAVED, "Content-Disposition": f'attachment; filename="{opened.name}"'}
        return Response(opened.content, media_type=opened.media_type, headers=headers)

    @app.get(f"{_CASE}/letters", response_model=models.Letters, responses=failures("case_unknown"))
    def list_letters(case_no: CaseNo, who: StaffWho) -> dict[str, Any]:
        """Which letters there are of a case now, the one that says how it stands first."""
        return {"case_no": case_no, "letters": case_papers.letters_for_staff(office, actor_of(who), case_no)}

    @app.post(
        f"{_CASE}/letters/{{kind}}",
        response_class=Response,
        responses={
            200: {"content": {making.PDF: {}}},
            **failures(
                "case_unknown",
                "case_paper_not_yet",
                "document_withdrawn",
                "item_unknown",
                "idempotency_mismatch",
                "papers_unavailable",
            ),
        },
    )
    def make_letter(case_no: CaseNo, kind: models.Letter, key: Key, who: StaffWho) -> Response:
        """A letter as PDF, to be printed at the counter or sent by post."""
        pdf = case_papers.letter_for_staff(office, actor_of(who), key, case_no, kind)
        headers = {**_SAVED, "Content-Disposition": f'attachment; filename="{kind}-{case_no[-8:]}.pdf"'}
        return Response(pdf, media_type=making.PDF, headers=headers)

    claiming = failures("case_unknown", "case_claimed", "move_not_allowed")

    @app.put(f"{_CASE}/claim", response_model=models.Claimed, responses=claiming)
    def claim_case(case_no: CaseNo, who: StaffWho) -> dict[str, Any]:
        """Take a case into one's hands for half an hour; again to keep it longer."""
        return {"case_no": case_no, "claimed_until": queue.claim(office, actor_of(who), case_no)}

    @app.delete(
        f"{_CASE}/claim", status_code=204, responses=failures("case_unknown", "not_claimed", "move_not_allowed")
    )
    def release_case(case_no: CaseNo, who: StaffWho) -> None:
        """Give it back."""
        queue.release(office, actor_of(who), case_no)


def _window(app: FastAPI, desk: Desk) -> None:
    @app.post(
        "/staff/v1/cases",
        status_code=201,
        response_model=TakenCase,
        responses=failures(
            "idempotency_mismatch",
            "town_unknown",
            "site_unknown",
            "case_no_form",
            "case_no_taken",
            "item_unknown",
            "item_not_transacted",
            "item_mode",
            "consent_version",
            "commitment",
            "form",
        ),
    )
    def take_case_in(body: models.AtCounter, key: Key, who: StaffWho, request: Request) -> dict[str, Any]:
        """Intake: a resident at the counter. Safe to repeat with the same key."""
        whole = body.model_dump()
        whole["applicant"] = Applicant(**whole["applicant"])
        entered = window.AtCounter(**whole)
        answer = window.take_in(desk.office, actor_of(who), key, request.state.body_hash, entered)
        if not entered.for_place:
            desk.decider.submit(answer["case_no"])
        return answer


def _moves(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post(f"{_CASE}/moves", response_model=models.Moved, responses=failures(*_MOVING, "words_missing"))
    def move_case(case_no: CaseNo, body: models.Ordinary, version: Version, who: StaffWho) -> dict[str, Any]:
        """Admit, begin a review, ask an expert, report, pass on, approve, send back, reopen, withdraw."""
        order = _order(who, case_no, version, body.move)
        return _moved(case_no, ordinary.move_case(office, order, body.move, body.words))

    @app.post(f"{_CASE}/clock-stops", response_model=models.Moved, responses=failures(*_MOVING))
    def stop_clock(case_no: CaseNo, body: models.NewStop, version: Version, who: StaffWho) -> dict[str, Any]:
        """A special procedure begins; its days do not count."""
        order = _order(who, case_no, version, Move.STOP_CLOCK)
        return _moved(case_no, ordinary.stop_clock(office, order, body.reason, body.words))

    @app.post(f"{_CASE}/clock-stops/end", response_model=models.Moved, responses=failures(*_MOVING))
    def resume_clock(case_no: CaseNo, body: models.Resumed, version: Version, who: StaffWho) -> dict[str, Any]:
        """It has ended."""
        order = _order(who, case_no, version, Move.RESUME_CLOCK)
        return _moved(case_no, ordinary.resume_clock(office, order, body.words))


def _notices(app: FastAPI, desk: Desk) -> None:
    wrong = ("notice_incomplete", "notice_outside_guide", "notice_repeats", "item_unknown")

    @app.post(f"{_CASE}/notices", response_model=models.Moved, responses=failures(*_MOVING, *wrong))
    def issue_notice(case_no: CaseNo, body: models.NewNotice, version: Version, who: StaffWho) -> dict[str, Any]:
        """All that is missing, once. A later one is a superior's and says why."""
        order = _order(who, case_no, version, Move.NOTICE, Move.NOTICE_AGAIN)
        points = tuple(Point(**point.model_dump()) for point in body.points)
        notice = notices.Notice(points, date.fromisoformat(body.until), body.helper, body.why_again)
        return _moved(case_no, notices.issue(desk.office, order, notice))

    missing = failures(*_MOVING, "supplement_not_awaited")

    @app.post(f"{_CASE}/supplements", response_model=models.Moved, responses=missing)
    def bring_to_counter(
        case_no: CaseNo, body: models.CounterSupplement, version: Version, who: StaffWho
    ) -> dict[str, Any]:
        """Intake: what was missing was brought to the counter."""
        brought = [Brought(**one.model_dump()) for one in body.brought]
        order = _order(who, case_no, version, Move.SUPPLEMENT)
        return _moved(case_no, at_counter(desk.office, order, brought))


def _refusals(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post(
        f"{_CASE}/refusals",
        response_model=models.Moved,
        responses=failures(*_MOVING, "reason_unknown", "refusal_incomplete"),
    )
    def propose_refusal(case_no: CaseNo, body: models.NewRefusal, version: Version, who: StaffWho) -> dict[str, Any]:
        """Reviewer or decider: would refuse. Nothing is decided before somebody else has looked."""
        order = _order(who, case_no, version, Move.PROPOSE_REFUSAL)
        return _moved(case_no, refusals.propose(office, order, refusals.Proposal(**body.model_dump())))

    @app.post(
        f"{_CASE}/second-reviews",
        response_model=models.Moved,
        responses=failures(*_MOVING, "refusal_incomplete"),
    )
    def second_review(case_no: CaseNo, body: models.SecondReview, version: Version, who: StaffWho) -> dict[str, Any]:
        """Superior: confirm a refusal, or give the case back."""
        order = _order(who, case_no, version, Move.REFUSE)
        return _moved(case_no, refusals.second_review(office, order, confirm=body.confirm, words=body.words))

    cursors = Cursors(office, "refusals")

    @app.get("/staff/v1/refusals", response_model=models.Ledger, responses=failures("cursor_invalid"))
    def list_refusals(who: StaffWho, after: After = None, limit: RegisterLimit = REGISTER_PAGE) -> dict[str, Any]:
        """Superior or auditor: the ledger of refusals, without personal data."""
        who.need(Role.SUPERIOR.value, "auditor")
        rows = refusals.ledger(office, _place(cursors, after), limit + 1)
        more = _sealed(cursors, refusals.place_in_ledger(rows[limit - 1])) if len(rows) > limit else None
        return {"refusals": rows[:limit], "next": more}


def _delivery(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post(
        f"{_CASE}/deliveries",
        status_code=201,
        response_model=models.Prepared,
        responses=failures(*_MOVING, "delivery_incomplete"),
    )
    def prepare_delivery(case_no: CaseNo, body: models.NewDelivery, version: Version, who: StaffWho) -> dict[str, Any]:
        """Intake: what was decided is made ready."""
        address = delivery.Address(**body.address.model_dump()) if body.address else None
        order = _order(who, case_no, version, Move.ISSUE)
        new_version, n = delivery.prepare(office, order, body.way, address)
        return {**_moved(case_no, new_version), "delivery": n}

    @app.post(
        f"{_CASE}/deliveries/{{n}}/handover",
        response_model=models.Moved,
        responses=failures(*_MOVING, "delivery_unknown", "delivery_incomplete"),
    )
    def hand_delivery_over(
        case_no: CaseNo, n: int, body: models.Handed, version: Version, who: StaffWho
    ) -> dict[str, Any]:
        """Intake: it is on its way, or somebody has come for it."""
        order = _order(who, case_no, version, Move.ISSUE)
        return _moved(case_no, delivery.hand_over(office, order, n, delivery.Handed(**body.model_dump())))

    cursors = Cursors(office, "collections")

    @app.get("/staff/v1/collections", response_model=models.Register, responses=failures("cursor_invalid"))
    def list_collections(who: StaffWho, after: After = None, limit: RegisterLimit = REGISTER_PAGE) -> dict[str, Any]:
        """Intake: who collected what for whom."""
        actor = actor_of(who)
        who.need(Role.INTAKE.value, Role.SUPERIOR.value)
        rows = delivery.collect_register(office, actor, _place(cursors, after), limit + 1)
        more = _sealed(cursors, delivery.place_in_register(rows[limit - 1])) if len(rows) > limit else None
        return {"collected": rows[:limit], "next": more}


def _transfers(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post(f"{_CASE}/transfers", response_model=models.Moved, responses=failures(*_MOVING, "town_unknown"))
    def send_elsewhere(case_no: CaseNo, body: models.NewTransfer, version: Version, who: StaffWho) -> dict[str, Any]:
        """It is for another place or authority; it is asked after until somebody answers."""
        order = _order(who, case_no, version, Move.TRANSFER)
        return _moved(case_no, transfers.send(office, order, body.place, body.authority, body.reason))

    @app.post(
        f"{_CASE}/transfers/answer", response_model=models.Moved, responses=failures(*_MOVING, "transfer_unknown")
    )
    def answer_transfer(
        case_no: CaseNo, body: models.TransferAnswer, version: Version, who: StaffWho
    ) -> dict[str, Any]:
        """What the other place said."""
        order = _order(who, case_no, version, Move.TAKE_BACK)
        return _moved(case_no, transfers.answer(office, order, body.answer))


def _place(cursors: Cursors, after: str | None) -> tuple[str, str, int] | None:
    """Where a register goes on. :raises Problem: cursor_invalid."""
    if after is None:
        return None
    at, case_no, n = cursors.open(after, 3)
    return at, case_no, int(n)


def _sealed(cursors: Cursors, place: tuple[str, str, int]) -> str:
    at, case_no, n = place
    return cursors.seal(at, case_no, str(n))


def _moved(case_no: str, version: int) -> dict[str, Any]:
    return {"case_no": case_no, "row_version": version}
