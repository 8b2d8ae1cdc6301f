"""Rows of the machine for what a slip's code can do, and for drafts."""

from __future__ import annotations

from kiosk.domain.booking import rows as visit_book
from kiosk.domain.bring import rows as visit_bring
from kiosk.domain.drafts import rows as visit_drafts
from kiosk.domain.slip import rows as visit_slips
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.transition import Part, on, together
from kiosk.domain.visit.words import Step

_CODES = together(
    on(Step.WELCOME, Ev.CODE_SHOWN, *visit_book.AT_DOOR, *visit_drafts.AT_DOOR),
    on(Step.CHOOSE, Ev.CODE_SHOWN, *visit_book.AT_CHOICE, *visit_drafts.AT_CHOICE),
)
"""A code counts where nothing has begun; whose slip it is decides what it does."""

PART = Part(
    back=together(visit_drafts.PART.back, visit_bring.PART.back),
    enter=together(visit_drafts.PART.enter, visit_bring.PART.enter),
    table=together(_CODES, visit_drafts.PART.table, visit_bring.PART.table),
    everywhere=together(visit_drafts.PART.everywhere, visit_slips.PART.everywhere),
    within=visit_drafts.PART.within,
)
