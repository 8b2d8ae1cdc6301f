"""The rows of a visit: where each event leads from each step, where back leads, what entering a step does.

A subject of its own (`visit_<subject>.py`) gives its rows as a `Part`; here they are put together.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.aid import rows as visit_aid
from kiosk.domain.consent import rows as visit_consent
from kiosk.domain.deputy import rows as visit_deputy
from kiosk.domain.deputy.rows import HELPERS_AGAIN, card_taken, step_after_card
from kiosk.domain.ear import rows as visit_ear
from kiosk.domain.money import rows as visit_money
from kiosk.domain.papers import rows as visit_papers
from kiosk.domain.questions import rows as visit_questions
from kiosk.domain.sheets import rows as visit_sheets
from kiosk.domain.site import rows as visit_site
from kiosk.domain.slip import ways_rows as visit_ways
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.rows import (
    action_done,
    can_read_face,
    card_failed,
    card_failed_at_door,
    card_left,
    card_read,
    card_seen,
    face_begins,
    face_wanted,
    is_chip_dead,
    is_overdue,
    is_told_again,
    is_transacted,
    item_chosen,
    next_index,
    plan_made,
    slip_printed,
    started,
    step_after_slip,
    step_for_item,
    step_of_action,
)
from kiosk.domain.visit.state import Printing
from kiosk.domain.visit.transition import Part, Row, on, together
from kiosk.domain.visit.words import Do, Outcome, Overlay, Step

PARTS: tuple[Part, ...] = (
    visit_aid.PART,
    visit_consent.PART,
    visit_deputy.PART,
    visit_ear.PART,
    visit_money.PART,
    visit_papers.PART,
    visit_questions.PART,
    visit_sheets.PART,
    visit_site.PART,
    visit_ways.PART,
)

_BACK: dict[Step, Step] = {
    Step.WELCOME: Step.WELCOME,
    Step.CHOOSE: Step.WELCOME,
    Step.BROWSE: Step.CHOOSE,
    Step.GUIDE: Step.CHOOSE,
    Step.IDENTIFY: Step.CHOOSE,
    Step.CONFIRM_WHO: Step.IDENTIFY,
    Step.TAKE_CARD: Step.CONFIRM_WHO,
    Step.PREPARE: Step.CHOOSE,
    Step.ASK: Step.CHOOSE,
    Step.REVIEW: Step.ASK,
    # From here on the case is in the store: going back is leaving or calling somebody.
    Step.SUBMIT: Step.SUBMIT,
    Step.RESULT: Step.RESULT,
    Step.PRINT: Step.RESULT,
    Step.RATE: Step.RESULT,
    Step.WIPE: Step.WIPE,
}

_ENTER: dict[Step, tuple[Do, ...]] = {
    Step.WELCOME: (Do.WATCH_CARD,),
    Step.CHOOSE: (Do.WATCH_CARD,),
    Step.IDENTIFY: (Do.WATCH_CARD, Do.PROBE_OFFICE),
    Step.TAKE_CARD: (Do.WATCH_REMOVAL, Do.FIND_DRAFT),
    Step.PREPARE: (Do.STOP_CARD, Do.PREPARE),
    Step.BROWSE: (Do.STOP_CARD,),
    Step.GUIDE: (Do.STOP_CARD, Do.ASK_NEAREST, Do.ASK_WAY),
    Step.SUBMIT: (Do.STORE,),
    Step.PRINT: (Do.PRINT_SLIP,),
    Step.WIPE: (Do.STOP_CARD, Do.MIND_CARD, Do.WIPE, Do.DROP_PAPER),
}

_CARD_STEPS = (Step.WELCOME, Step.CHOOSE, Step.IDENTIFY)
_LEFT_STEPS = (*_CARD_STEPS, Step.WIPE)
"""Where a forgotten card can be spoken of: nowhere that a resident is in the middle of her own case."""
_MAX_COPIES = 3

_TABLE = together(
    on(Step.WELCOME, Ev.START, Row(Step.CHOOSE, take=started, do=(Do.BEGIN_VISIT,))),
    on(Step.CHOOSE, Ev.BROWSE, Row(Step.BROWSE, change=lambda s: replace(s, category="", page=0))),
    on(
        Step.CHOOSE,
        Ev.CHOSEN,
        Row(route=step_for_item, take=item_chosen, fits=is_transacted),
        Row(Step.GUIDE, take=item_chosen),
    ),
    on(Step.BROWSE, Ev.CATEGORY, Row(Step.BROWSE, take=lambda s, v: replace(s, category=v, page=0))),
    on(Step.BROWSE, Ev.PAGE, Row(Step.BROWSE, take=lambda s, v: replace(s, page=v))),
    on(
        Step.BROWSE,
        Ev.CHOSEN,
        Row(route=step_for_item, take=item_chosen, fits=is_transacted),
        Row(Step.GUIDE, take=item_chosen),
    ),
    *(on(step, Ev.CARD_SEEN, Row(step, change=card_seen)) for step in _CARD_STEPS),
    on(Step.WELCOME, Ev.CARD_FAILED, Row(Step.WELCOME, take=card_failed_at_door)),
    on(Step.CHOOSE, Ev.CARD_FAILED, Row(Step.CHOOSE, take=card_failed)),
    on(
        Step.IDENTIFY,
        Ev.CARD_FAILED,
        Row(Step.IDENTIFY, take=face_begins, fits=is_chip_dead, do=(Do.WATCH_FACE,)),
        Row(Step.IDENTIFY, take=card_failed),
    ),
    on(Step.IDENTIFY, Ev.READ_FACE, Row(Step.IDENTIFY, change=face_wanted, when=can_read_face, do=(Do.WATCH_FACE,))),
    *(
        on(
            step,
            Ev.CARD_LEFT,
            Row(step, take=card_left, fits=is_overdue, do=(Do.REPORT_CARD, Do.SAY_AGAIN)),
            Row(step, take=card_left, fits=is_told_again, do=(Do.SAY_AGAIN,)),
            Row(step, take=card_left),
        )
        for step in _LEFT_STEPS
    ),
    *(
        on(step, Ev.CARD_REMOVED, Row(step, change=lambda s: replace(s, left=None), when=lambda s: s.left is not None))
        for step in _LEFT_STEPS
    ),
    on(Step.WELCOME, Ev.CARD_READ, Row(Step.CONFIRM_WHO, take=card_read, do=(Do.BEGIN_VISIT,))),
    on(Step.CHOOSE, Ev.CARD_READ, Row(Step.CONFIRM_WHO, take=card_read)),
    on(Step.IDENTIFY, Ev.CARD_READ, HELPERS_AGAIN, Row(Step.CONFIRM_WHO, take=card_read)),
    on(Step.CONFIRM_WHO, Ev.YES, Row(Step.TAKE_CARD)),
    on(Step.CONFIRM_WHO, Ev.NO, Row(Step.IDENTIFY, change=lambda s: replace(s, resident=None, note="identify.other"))),
    on(Step.CONFIRM_WHO, Ev.CARD_REMOVED, Row(Step.CONFIRM_WHO, change=lambda s: replace(s, card_seen=False))),
    on(Step.TAKE_CARD, Ev.CARD_REMOVED, Row(route=step_after_card, change=card_taken)),
    on(
        Step.PREPARE,
        Ev.PREPARED,
        Row(route=step_of_action, take=plan_made, fits=lambda s, v: v.item_id == s.item_id),
    ),
    on(Step.REVIEW, Ev.SEND, Row(route=step_of_action, change=action_done)),
    on(Step.SUBMIT, Ev.STORED, Row(Step.SUBMIT, change=lambda s: replace(s, stored=True), do=(Do.AWAIT_DECISION,))),
    on(
        Step.SUBMIT,
        Ev.STORE_FAILED,
        Row(
            Step.SUBMIT,
            change=lambda s: replace(s, cause=Outcome.FAILED, overlay=Overlay.CANNOT, note="submit.not_stored"),
        ),
    ),
    on(
        Step.SUBMIT,
        Ev.DECIDED,
        Row(
            route=step_of_action,
            take=lambda s, v: replace(s, decision=v, index=next_index(s)),
            when=lambda s: s.stored,
        ),
    ),
    on(
        Step.SUBMIT,
        Ev.UNSENT,
        Row(
            route=step_of_action,
            change=lambda s: replace(s, offline=True, index=next_index(s)),
            when=lambda s: s.stored,
        ),
    ),
    # A reply that comes late, while the resident still looks at the result or the slip.
    on(
        Step.RESULT,
        Ev.DECIDED,
        Row(Step.RESULT, take=lambda s, v: replace(s, decision=v), when=lambda s: s.decision is None),
    ),
    on(
        Step.RESULT,
        Ev.PRINT,
        Row(Step.PRINT, change=lambda s: replace(s, printing=Printing.BUSY, copies=s.copies + 1, print_fault="")),
    ),
    on(Step.RESULT, Ev.WITHOUT_PAPER, Row(route=step_after_slip)),
    on(Step.PRINT, Ev.PRINTED, Row(Step.PRINT, take=slip_printed)),
    on(
        Step.PRINT,
        Ev.PRINT,
        Row(
            Step.PRINT,
            change=lambda s: replace(s, printing=Printing.BUSY, copies=s.copies + 1, print_fault=""),
            when=lambda s: s.printing is not Printing.BUSY and s.copies < _MAX_COPIES,
            do=(Do.PRINT_SLIP,),
        ),
    ),
    on(
        Step.PRINT,
        Ev.TAKEN,
        Row(
            route=step_after_slip,
            change=lambda s: replace(s, printing=Printing.NONE),
            when=lambda s: s.printing is not Printing.BUSY,
        ),
    ),
    on(
        Step.PRINT,
        Ev.NOT_OUT,
        Row(
            Step.PRINT,
            change=lambda s: replace(s, printing=Printing.FAILED, print_fault=""),
            when=lambda s: s.printing is not Printing.BUSY,
        ),
    ),
    on(Step.PRINT, Ev.WITHOUT_PAPER, Row(route=step_after_slip, when=lambda s: s.printing is not Printing.BUSY)),
    on(Step.RATE, Ev.SKIP, Row(Step.WIPE)),
    on(Step.WIPE, Ev.WIPED, Row(Step.WELCOME)),
)

BACK = together(_BACK, *(part.back for part in PARTS))
ENTER = together(_ENTER, *(part.enter for part in PARTS))
TABLE = together(_TABLE, *(part.table for part in PARTS))
