"""A slip as blocks of text keys and values: what a resident takes home. No words, no printer bytes.

Every kind has the same anatomy: what happened in one big line; the number's last 16 digits in four
groups of four on two lines; the few facts, masked; a box with the next step; whom to call; a code
to verify. Without a decision it is a receipt for papers handed in (收件凭证) and never an acceptance
notice (受理通知书), which needs the authority's seal (行政许可法 art. 32).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, auto

from kiosk.domain.aid.state import CallStage
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.identity import mask_name, mask_number
from kiosk.domain.slip.codes import slip_code
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.visit.machine import Decision, DecisionKind, Overlay, VisitState


class SlipKind(StrEnum):
    APPROVED = auto()
    NOTICE = auto()
    """一次性告知: everything that is missing, at once, and when to come back."""
    PENDING = auto()
    """A person decides."""
    SAVED = auto()
    """Stored on the terminal, not yet delivered."""
    CALL = auto()
    """Somebody was called for help."""
    # `kiosk.domain.money.slip` makes these
    PAID = auto()
    PAY_SLIP = auto()
    """缴款书: to be paid at a bank's counter."""
    PAY_UNKNOWN = auto()
    """Nobody knows yet whether money was taken."""
    APPOINTMENT = auto()
    CANCELLED = auto()
    TICKET = auto()
    UNSURE = auto()
    """Nobody knows yet whether the place was taken."""
    DONE = auto()
    """Nothing was left to decide."""
    COMPLAINT = auto()
    """What could not be done is registered."""
    ANSWER = auto()
    """What registers said."""
    CERTIFICATE = auto()
    """A certificate was printed, or its rest is wanted another day."""
    BROUGHT = auto()
    """What was missing has been brought."""
    DRAFT = auto()
    """She comes back; nothing is handed in."""
    GUIDE = auto()
    """Where to go, when and with what."""


@dataclass(frozen=True, slots=True)
class SlipTerminal:
    """Where the slip is printed and whom it tells to call."""

    village: str
    place: str
    machine: str
    phone: str = ""
    """The site's own, as the back office tells it; empty where none is known."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where this was printed and what kind of paper it is, small."""

    line: Line


@dataclass(frozen=True, slots=True)
class CopyMark:
    line: Line


@dataclass(frozen=True, slots=True)
class Headline:
    """What happened, in the largest letters, and under it what it is about."""

    line: Line
    subject: Line | None


@dataclass(frozen=True, slots=True)
class Number:
    """The number to ask with; `rows` are two lines of two groups of four digits."""

    label: Line
    rows: tuple[str, str]


@dataclass(frozen=True, slots=True)
class SlipFact:
    label: Line
    value: Line
    minor: bool = False
    """True for what a clerk needs rather than the resident: small print."""


