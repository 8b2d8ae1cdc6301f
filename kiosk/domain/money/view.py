"""Screens for bills and payments, appointments."""

from __future__ import annotations

from kiosk.domain.authority import view as view_authority
from kiosk.domain.booking import view as view_book
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.money import pay_view as view_pay
from kiosk.domain.view.parts import Over, Screen, View
from kiosk.domain.visit.machine import VisitState
from kiosk.domain.visit.words import Overlay, Step

SCREENS: dict[Step, Screen] = {**view_authority.SCREENS, **view_pay.SCREENS, **view_book.SCREENS}
OVERLAYS: dict[Overlay, Over] = {}


def result(state: VisitState, catalogue: Catalogue) -> View:
    """What came of it, where `state.money.is_told`."""
    return view_pay.result(state) if state.money.payment is not None else view_book.result(state)
