"""All screens: a step's anatomy is one row here, and only a screen that draws something of its own has a class."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.domain.visit.machine import Step
from kiosk.ui.screens.anatomy import Anatomy
from kiosk.ui.screens.attract import AttractScreen
from kiosk.ui.screens.base import Screen
from kiosk.ui.screens.capture import CaptureScreen
from kiosk.ui.screens.overlay import OverlayScreen
from kiosk.ui.screens.print import PrintScreen
from kiosk.ui.screens.sign import SignScreen
from kiosk.ui.screens.technician import TechnicianScreen
from kiosk.ui.stage import Stage

OVERLAY = "overlay"
ATTRACT = "attract"
TECHNICIAN = "technician"

ANATOMY: Mapping[Step, Anatomy] = {
    Step.WELCOME: Anatomy(picture_mm=150, is_kept=True),
    Step.CHOOSE: Anatomy(is_kept=True),
    Step.BROWSE: Anatomy(is_kept=True),
    Step.GUIDE: Anatomy(is_kept=True),
    Step.IDENTIFY: Anatomy(picture_mm=150, is_kept=True),
    Step.CONFIRM_WHO: Anatomy(stack_big=True, is_kept=True),
    Step.TAKE_CARD: Anatomy(picture_mm=150, is_kept=True),
    Step.PREPARE: Anatomy(),
    Step.CONSENT: Anatomy(),
    Step.ASK: Anatomy(stack_big=True, pad_below=True, is_kept=True),
    Step.CHANGE: Anatomy(stack_big=True),
    Step.REVIEW: Anatomy(answer_mm=44, is_kept=True),
    Step.COMMIT: Anatomy(few_pages=True),
    Step.CAPTURE: Anatomy(answer_mm=40),
    Step.SIGN: Anatomy(answer_mm=34, few_pages=True),
    Step.SUBMIT: Anatomy(),
    Step.RESULT: Anatomy(is_kept=True),
    Step.PRINT: Anatomy(picture_mm=120),
    Step.RATE: Anatomy(answer_mm=44, columns=1, list_answers=True, is_kept=True),
    Step.WIPE: Anatomy(picture_mm=150),
    Step.BILL: Anatomy(stack_big=True),
    Step.PAY_PICK: Anatomy(columns=1),
    Step.PAY_WAY: Anatomy(stack_big=True),
    Step.PAY_CODE: Anatomy(stack_big=True),
    Step.PAY_ACCOUNT: Anatomy(stack_big=True),
    Step.PAY_SIGN: Anatomy(answer_mm=34, few_pages=True),
    Step.PAYING: Anatomy(),
    Step.BOOK_DAY: Anatomy(),
    Step.BOOK_TIME: Anatomy(),
    Step.BOOK_SURE: Anatomy(),
    Step.BOOKING: Anatomy(),
    Step.APPOINTMENT: Anatomy(),
    Step.CANCEL_SURE: Anatomy(),
    Step.QUEUE: Anatomy(),
    Step.COUNTER: Anatomy(),
    Step.LOOK_UP: Anatomy(answer_mm=44),
    Step.FOUND: Anatomy(answer_mm=44),
    Step.PAPER: Anatomy(answer_mm=44),
    Step.DUE: Anatomy(answer_mm=44, columns=1),
    Step.DEPUTY: Anatomy(),
    Step.NO_CARD: Anatomy(),
    Step.WITNESS: Anatomy(),
    Step.DRAFT_SLIP: Anatomy(answer_mm=44, picture_mm=90),
    Step.DRAFT_OFFER: Anatomy(answer_mm=44),
    Step.BRING: Anatomy(),
    Step.BRING_SEND: Anatomy(),
    Step.BRING_DONE: Anatomy(),
}

BESIDE_THE_VISIT: Mapping[str, Anatomy] = {
    OVERLAY: Anatomy(answer_mm=46),
    ATTRACT: Anatomy(picture_mm=170),
    TECHNICIAN: Anatomy(answer_mm=40),
}
"""Screens that belong to no step."""

_CLASSES: Mapping[str, type[Screen]] = {
    Step.CAPTURE: CaptureScreen,
    Step.SIGN: SignScreen,
    Step.PRINT: PrintScreen,
    Step.PAY_SIGN: SignScreen,
    Step.DRAFT_SLIP: PrintScreen,
    OVERLAY: OverlayScreen,
    ATTRACT: AttractScreen,
    TECHNICIAN: TechnicianScreen,
}
"""Screens that draw something of their own; all others show their view in the common anatomy."""

NAMES: tuple[str, ...] = (*ANATOMY, *BESIDE_THE_VISIT)
"""All screens."""


def build(name: str, stage: Stage) -> Screen:
    anatomy = BESIDE_THE_VISIT.get(name) or ANATOMY[Step(name)]
    return _CLASSES.get(name, Screen)(stage, anatomy)
