"""What the back office writes of bills, payments, appointments and tickets, translated. Bad answers have names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from kiosk.app import contract
from kiosk.app.contract import BadAnswer
from kiosk.domain.identity import mask_name
from kiosk.domain.money.state import (
    Appointment,
    Authority,
    Bill,
    BillLine,
    DaySlots,
    Payment,
    PayState,
    Slots,
    Stopped,
    Ticket,
    Way,
)
from kiosk.domain.ports import Reply
from kiosk.domain.speech import Line

Body = Mapping[str, Any]

_UNREACHABLE = (0, 502, 503, 504)
RETRY = frozenset(("payment_register_silent", "bill_outdated", "too_many_attempts"))
WORDS: Mapping[str, str] = {
    "bill_locked": "bill.under_way",
    "bill_paid": "bill.paid_already",
    "payment_register_silent": "bill.register_silent",
    "bill_state": "stopped.bill_outdated",
    "bill_empty": "stopped.bill_outdated",
    "refused_by_rule": "stopped.other",
    "identity_mismatch": "stopped.other",
    "slot_full": "book.gone",
    "slot_unknown": "book.gone",
    "progress_unknown": "progress.ask_person",
    **{
        code: f"stopped.{code}"
        for code in (
            *(
                "bill_code",
                "bill_outdated",
                "payments_off",
                "authority_missing",
                "authority_limit",
                "authority_account",
            ),
            *("already_booked", "no_number_left", "appointment_state", "appointment_missed"),
            *("appointment_changes", "check_in_early", "too_many_attempts"),
        )
    },
}
"""Problem code -> what is told; any other is `stopped.other`. Each of them says: nothing was taken, nothing booked."""


def stopped(reply: Reply) -> Stopped:
    """Why it could not be done; what the office itself says goes before our own words."""
    code = str(reply.body.get("code", ""))
    if reply.status in _UNREACHABLE and code not in WORDS:
        return Stopped((Line("stopped.unreachable"), Line("stopped.unreachable.next")), may_retry=True)
    said = _reasons(reply.body)
    own = Line(WORDS.get(code, "stopped.other"))
    return Stopped(said or (own,), may_retry=code in RETRY, gone=code in ("slot_full", "slot_unknown"))


UNREADABLE = Stopped((Line("stopped.other"),))
"""An answer outside the contract: nothing of it is believed."""


def _reasons(body: Body) -> tuple[Line, ...]:
    reasons = body.get("reasons") or ()
    following = body.get("next")
    # For a program `next` is a word; only a refusal that has a text of its own for residents gives it as a text.
    after = (contract.line(following),) if isinstance(following, dict) else ()
    return (*(contract.line(reason) for reason in reasons), *after) if reasons else ()


def bill(body: Body, item_id: str, *, family: bool, chosen: int) -> Bill:
    """:raises BadAnswer:"""
    try:
        lines = tuple(_bill_line(one) for one in body["lines"])
        return Bill(
            bill_no=str(body["bill_no"]),
            item_id=item_id,
            total_fen=_fen(body["total_fen"]),
            line=contract.line(body["line"]),
            lines=lines,
            family=family,
            chosen=chosen,
        )
    except (KeyError, TypeError) as error:
        raise BadAnswer("no bill") from error


def _bill_line(data: Body) -> BillLine:
    return BillLine(
        n=int(data["n"]),
        what=contract.line(data["what"]),
        standing=str(data["standing"]),
        amount_fen=_fen(data["amount_fen"]),
        period=str(data["period"]),
        payer=mask_name(str(data["payer"])) if data["payer"] else "",
    )


def _fen(data: object) -> int:
    if not isinstance(data, int) or isinstance(data, bool) or data < 0:
        raise BadAnswer("an amount is a whole number of fen")
    return data


def payment(body: Body, attempt: int) -> Payment:
    """:raises BadAnswer:"""
    try:
        told = body["payment"]
        return Payment(
            state=PayState(told["state"]),
            way=Way(told["way"]),
            amount_fen=_fen(told["amount_fen"]),
            line=contract.line(told["line"]),
            attempt=attempt,
            slip_code=str(told["slip_code"] or ""),
            expires_on=str(told["expires_on"] or ""),
            receipt_no=str(told["receipt_no"] or ""),
            query_code=str(body["query_code"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer("no payment") from error


def authority(body: Body) -> Authority:
    """:raises BadAnswer:"""
    try:
        account = f"{body['bank']} *{body['last4']}"
        return Authority(str(body["authority_id"]), account, _fen(body["year_limit_fen"]))
    except (KeyError, TypeError) as error:
        raise BadAnswer("no authority") from error


def unanswered(way: Way, amount_fen: int, attempt: int, times_absent: int, sure_after: int) -> Payment:
    """Nobody has answered, or the office says that it has no such payment."""
    absent = times_absent >= sure_after
    state = PayState.ABSENT if absent else PayState.UNANSWERED
    line = Line("pay.absent" if absent else "pay.waiting")
    return Payment(state, way, amount_fen, line, attempt, times_absent=times_absent)


def slots(body: Body, item_id: str, today: date) -> Slots:
    """Only what is free. :raises BadAnswer:"""
    try:
        place = str(body["place"])
        free = [(str(slot["day"]), str(slot["start"])) for slot in body["slots"] if slot["free"] > 0]
        return Slots(item_id, place_line(place), tuple(_days(free, today)))
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer("no slots") from error


def place_line(place: str) -> Line:
    """The district's own division ends in six noughts, a town's in three (GB/T 10114)."""
    return Line("book.place.district" if place.endswith("000000") else "book.place.town")


def _days(free: list[tuple[str, str]], today: date) -> Iterator[DaySlots]:
    for day in dict.fromkeys(day for day, _ in free):
        times = tuple(start for other, start in free if other == day)
        yield DaySlots(day, _label(date.fromisoformat(day), today), times)


def _label(day: date, today: date) -> Line:
    near = {today: "today", today + timedelta(days=1): "tomorrow"}
    return Line(f"book.day.{near.get(day, day.isoweekday())}")


def appointment(body: Body, line: Line, query_code: str) -> Appointment:
    """:raises BadAnswer:"""
    try:
        return Appointment(
            number=str(body["case_no"]),
            day=str(body["day"]),
            start=str(body["start"]),
            ticket=str(body["ticket"]),
            state=str(body["state"]),
            line=line,
            query_code=query_code,
            place=place_line(str(body["place"])),
        )
    except (KeyError, TypeError) as error:
        raise BadAnswer("no appointment") from error


def ticket(body: Body) -> Ticket:
    """:raises BadAnswer:"""
    try:
        return Ticket(str(body["ticket"]), int(body["ahead"]), int(body["minutes"]), contract.line(body["line"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer("no ticket") from error