@dataclass(frozen=True, slots=True)
class NextSteps:
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence the law or honesty asks for."""

    line: Line


@dataclass(frozen=True, slots=True)
class Contact:
    line: Line
    where: Line
    """A telephone number, or a place."""


@dataclass(frozen=True, slots=True)
class Verify:
    """A QR code; `payload` is ASCII and carries no personal data."""

    payload: str
    line: Line


@dataclass(frozen=True, slots=True)
class Rule:
    pass


Block = Header | CopyMark | Headline | Number | SlipFact | NextSteps | Remark | Contact | Verify | Rule


@dataclass(frozen=True, slots=True)
class Slip:
    kind: SlipKind
    blocks: tuple[Block, ...]
    copy_no: int = 1


NUMBER_DIGITS = 16

_KEYS_WITH_ARGS: Mapping[str, tuple[str, ...]] = {
    "slip.header": ("village", "paper"),
    "slip.copy": ("n",),
    "slip.value.item": ("item",),
    "slip.value.name": ("name",),
    "slip.value.agent": ("name",),
    "slip.value.document": ("number",),
    "slip.value.account": ("bank", "last4"),
    "slip.value.amount": ("amount",),
    "slip.value.received": ("count",),
    "slip.value.time": ("date", "time"),
    "slip.value.place": ("place", "machine"),
    "slip.value.query_code": ("code",),
    "slip.value.cause": ("cause",),
    "slip.value.window_by": ("date",),
    "slip.value.district_by": ("date",),
    "slip.approved.next": ("date",),
    "slip.phone": ("phone",),
    "slip.place": ("place",),
    "slip.value.text": ("text",),
}
_LABELS = ("item", "name", "agent", "document", "account", "amount", "received", "time", "place", "query_code", "cause")
_DUE_LABELS = ("window_by", "district_by")
_TOLD = ("window", "district")
"""Who answers first and who last; those between are on the screen of the office."""
_PLAIN = (
    "slip.repeat.title",
    "slip.approved.done",
    "slip.notice.missing",
    "slip.notice.again",
    "slip.papers.bring",
    "slip.notice.kept",
    "slip.pending.next",
    "slip.pending.ask",
    "slip.saved.next",
    "slip.saved.ask",
    "slip.call.kept",
    "slip.done.next",
    "slip.complaint.next",
    "slip.complaint.told",
    "slip.certificate.done",
    "slip.certificate.rest",
    "slip.certificate.any",
    "slip.not_accepted",
    "slip.contact",
    "slip.contact.here",
    "slip.verify",
)

SLIP_KEYS: Mapping[str, tuple[str, ...]] = {
    **_KEYS_WITH_ARGS,
    **{f"slip.{kind.value}.{part}": () for kind in SlipKind for part in ("title", "kind")},
    **{f"slip.label.{label}": () for label in (*_LABELS, *_DUE_LABELS)},
    **{f"slip.number.{name}": () for name in ("case", "receipt", "call", "complaint")},
    **dict.fromkeys(_PLAIN, ()),
}
"""Every text key that a slip can use of its own, with the names of its values. Reasons and next steps
of the back office, `item.<ID>.name` and the help call's answer come besides."""


def kind_of(state: VisitState) -> SlipKind:
    """Which slip is asked for: of the call or complaint on the screen, else what the visit has earned.

    :raises ValueError: nothing was stored and nobody was called.
    """
    if state.layer is Overlay.REGISTERED and state.aid.taken is not None:
        return SlipKind.COMPLAINT
    has_call = state.call_answer is not None and state.call_stage is not CallStage.NOT_STORED
    if state.layer is Overlay.CALLED and has_call:
        return SlipKind.CALL
    if state.decision is not None:
        return {
            DecisionKind.APPROVED: SlipKind.APPROVED,
            DecisionKind.NOTICE: SlipKind.NOTICE,
            DecisionKind.PENDING: SlipKind.PENDING,
            DecisionKind.DONE: SlipKind.DONE,
        }[state.decision.kind]
    if state.stored:
        return SlipKind.SAVED
    if has_call:
        return SlipKind.CALL
    raise ValueError("this visit has nothing to put on a slip")


def slip_for(state: VisitState, catalogue: Catalogue, terminal: SlipTerminal, wall: datetime) -> Slip:
    """The slip of a visit as it stands.

    :param wall: local time to print.
    :raises ValueError: the visit has no number, or nothing to put on a slip.
    """
    kind = kind_of(state)
    copy_no = 1 if kind in (SlipKind.CALL, SlipKind.COMPLAINT) else max(state.copies, 1)
    subject = Line(f"item.{state.item_id}.name") if state.item_id else None
    blocks = opening(kind, terminal, copy_no, subject)
    if kind is SlipKind.NOTICE and state.decision is not None and state.decision.repeats:
        blocks = [replace(one, line=Line("slip.repeat.title")) if isinstance(one, Headline) else one for one in blocks]
    blocks += [Rule(), number_of(kind, state), Rule()]
    blocks += facts_of(kind, state, catalogue, terminal, wall)
    blocks.append(NextSteps((*_to_bring(kind, state), *_next_steps(kind, state))))
    if kind in (SlipKind.SAVED, SlipKind.PENDING):
        blocks.append(Remark(Line("slip.not_accepted")))
    blocks += [contact_of(terminal), Verify(payload_of(state), Line("slip.verify"))]
    return Slip(kind, tuple(blocks), copy_no)


