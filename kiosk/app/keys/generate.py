"""Every text key that this kiosk can show, print or say, collected by walking what makes them.

The list goes to `config/schema/prompt_keys.json`, where `voices/` and the tests read it: a key without words
in every language, or words that nobody uses, are found at once.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from drivers import faults
from kiosk.app.keys import aid as aid_keys
from kiosk.app.keys import questions as question_keys
from kiosk.app.keys import subjects as subject_keys
from kiosk.app.keys import technician as vendor_keys
from kiosk.domain.bring.slip import KEYS as SLIP_BRING_KEYS
from kiosk.domain.catalogue import Catalogue, FieldSource, FieldType, FormField, Mode, Paper, ServiceItem, When
from kiosk.domain.drafts.slip import KEYS as SLIP_DRAFT_KEYS
from kiosk.domain.money.slip import KEYS as SLIP_MONEY_KEYS
from kiosk.domain.papers.state import PROMISED_POINTS, TOLD_POINTS
from kiosk.domain.screens.compose import View, view
from kiosk.domain.slip.blocks import SLIP_KEYS
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.visit.machine import (
    PLACE_OF_SOURCE,
    CardPlace,
    Decision,
    DecisionKind,
    Ev,
    Event,
    LeftCard,
    Outcome,
    Overlay,
    Printing,
    Resident,
    Step,
    VisitState,
    advance,
)
from kiosk.domain.visit.plan import plan
from kiosk.domain.visit.readiness import Capabilities, Capability, Hindrance, Unusable, gap

Fields = Mapping[str, object]
Keys = dict[str, dict[str, str]]
"""Text key -> name of each value -> its kind, empty where any kind may come."""

FRAME_KEYS: Mapping[str, tuple[str, ...]] = {
    "bar.leave": (),
    "bar.back": (),
    "bar.again": (),
    "bar.access": (),
    "bar.help": (),
    "bar.cannot": (),
    "bar.cannot.hint": (),
    "lang.nan": (),
    "lang.cmn": (),
    "progress": ("n", "total"),
    "idle.count": ("seconds",),
    "fact.case_no": (),
    "browse.previous": (),
    "browse.next": (),
    "bar.pause": (),
    "bar.resume": (),
    "ear.place": ("n", "total"),
    "type.ink": (),
}
"""The frame around every screen; all values are counts."""

SERVICE_KEYS = (
    "help.calling",
    "help.queued",
    "help.not_stored",
    "help.unanswered.no_phone",
    "result.approved",
    "welcome.out_of_service",
    "progress.no_slip",
    "progress.ask_person",
    "progress.unreachable",
    "progress.refused.ask",
    *(f"offer.{hindrance.value}" for hindrance in Hindrance),
    *(f"offer.{hindrance.value}.why" for hindrance in Hindrance),
)
"""Texts that services of the kiosk put into a state."""

_SAMPLE = Resident("resident", "Somebody", "350221194403150021", "2", "1944-03-15", "Somewhere 1")


def generate(config_dir: Path) -> str:
    """The document, with a line end. :param config_dir: holds `catalogue/` and `schema/reason_keys.json`."""
    catalogue = question_keys.with_lists(read_catalogue(config_dir / "catalogue"))
    server = json.loads((config_dir / "schema" / "reason_keys.json").read_text(encoding="utf-8"))
    keys: Keys = {name: dict.fromkeys(args, ArgKind.COUNT.value) for name, args in FRAME_KEYS.items()}
    for source in (
        SERVICE_KEYS,
        subject_keys.KEYS,
        _fault_keys(),
        _catalogue_keys(catalogue),
        _field_keys(config_dir / "catalogue"),
        aid_keys.label_keys(config_dir / "catalogue" / "rating_labels.tsv"),
    ):
        keys.update({name: keys.get(name, {}) for name in source})
    slips = {**SLIP_KEYS, **SLIP_MONEY_KEYS, **SLIP_DRAFT_KEYS, **SLIP_BRING_KEYS}
    keys.update({name: dict.fromkeys(args, "") for name, args in slips.items()})
    for line in _lines(catalogue):
        kept = keys.setdefault(line.key, {})
        kept.update({name: arg.kind.value for name, arg in line.args.items()})
    for name, args in server.items():
        keys.setdefault(name, {}).update(args)
    document = {
        "from_server": sorted(server),
        "keys": {name: dict(sorted(keys[name].items())) for name in sorted(keys)},
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _fault_keys() -> Iterator[str]:
    for fault in faults.CATALOGUE.values():
        yield f"fault.{fault.name}"


def _catalogue_keys(catalogue: Catalogue) -> Iterator[str]:
    for item in catalogue.items:
        yield f"item.{item.item_id}.name"
        yield f"item.{item.item_id}.plain"
        if item.commitment:
            yield from (item.commitment, *(f"{item.commitment}.{point}" for point in TOLD_POINTS))
            yield from (f"commitment.promise.{point}" for point in PROMISED_POINTS)
        if item.transact:
            yield from (paper.key for paper in item.papers)
    for category in catalogue.categories:
        yield f"category.{category}"


def _field_keys(folder: Path) -> Iterator[str]:
    """The words of every field that a form asks or looks up; what the card says is confirmed with the card."""
    fields = _fields(folder)
    for form in _forms(folder).values():
        for field in _tables(form, "field"):
            key, source = str(field["key"]), FieldSource(str(field["source"]))
            if source is FieldSource.CARD:
                continue
            yield from (f"fact.{key}", f"ask.{key}", f"ask.{key}.help")
            yield from (f"ask.{key}.{option}" for option in _texts(fields[key], "options"))
            if source is FieldSource.LOOK_UP:
                yield f"ask.{key}.unknown"


# ---- the catalogue as it lies in config/, only as far as keys need it --------------------------------------


def read_catalogue(folder: Path) -> Catalogue:
    """Release 1 from its files: `release.toml`, `items/<category>.toml`, `forms/<category>.toml`."""
    release = _toml(folder / "release.toml")
    forms, fields = _forms(folder), _fields(folder)
    items = tuple(
        _item(entry, path.stem, forms.get(str(entry["id"]), {}), fields)
        for path in sorted((folder / "items").glob("*.toml"))
        for entry in _tables(_toml(path), "item")
    )
    return Catalogue(int(str(release["release"])), _texts(release, "categories"), _texts(release, "home"), items)


def _forms(folder: Path) -> dict[str, Mapping[str, object]]:
    """Item -> its `[[form]]` table."""
    paths = sorted((folder / "forms").glob("*.toml"))
    return {str(form["item"]): form for path in paths for form in _tables(_toml(path), "form")}


def _fields(folder: Path) -> dict[str, Fields]:
    """The dictionary of fields by key."""
    return {str(field["key"]): field for field in _tables(_toml(folder / "fields.toml"), "field")}


def _toml(path: Path) -> Mapping[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _tables(document: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = document.get(name, [])
    assert isinstance(found, list)
    return found


def _texts(document: Mapping[str, object], name: str) -> tuple[str, ...]:
    found = document.get(name, [])
    assert isinstance(found, list)
    return tuple(str(text) for text in found)


def _item(
    entry: Mapping[str, object], category: str, complete: Mapping[str, object], fields: Mapping[str, Fields]
) -> ServiceItem:
    materials = [(str(material["kind"]), str(material["name"])) for material in _tables(entry, "material")]
    return ServiceItem(
        item_id=str(entry["id"]),
        version=int(str(entry["version"])),
        category=category,
        official=str(entry["official"]),
        village=str(entry["village"]),
        mode=Mode(str(entry["mode"])),
        transact=bool(complete),
        form=tuple(_form_field(field, fields[str(field["key"])]) for field in _tables(complete, "field")),
        commitment=str(complete.get("commitment", "")),
        materials=tuple(name for kind, name in materials if kind in ("present", "photo")),
        papers=_papers(str(entry["id"]), _tables(entry, "material")),
        deputy_who=_texts(deputy, "who") if isinstance(deputy := entry.get("deputy"), dict) else (),
        asks_face=any(fields[str(field["key"])]["type"] == "picture" for field in _tables(complete, "field")),
    )


def _papers(item_id: str, materials: Iterable[Fields]) -> tuple[Paper, ...]:
    return tuple(
        Paper(
            f"paper.{item_id}.{n}", str(material["name"]), str(material["quality"]), int(str(material.get("pages", 1)))
        )
        for n, material in enumerate(materials, start=1)
        if material["kind"] == "photo"
    )


def _form_field(field: Fields, meaning: Fields) -> FormField:
    when = field.get("when")
    return FormField(
        str(field["key"]),
        FieldSource(str(field["source"])),
        _texts(meaning, "options"),
        confirm=field.get("confirm") is True,
        optional=field.get("optional", meaning.get("optional", False)) is True,
        type=FieldType(str(meaning["type"])),
        check=str(meaning["check"]),
        when=When(str(when["key"]), str(when["answer"])) if isinstance(when, dict) else None,
        table=str(meaning.get("table", "")),
        sensitive=meaning.get("sensitive") is True,
        beside=field.get("beside") is True,
        not_before=str(meaning.get("not_before", "")),
        unit=str(meaning.get("unit", "")),
        least=_number(meaning.get("least")),
        most=_number(meaning.get("most")),
        alphabet=str(meaning.get("alphabet", "")),
    )


def _number(value: object) -> float | None:
    return value if isinstance(value, (int, float)) else None


# ---- all screens -------------------------------------------------------------------------------------------


def _lines(catalogue: Catalogue) -> Iterator[Line]:
    notes: set[str] = set()
    for state in every_state(catalogue):
        yield from lines_of(view(state, catalogue))
        notes |= {after.note for after in _after(state) if after.note}
    for note in notes:
        yield Line(note)
    for lines in subject_keys.LINES:
        yield from lines()
    for shown in vendor_keys.pages():
        yield from lines_of(shown)
    yield from vendor_keys.lines()


def lines_of(shown: View) -> Iterator[Line]:
    """Every text of a screen, with the texts that values name."""
    lines = [shown.question, *shown.body, *shown.rows, *(utterance.line for utterance in shown.say)]
    lines += [shown.banner] if shown.banner else []
    lines += [shown.huge] if shown.huge else []
    lines += [scale.line for scale in shown.scales]
    lines += [shown.spotlight.button.line] if shown.spotlight else []
    beside = [choice for scale in shown.scales for choice in (scale.less, scale.more)]
    for choice in (*shown.choices, *shown.cards, *shown.pager, *shown.words, *shown.pad, *beside):
        lines += [choice.line, *([choice.hint] if choice.hint else [])]
    for fact in shown.facts:
        lines.append(Line(fact.label))
        lines += [*_named(fact.value), *([fact.words] if fact.words else [])]
    for line in lines:
        yield line
        for arg in line.args.values():
            yield from _named(arg)


def _named(arg: Arg) -> list[Line]:
    return [Line(arg.value)] if arg.kind is ArgKind.KEY else []


def _after(state: VisitState) -> Iterator[VisitState]:
    """Where each event without a value leads: some leave a note."""
    for kind in (Ev.BACK, Ev.LEAVE, Ev.NO, Ev.DECLINE, Ev.STORE_FAILED, Ev.CANNOT, Ev.CARD_REMOVED):
        yield advance(state, Event(kind))[0]
    for capability in Capability:
        yield advance(state, Event(Ev.WITHDRAWN, Unusable(capability, "")))[0]
    yield advance(replace(state, chip_failures=9), Event(Ev.CARD_FAILED, "card_place_again"))[0]


def every_state(catalogue: Catalogue) -> Iterator[VisitState]:
    for states in subject_keys.STATES:
        yield from states(_base(catalogue), catalogue)
    for state in _steps(catalogue):
        yield state
        for overlay in Overlay:
            yield replace(state, overlay=overlay)
    for stored in (False, True):
        yield replace(_base(catalogue), step=Step.SUBMIT, stored=stored, overlay=Overlay.LEAVE)


def _base(catalogue: Catalogue) -> VisitState:
    item = next(item for item in catalogue.items if gap(item) is None and item.form)
    known = {field.key: {"bank": "a bank", "last4": "0000"} for field in item.form}
    return VisitState(
        step=Step.CHOOSE,
        item_id=item.item_id,
        resident=_SAMPLE,
        known=known,
        plan=plan(item, known),
        case_no="3502130018261124000010",
    )


def _steps(catalogue: Catalogue) -> Iterator[VisitState]:
    base = _base(catalogue)
    for step in Step:
        yield replace(base, step=step)
    yield from _card_states(base)
    yield from _browse_states(base, catalogue)
    yield replace(base, step=Step.SUBMIT, stored=True)
    for kind in DecisionKind:
        yield replace(base, step=Step.RESULT, stored=True, decision=Decision(kind))
    for printing in Printing:
        for copies in (0, 9):
            for fault in ("", "paper_out"):
                yield replace(base, step=Step.PRINT, printing=printing, copies=copies, print_fault=fault)
    for cause in Outcome:
        yield replace(base, step=Step.WIPE, cause=cause)
    for place in CardPlace:
        yield replace(base, step=Step.WIPE, left=LeftCard(place))
    yield replace(base, step=Step.PRINT, printing=Printing.PROVED, on_sheet=True)


def _card_states(base: VisitState) -> Iterator[VisitState]:
    for step in (Step.WELCOME, Step.CHOOSE, Step.IDENTIFY):
        nobody = replace(base, step=step, resident=None)
        yield nobody
        yield replace(nobody, card_seen=True)
        for place in CardPlace:
            yield replace(nobody, left=LeftCard(place))
    yield from _identify_states(base)
    for source in PLACE_OF_SOURCE:
        somebody = replace(_SAMPLE, source=source, uncertain=("name",))
        for step in (Step.CONFIRM_WHO, Step.TAKE_CARD):
            yield replace(base, step=step, resident=somebody)


def _identify_states(base: VisitState) -> Iterator[VisitState]:
    """What a resident is asked to do with what works, and the screens that lack something."""
    nobody = replace(base, step=Step.IDENTIFY, resident=None)
    yield replace(nobody, reads_face=True)
    yield replace(nobody, chip_failures=1)
    for usable in (frozenset[Capability](), *(frozenset((one,)) for one in Capability)):
        few = Capabilities(usable)
        yield replace(nobody, capabilities=few)
        for step in (Step.CHOOSE, Step.GUIDE, Step.RESULT):
            yield replace(base, step=step, resident=None, capabilities=few)
    for step in (Step.CHOOSE, Step.WIPE):
        for on_sheet in (False, True):
            yield replace(base, step=step, slip_left=True, on_sheet=on_sheet)


def _browse_states(base: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    for category in ("", *catalogue.categories):
        for page in range(10):
            yield replace(base, step=Step.BROWSE, category=category, page=page)
    for item in catalogue.items:
        if gap(item) is not None:
            yield replace(base, step=Step.GUIDE, item_id=item.item_id)
