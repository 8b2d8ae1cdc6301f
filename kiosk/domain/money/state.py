"""What a visit knows of a bill, its payment, an appointment and a ticket. Amounts are fen.

A helper's payment code is in none of these: it goes from the scanner to the back office and is kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.domain.speech import Line


class Way(StrEnum):
    """How a bill is paid; the values are the contract's."""

    CODE = "code"
    """A helper's payment code, shown to the scanner."""
    SLIP = "slip"
    """A printed slip, to be paid at a bank's counter."""
    AUTHORITY = "authority"
    """From the social card's account, on a paper that was signed once."""


class PayState(StrEnum):
    """The contract's states, and two that only a terminal knows."""

    CREATED = "created"
    SENT = "sent"
    UNKNOWN = "unknown"
    PAID = "paid"
    REVERSING = "reversing"
    BOOKED = "booked"
    REFUSED = "refused"
    REVERSED = "reversed"
    UNANSWERED = "unanswered"
    """The back office has not answered: it may have the payment or not."""
    ABSENT = "absent"
    """It was asked again and again and has never heard of the payment."""


TOOK_NOTHING = frozenset((PayState.REFUSED, PayState.REVERSED, PayState.ABSENT))
"""Only from here may anything be paid once more."""


@dataclass(frozen=True, slots=True)
class BillLine:
    n: int
    what: Line
    standing: str
    """`due`, or why nothing is taken: `exempt`, `under_way`, … (the contract's words)."""
    amount_fen: int
    period: str = ""
    """Year, or empty."""
    payer: str = ""
    """Masked; empty for a meter."""

    @property
    def is_due(self) -> bool:
        return self.standing == "due"


@dataclass(frozen=True, slots=True)
class Bill:
    bill_no: str
    item_id: str
    total_fen: int
    line: Line
    lines: tuple[BillLine, ...]
    family: bool = False
    """Also of those who live in her household."""
    chosen: int = 0
    """Which line of another bill this is; 0 for a whole bill."""

    @property
    def due(self) -> tuple[BillLine, ...]:
        return tuple(line for line in self.lines if line.is_due)


@dataclass(frozen=True, slots=True)
class Payment:
    """How the payment stands, as far as anybody here knows."""

    state: PayState
    way: Way
    amount_fen: int
    line: Line
    attempt: int
    """Which try of this visit it answers, from 1."""
    slip_code: str = ""
    expires_on: str = ""
    """ISO 8601 date: last day of a slip."""
    receipt_no: str = ""
    query_code: str = ""
    times_absent: int = 0
    """How often the back office said that it has no such payment."""

    @property
    def is_slip(self) -> bool:
        """Offered on a slip that nobody has paid."""
        return self.state is PayState.SENT and bool(self.slip_code)

    @property
    def is_booked(self) -> bool:
        return self.state is PayState.BOOKED

    @property
    def took_nothing(self) -> bool:
        return self.state in TOOK_NOTHING

    @property
    def is_open(self) -> bool:
        """Nobody knows yet whether money was taken: frozen."""
        return not (self.is_slip or self.is_booked or self.took_nothing)


@dataclass(frozen=True, slots=True)
class Authority:
    """A paper that she signed: this item may be taken from the social card's account, so much a year."""

    authority_id: str
    account: str
    """Bank and last four digits."""
    year_limit_fen: int


@dataclass(frozen=True, slots=True)
class AuthorityTold:
    """Value of Ev.AUTHORITY."""

    authority: Authority | None = None
    """None: nothing is signed."""
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """Value of Ev.MONEY_STOPPED: what could not be done, why and what to do; nothing was taken or booked."""

    lines: tuple[Line, ...]
    may_retry: bool = False
    """True when the same may work in a moment."""
    gone: bool = False
    """True when only the time that was chosen is not free any more."""


@dataclass(frozen=True, slots=True)
class DaySlots:
    day: str
    """ISO 8601 date."""
    label: Line
    """Weekday, today or tomorrow."""
    times: tuple[str, ...]
    """HH:MM, only those with a place left."""


@dataclass(frozen=True, slots=True)
class Slots:
    item_id: str
    place: Line
    days: tuple[DaySlots, ...]

    def times(self, day: str) -> tuple[str, ...]:
        return next((one.times for one in self.days if one.day == day), ())


@dataclass(frozen=True, slots=True)
class Appointment:
    """Made, moved, given back or used; `line` is what the office says of it."""

    number: str
    day: str
    start: str
    ticket: str
    state: str
    """booked, checked_in, cancelled, missed (the contract's words)."""
    line: Line
    query_code: str = ""
    place: Line | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A number in a hall's queue."""

    ticket: str
    ahead: int
    minutes: int
    line: Line


@dataclass(frozen=True, slots=True)
class OwnSlip:
    """The appointment's slip that was shown: number and query code."""

    number: str
    code: str
    item_id: str
    """As the slip says it: no such item may be known here."""


@dataclass(frozen=True, slots=True)
class Money:
    """The part of the visit's state that is about bills and appointments."""

    bill: Bill | None = None
    family: bool = False
    chosen: int = 0
    """The one line of the bill that is to be paid; 0 for all."""
    stopped: Stopped | None = None
    way: Way | None = None
    signed: AuthorityTold | None = None
    """What she has signed for deductions; None while nobody has said."""
    signs: bool = False
    """True while what she has just signed is brought."""
    attempt: int = 0
    """How often something was sent to be paid; tells a late answer from the one that is waited for."""
    in_flight: bool = False
    """True from sending until something is known of it, be it only that nobody answers."""
    is_opened: bool = False
    """True when the back office has the case: a further try is another attempt of it."""
    payment: Payment | None = None
    slots: Slots | None = None
    day: str = ""
    start: str = ""
    """HH:MM"""
    tries: int = 0
    """How often a place was asked for; tells a late answer from the one that is waited for."""
    is_unsure: bool = False
    """True when nobody knows whether the place was taken."""
    appointment: Appointment | None = None
    slip: OwnSlip | None = None
    is_moving: bool = False
    """True while another time is chosen for the appointment of `slip`."""
    ticket: Ticket | None = None
    lane: str = ""
    """normal or priority (the contract's words)."""

    def anew(self) -> Money:
        """For other answers: the bill and the place are looked for again, a late answer to an old try is none now."""
        return Money(attempt=self.attempt, is_opened=self.is_opened, payment=self.payment, tries=self.tries)

    def request_key(self, case_no: str) -> str:
        """Idempotency-Key of the try under way. While the back office was not heard to have the case every try opens it
        under its own number: of two that arrive only one can be carried out, whichever comes first."""
        return f"{case_no}/attempt/{self.attempt}" if self.is_opened else case_no

    @property
    def shown_bill(self) -> Bill | None:
        """The bill that was asked for; None while it is looked for."""
        bill = self.bill
        return bill if bill and (bill.family, bill.chosen) == (self.family, self.chosen) else None

    @property
    def may_pay(self) -> bool:
        """Nothing was ever sent, or what was sent surely took nothing; the office itself closes an unpaid slip."""
        if self.in_flight:
            return False
        return self.payment is None or self.payment.took_nothing or self.payment.is_slip

    @property
    def is_told(self) -> bool:
        """True when there is a result to show and to print."""
        return self.is_unsure or any(told is not None for told in (self.payment, self.appointment, self.ticket))
