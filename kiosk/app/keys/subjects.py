"""States of the subjects' own screens, for the list of text keys: each subject names those that differ in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kiosk.app.keys import aid as aid_keys
from kiosk.app.keys import bring as bring_keys
from kiosk.app.keys import consent as consent_keys
from kiosk.app.keys import deputy as deputy_keys
from kiosk.app.keys import drafts as drafts_keys
from kiosk.app.keys import ear as ear_keys
from kiosk.app.keys import money as money_keys
from kiosk.app.keys import papers as papers_keys
from kiosk.app.keys import questions as question_keys
from kiosk.app.keys import sheets as sheets_keys
from kiosk.app.keys import site as site_keys
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import VisitState

States = Callable[[VisitState, Catalogue], Iterator[VisitState]]
"""From a visit in its middle and the catalogue, the states whose screens (and notes after each event) have words."""

Lines = Callable[[], Iterator[Line]]
"""Texts with their values that stand on no state's screen in its common catalogue."""

STATES: tuple[States, ...] = (
    aid_keys.states,
    bring_keys.states,
    consent_keys.states,
    deputy_keys.states,
    drafts_keys.states,
    ear_keys.states,
    money_keys.states,
    papers_keys.states,
    question_keys.states,
    sheets_keys.states,
)
KEYS: tuple[str, ...] = (
    *aid_keys.KEYS,
    *bring_keys.KEYS,
    *consent_keys.KEYS,
    *deputy_keys.KEYS,
    *drafts_keys.KEYS,
    *money_keys.KEYS,
    *papers_keys.KEYS,
    *question_keys.KEYS,
    *sheets_keys.KEYS,
)
"""Texts that the subjects' services put into a state."""
LINES: tuple[Lines, ...] = (ear_keys.lines, site_keys.lines)
