"""States of the screen that asks for her word, for the list of text keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.visit.machine import Step, VisitState
from kiosk.domain.visit.plan import Action, ActionKind

KEYS = ("consent.refused",)
"""What is said after a no."""
REGISTERS = "L03 L22"
"""Which of them an item asks says the office; a release may name several any day."""


def states(base: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    yield replace(base, step=Step.CONSENT, plan=(Action(ActionKind.CONSENT, REGISTERS),), index=0)
