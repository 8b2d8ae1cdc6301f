"""Rows of the machine for bills and payments, appointments."""

from __future__ import annotations

from kiosk.domain.authority import rows as visit_authority
from kiosk.domain.booking import rows as visit_book
from kiosk.domain.money import pay_rows as visit_pay
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.transition import Part, together
from kiosk.domain.visit.words import Step

PART = Part(
    back=together(visit_authority.BACK, visit_pay.BACK, visit_book.BACK),
    enter=together(visit_authority.ENTER, visit_pay.ENTER, visit_book.ENTER),
    table=together(visit_authority.TABLE, visit_pay.TABLE, visit_book.TABLE),
)


def back_to(state: VisitState) -> Step | None:
    """Where back leads when not where the table says: what has been sent is not gone behind."""
    if state.step is Step.PAY_WAY and state.money.payment is not None:
        return Step.RESULT
    if state.step is Step.BOOK_DAY and state.money.is_moving:
        return Step.APPOINTMENT
    return None
