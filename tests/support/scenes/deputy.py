"""Who comes for somebody else, who has no card, and the witness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.deputy.rows import wanted_number, wanted_witness
from kiosk.domain.deputy.state import Deputy, Helper, Stage, Typed
from kiosk.domain.visit.machine import Ev, Event, Step, VisitState, advance

HELPER = Helper("resident", "林小玲", "350221197003150026")
_NUMBER = "350221194403150021"


def scenes(visit: Callable[..., VisitState], catalogue: Catalogue) -> dict[str, VisitState]:
    stages = (Stage.HONEST, Stage.PRESENT, Stage.ABSENT, Stage.NO_LETTER)
    known = {"plan": (), "deputy": Deputy(Stage.RESIDENT, HELPER)}
    empty = visit(Step.NO_CARD, plan=(), resident=None)
    written = visit(Step.WITNESS, plan=(), resident=None, typed=Typed(_NUMBER, "陈阿娇"))
    return {
        "no_card": empty,
        "no_card_wrong": replace(empty, note="no_card.number_wrong"),
        "no_card_number": advance(empty, Event(Ev.TYPE, wanted_number(_NUMBER)))[0],
        "no_card_looked": advance(advance(empty, Event(Ev.TYPE, wanted_number(_NUMBER)))[0], Event(Ev.TYPE_LOOK))[0],
        "witness": written,
        "witness_wrong": replace(written, note="witness.wrong"),
        "witness_number": advance(written, Event(Ev.TYPE, wanted_witness()))[0],
        "witness_checking": replace(written, typed=replace(written.typed, checking=True)),
        "deputy_helper": visit(Step.IDENTIFY, plan=(), resident=None, deputy=Deputy(Stage.HELPER)),
        **{
            f"deputy_{stage.value}": visit(Step.DEPUTY, plan=(), resident=None, deputy=Deputy(stage, HELPER))
            for stage in stages
        },
        "deputy_resident": visit(Step.IDENTIFY, resident=None, **known),
        "deputy_same_card": visit(Step.IDENTIFY, resident=None, note="deputy.same_card", **known),
        "deputy_confirm": visit(Step.CONFIRM_WHO, **known),
        "deputy_agree": visit(Step.DEPUTY, plan=(), deputy=Deputy(Stage.AGREE, HELPER, is_present=True)),
        "deputy_review": visit(Step.REVIEW, deputy=Deputy(Stage.STANDS, HELPER)),
    }
