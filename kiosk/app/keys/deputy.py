"""States of a helper's way in, of a typed number and its witness, for the list of text keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.deputy.rows import wanted_number, wanted_witness
from kiosk.domain.deputy.state import AUTHORITY, KINSHIP, Deputy, Helper, Stage, Terms, Typed, terms_of
from kiosk.domain.typing.state import Wanted
from kiosk.domain.visit.machine import Ev, Event, Step, VisitState, advance

KEYS = (
    *(AUTHORITY, KINSHIP),
    *("no_card.number_wrong", "no_card.written_out", "no_card.name", "witness.pin", "witness.wrong", "witness.wait"),
    *("deputy.same_card", "deputy.refused"),
)
_HELPER = Helper("resident", "Somebody", "350221197003150018")


def states(visit: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    for terms in Terms:
        item = next((item for item in catalogue.items if terms_of(item) is terms), None)
        for stage in Stage:
            helped = replace(visit, item_id=item.item_id if item else "", deputy=Deputy(stage, _HELPER))
            yield replace(helped, step=Step.DEPUTY)
            if item is None:
                continue
            yield replace(helped, step=Step.IDENTIFY, resident=None)
            yield replace(helped, step=Step.CONFIRM_WHO)
    yield replace(visit, step=Step.NO_CARD)
    yield replace(visit, step=Step.WITNESS)
    yield replace(visit, step=Step.WITNESS, typed=Typed(checking=True))
    for wanted in (wanted_number(), wanted_witness()):
        yield _typing(visit, wanted)


def _typing(visit: VisitState, wanted: Wanted) -> VisitState:
    return advance(visit, Event(Ev.TYPE, wanted))[0]
