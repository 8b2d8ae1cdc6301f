"""Every screen of the typed questions, for the list of text keys: each field once, on each of its parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue, Entry, FieldSource, FieldType, FormField
from kiosk.domain.questions.checks import WRONG
from kiosk.domain.questions.parts import asked_by
from kiosk.domain.questions.state import Asking, AskPart, Draft
from kiosk.domain.visit.machine import Step, VisitState
from kiosk.domain.visit.plan import Action, ActionKind

KEYS = (
    *(f"wrong.{what}" for what in WRONG),
    *("wrong.full", "ask.number_of_today", "ask.at_counter.why", "help.change", "cannot.change"),
)
"""What the machine puts into a state as a note."""

_PERSON = "350221194403150021 Somebody"
_PICKED = ("194", "1944", "03")
_SAMPLES = {
    FieldType.DATE: "2026-03-01",
    FieldType.MONTH: "2026-03",
    FieldType.MONEY: "10000",
    FieldType.MEASURE: "1",
}
_LISTS = {
    "towns": (Entry("350213001", "a town"),),
    "villages": (Entry("350213001001", "a village"),),
    "places": (Entry("350000", "a province"), Entry("350200", "a city")),
}
_ONWARD: dict[AskPart, tuple[Draft, ...]] = {
    AskPart.DAY: tuple(Draft(AskPart.DAY, picked=_PICKED[:at]) for at in range(4)),
    AskPart.WHO: (
        Draft(AskPart.CARD),
        Draft(AskPart.CARD_OK, picked=(_PERSON,)),
        Draft(AskPart.NUMBER, entry="3502"),
        Draft(AskPart.NAME, picked=("350221194403150021",), entry="a"),
    ),
    AskPart.SEVERAL: (Draft(several=(_PERSON,)), Draft(AskPart.WHO), Draft(AskPart.PAD, entry="a")),
    AskPart.PLACE: (Draft(AskPart.PLACE, picked=("350213001",)), Draft(AskPart.PLACE, picked=("350000",))),
    AskPart.HOME: (
        Draft(AskPart.TOWN),
        Draft(AskPart.TOWN, picked=("350213001 a town",)),
        Draft(AskPart.HOUSE, picked=("350213001 a town", "350213001001 a village"), entry="1"),
        Draft(AskPart.WRITE),
    ),
    AskPart.PAD: (Draft(AskPart.PAD, entry="1"), Draft(AskPart.AGAIN, picked=("271828",), entry="1")),
    AskPart.WRITE: (Draft(AskPart.WRITE, entry="a"),),
}


def with_lists(catalogue: Catalogue) -> Catalogue:
    """The lists of places come from the back office: here stand some."""
    tables = {field.table for item in catalogue.items for field in item.form if field.table}
    entries = tuple(Entry(f"e{at}", "an entry") for at in range(6))
    return replace(catalogue, lists={**dict.fromkeys(tables, entries), **_LISTS})


def states(base: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    """A field once from each source: what is asked does not depend on whose form it stands in."""
    met: set[tuple[str, FieldSource]] = set()
    for item in catalogue.items:
        for field in item.form:
            if field.source is not FieldSource.CARD and (field.key, field.source) not in met:
                met.add((field.key, field.source))
                at_item = replace(base, item_id=item.item_id, today="2026-11-27")
                yield from of_field(at_item, replace(field, when=None))


def of_field(base: VisitState, field: FormField) -> Iterator[VisitState]:
    """Every screen that asks this field, and the review with its answer."""
    plan = (Action(ActionKind.ASK, field.key, field), Action(ActionKind.SHOW, "review"))
    here = replace(base, step=Step.ASK, plan=plan, known={}, answers={}, asking=Asking())
    yield here
    answer = _SAMPLES.get(field.type, field.options[0] if field.options else _PERSON)
    yield replace(here, known={field.key: {"bank": "a bank", "last4": "0000"}})
    yield replace(here, known={field.key: {"value": answer}})
    for draft in _ONWARD.get(asked_by(field), ()):
        yield replace(here, asking=Asking({field.key: draft}))
    for given in ("", answer, *field.options):
        answered = replace(here, answers={field.key: given}, index=1)
        yield replace(answered, index=0)
        yield replace(answered, step=Step.REVIEW)
    yield replace(here, step=Step.CHANGE, index=1)
