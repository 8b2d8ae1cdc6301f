"""The screens on which a card is asked for, read, confirmed and given back, and what is said of cards elsewhere."""

from __future__ import annotations

from kiosk.domain.catalogue import Catalogue, Mode
from kiosk.domain.deputy.state import Stage
from kiosk.domain.identity import mask_name, mask_number
from kiosk.domain.speech import Arg, ArgKind, Line, Priority, Utterance
from kiosk.domain.view.parts import Choice, Fact, View, progress_of
from kiosk.domain.visit.machine import CardPlace, Ev, Event, VisitState
from kiosk.domain.visit.readiness import SHEETS_LOW, Capability
from kiosk.domain.visit.rows import place_of


def card_lines(state: VisitState, otherwise: tuple[Line, ...]) -> tuple[Line, ...]:
    if state.left:
        return (Line(f"forgotten.other.{state.left.place.value}"),)
    if state.card_fault:
        return (Line(f"fault.{state.card_fault}"),)
    if state.card_seen and state.resident is None:
        return (Line("identify.reading"),)
    return otherwise


def said_of_card(state: VisitState) -> tuple[Utterance, ...]:
    """While a card is read, or was read badly, only that is said: the rest of the screen was said before."""
    return tuple(Utterance(line, priority=Priority.NOW) for line in card_lines(state, ()))


def identify(state: VisitState, catalogue: Catalogue) -> View:
    news = card_lines(state, ())
    question, how = _how_to_identify(state)
    again = (Choice(Line("identify.read_face"), Event(Ev.READ_FACE), likely=True),) if _may_read_face(state) else ()
    return View(
        state.step,
        state.overlay,
        news[0] if news else question,
        body=() if state.card_seen else (*how, *sheets_low(state, catalogue)),
        choices=(*again, Choice(Line("identify.no_card"), Event(Ev.NO_CARD)), *_for_other(state)),
        picture="card_down",
        progress=progress_of(state),
        working=state.card_seen,
    )


def sheets_low(state: VisitState, catalogue: Catalogue) -> tuple[Line, ...]:
    """A service whose end is a sheet says before it begins that few are left."""
    is_low = state.capabilities.paper.get(Capability.PRINT_DOCUMENT) == SHEETS_LOW
    prints = bool(state.item_id) and catalogue.item(state.item_id).mode is Mode.PRINT
    return (Line(f"fault.{SHEETS_LOW}"),) if is_low and prints else ()


def _for_other(state: VisitState) -> tuple[Choice, ...]:
    """A quiet choice: most come for themselves."""
    alone = state.deputy.stage is Stage.NONE
    return (Choice(Line("identify.for_other"), Event(Ev.FOR_OTHER)),) if alone else ()


def _how_to_identify(state: VisitState) -> tuple[Line, tuple[Line, ...]]:
    """Whose card, and how, with what works in this visit."""
    question, how = _how_to_lay(state)
    whose = {Stage.HELPER: "deputy.lay_helper", Stage.RESIDENT: "deputy.lay_resident"}.get(state.deputy.stage)
    return (Line(whose), (question, *how[:1])) if whose else (question, how)


def _how_to_lay(state: VisitState) -> tuple[Line, tuple[Line, ...]]:
    if state.reads_face:
        return Line("identify.face.lay"), (Line("identify.face.how"),)
    has = state.capabilities.has
    if has(Capability.READ_SOCIAL_CARD):
        if not has(Capability.READ_ID_CARD):
            return Line("identify.insert_social"), (Line("identify.insert_social.how"),)
        return Line("identify.lay_card"), (Line("identify.lay_card.how"), Line("identify.or_social"))
    return Line("identify.lay_card"), (Line("identify.lay_card.how"),)


def _may_read_face(state: VisitState) -> bool:
    """After a first failure, or where no chip can be read here at all."""
    usable = state.capabilities.usable
    no_chip = not usable & {Capability.READ_ID_CARD, Capability.READ_SOCIAL_CARD}
    wanted = no_chip or state.chip_failures > 0
    return wanted and Capability.READ_ID_FACE in usable and not state.reads_face and not state.card_seen


def who(state: VisitState) -> tuple[Fact, ...]:
    if state.resident is None:
        return ()
    return (
        Fact("fact.name", Arg(ArgKind.NAME, mask_name(state.resident.name)), big=True),
        Fact("fact.number", Arg(ArgKind.TEXT, mask_number(state.resident.number))),
    )


def confirm_who(state: VisitState, catalogue: Catalogue) -> View:
    helped = state.deputy.stage is Stage.RESIDENT
    return View(
        state.step,
        state.overlay,
        Line("deputy.confirm" if helped else "confirm.question"),
        body=_how_to_confirm(state),
        facts=(*who(state), *_born(state)),
        choices=(
            Choice(Line("deputy.confirm.yes" if helped else "confirm.yes"), Event(Ev.YES), likely=True, icon="tick"),
            Choice(Line("deputy.confirm.no" if helped else "confirm.no"), Event(Ev.NO)),
        ),
        progress=progress_of(state),
    )


def _how_to_confirm(state: VisitState) -> tuple[Line, ...]:
    """What was read by eye may be wrong, and she is the one who knows."""
    if state.resident is None or state.resident.source != "ocr":
        return (Line("confirm.look"),)
    unsure = (Line("confirm.name_unsure"),) if "name" in state.resident.uncertain else ()
    return (Line("confirm.by_eye"), *unsure)


def _born(state: VisitState) -> tuple[Fact, ...]:
    """Her birthday stands in the number's masked part: shown where that was read by eye."""
    if state.resident is None or state.resident.source != "ocr":
        return ()
    return (Fact("fact.birth", Arg(ArgKind.DATE, state.resident.birth)),)


def take_card(state: VisitState, catalogue: Catalogue) -> View:
    return View(
        state.step,
        state.overlay,
        Line("take_card.pull" if place_of(state.resident) is CardPlace.CHIP_CARD else "take_card.lift"),
        body=(Line("take_card.keep"),),
        picture="card_up",
        progress=progress_of(state),
    )