def line_of(key: str, **args: Arg) -> Line:
    return Line(key, args)


def opening(kind: SlipKind, terminal: SlipTerminal, copy_no: int, subject: Line | None = None) -> list[Block]:
    """How every slip begins: where and what paper, which copy if not the first, what happened and to what."""
    paper = Arg(ArgKind.KEY, f"slip.{kind.value}.kind")
    blocks: list[Block] = [Header(line_of("slip.header", village=Arg(ArgKind.PLACE, terminal.village), paper=paper))]
    if copy_no > 1:
        blocks.append(CopyMark(line_of("slip.copy", n=Arg(ArgKind.COUNT, str(copy_no)))))
    blocks.append(Headline(Line(f"slip.{kind.value}.title"), subject))
    return blocks


def when_and_where(terminal: SlipTerminal, wall: datetime) -> tuple[SlipFact, SlipFact]:
    """When and at which machine it was printed, small, on every slip."""
    date, time = Arg(ArgKind.DATE, wall.date().isoformat()), Arg(ArgKind.TIME, wall.strftime("%H:%M"))
    place, machine = Arg(ArgKind.PLACE, terminal.place), Arg(ArgKind.TEXT, terminal.machine)
    return slip_fact("time", True, date=date, time=time), slip_fact("place", True, place=place, machine=machine)


def contact_of(terminal: SlipTerminal) -> Contact:
    """The site's telephone; without one, the place where somebody may be asked."""
    if terminal.phone:
        return Contact(Line("slip.contact"), line_of("slip.phone", phone=Arg(ArgKind.PHONE, terminal.phone)))
    return Contact(Line("slip.contact.here"), line_of("slip.place", place=Arg(ArgKind.PLACE, terminal.place)))


def number_rows(case_no: str) -> tuple[str, str]:
    """The last 16 digits as two rows of two groups of four. :raises ValueError: fewer digits."""
    digits = case_no[-NUMBER_DIGITS:]
    if len(digits) != NUMBER_DIGITS or not digits.isdigit():
        raise ValueError("a slip needs the number of its visit")
    groups = [digits[at : at + 4] for at in range(0, NUMBER_DIGITS, 4)]
    return f"{groups[0]} {groups[1]}", f"{groups[2]} {groups[3]}"


_NUMBER_NAMES = {
    **dict.fromkeys((SlipKind.SAVED, SlipKind.PENDING), "receipt"),
    **dict.fromkeys((SlipKind.CALL, SlipKind.COMPLAINT), "call"),
}


def number_of(kind: SlipKind, state: VisitState) -> Number:
    complaint = state.aid.taken.number if state.aid.taken else ""
    if kind is SlipKind.COMPLAINT and complaint:
        return Number(Line("slip.number.complaint"), (f"{complaint[:4]} {complaint[4:8]}", complaint[8:]))
    return Number(Line(f"slip.number.{_NUMBER_NAMES.get(kind, 'case')}"), number_rows(state.case_no))


def slip_fact(label: str, /, minor: bool = False, **args: Arg) -> SlipFact:
    return SlipFact(Line(f"slip.label.{label}"), Line(f"slip.value.{label}", args), minor)


def facts_of(
    kind: SlipKind, state: VisitState, catalogue: Catalogue, terminal: SlipTerminal, wall: datetime
) -> list[SlipFact]:
    """What concerns the resident first, large; then what a clerk looks for, small."""
    facts: list[SlipFact] = []
    if state.resident is not None:
        facts.append(slip_fact("name", name=Arg(ArgKind.NAME, mask_name(state.resident.name))))
        facts.append(slip_fact("document", number=Arg(ArgKind.TEXT, mask_number(state.resident.number))))
    facts += helper_of(state)
    facts += _money(kind, state)
    facts += _failed(kind, state)
    if state.decision is not None and state.decision.query_code:
        facts.append(slip_fact("query_code", code=Arg(ArgKind.DIGITS, state.decision.query_code)))
    if state.item_id:
        facts.append(slip_fact("item", True, item=Arg(ArgKind.TEXT, catalogue.item(state.item_id).official)))
    if kind in (SlipKind.SAVED, SlipKind.PENDING) and state.resident is not None:
        facts.append(slip_fact("received", True, count=Arg(ArgKind.COUNT, "1")))
    return [*facts, *when_and_where(terminal, wall)]


def helper_of(state: VisitState) -> list[SlipFact]:
    """Who came for her stands on everything that is printed."""
    helper = state.deputy.helper
    return [slip_fact("agent", name=Arg(ArgKind.NAME, mask_name(helper.name)))] if helper is not None else []


def _failed(kind: SlipKind, state: VisitState) -> list[SlipFact]:
    """What could not be done failed for this; who answers at the latest on which day."""
    aid = state.aid
    if kind is not SlipKind.COMPLAINT or aid.cause is None or aid.taken is None:
        return []
    cause = slip_fact("cause", cause=Arg(ArgKind.KEY, f"cannot.cause.{aid.cause.value}"))
    days = [
        slip_fact(f"{level}_by", date=Arg(ArgKind.DATE, day)) for level, day in aid.taken.due.items() if level in _TOLD
    ]
    return [cause, *days]


def _money(kind: SlipKind, state: VisitState) -> list[SlipFact]:
    """Where the money goes and how much, only when it was granted."""
    if kind is not SlipKind.APPROVED or state.decision is None:
        return []
    facts = []
    granted = state.decision.facts
    if amount := granted.get("amount_fen"):
        facts.append(slip_fact("amount", amount=Arg(ArgKind.MONEY, amount)))
    if granted.get("bank") and granted.get("last4"):
        last4 = Arg(ArgKind.DIGITS, granted["last4"][-4:])
        facts.append(slip_fact("account", bank=Arg(ArgKind.TEXT, granted["bank"]), last4=last4))
    return facts


def _next_steps(kind: SlipKind, state: VisitState) -> tuple[Line, ...]:
    decision = state.decision
    if kind is SlipKind.APPROVED and decision is not None:
        return _granted(decision)
    if decision is not None and decision.repeats:
        return (*decision.reasons, *((decision.next_step,) if decision.next_step else ()))
    if kind is SlipKind.NOTICE and decision is not None:
        advice = decision.next_step or Line("slip.notice.again")
        # A refusal that gave no reason says at least so much.
        why = (Line("slip.notice.missing"), *decision.reasons) if decision.reasons else (Line("result.notice"),)
        return (*why, advice, Line("slip.notice.kept"))
    if kind is SlipKind.DONE:
        return (Line("slip.done.next"),)
    if kind is SlipKind.PENDING:
        return (Line("slip.pending.next"), Line("slip.pending.ask"))
    if kind is SlipKind.SAVED:
        return (Line("slip.saved.next"), Line("slip.saved.ask"))
    if kind is SlipKind.COMPLAINT:
        said = state.aid.taken.line if state.aid.taken else None
        return (said or Line("slip.complaint.next"), Line("slip.complaint.told"))
    assert state.call_answer is not None, "a slip of a call tells how it stands"
    return (state.call_answer, *((Line("slip.call.kept"),) if state.item_id else ()))


def _to_bring(kind: SlipKind, state: VisitState) -> tuple[Line, ...]:
    """Papers that she did not have here, each by its name, and where they may be brought."""
    missing = state.papers.missing if kind is not SlipKind.CALL else ()
    return (Line("slip.notice.missing"), *map(Line, missing), Line("slip.papers.bring")) if missing else ()


def _granted(decision: Decision) -> tuple[Line, ...]:
    starts_on = decision.facts.get("starts_on", "")
    if not starts_on:
        # What brings no money must not be printed as money that comes, nor as if nothing were left to do.
        return (decision.next_step or Line("result.approved.now"),)
    return (line_of("slip.approved.next", date=Arg(ArgKind.DATE, starts_on)), Line("slip.approved.done"))


def payload_of(state: VisitState) -> str:
    """Upper case, digits, `:` and `-` only: the QR code stays small (alphanumeric mode)."""
    code = state.decision.query_code if state.decision else ""
    return slip_code(state.case_no, code, state.lang)
