"""Screens for typed questions of forms: one screen a part of an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue, FieldSource, FieldType, FormField
from kiosk.domain.event import Event
from kiosk.domain.identify.view import who
from kiosk.domain.identity import mask_typed
from kiosk.domain.questions.parts import asked_by, keys_of
from kiosk.domain.questions.rows import asked_in, draft_of, field_of, part_of
from kiosk.domain.questions.state import AskPart
from kiosk.domain.questions.view_answers import answer_fact, masked_person
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.typing.state import LONGEST_TEXT, TextKind, Wanted
from kiosk.domain.typing.view import look
from kiosk.domain.view import lists as view_lists
from kiosk.domain.view.pads import day_pad, digit_pad, extra_key, grouped, in_fours, letter_pad
from kiosk.domain.view.parts import Choice, Fact, Over, Screen, View, progress_of
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Overlay, Step

Shown = Callable[[VisitState, FormField, Catalogue], View]

COUNTER = Choice(Line("ask.at_counter"), Event(Ev.COUNTER))
SKIP = Choice(Line("ask.skip"), Event(Ev.SKIP))
_DOT = "●"
_LONGEST_NAME = 20


def ask(state: VisitState, catalogue: Catalogue) -> View:
    """The screen of the present part of the present question."""
    field = field_of(state)
    if field is None:
        return View(state.step, state.overlay, Line("prepare.looking"), choices=(COUNTER,), progress=progress_of(state))
    part = part_of(state)
    shown = _PARTS[part](state, field, catalogue)
    if field.optional and part not in (AskPart.CONFIRM, AskPart.CARD_OK, AskPart.AGAIN):
        shown = replace(shown, choices=(*shown.choices, SKIP))
    return shown


def known_facts(state: VisitState, key: str) -> tuple[Fact, ...]:
    """What a register said of a field beside its value: of an account the bank and the last digits."""
    known = state.known.get(key, {})
    facts = []
    if "bank" in known:
        facts.append(Fact("fact.bank", Arg(ArgKind.TEXT, known["bank"])))
    if "last4" in known:
        facts.append(Fact("fact.last4", Arg(ArgKind.DIGITS, known["last4"]), big=True))
    return tuple(facts)


def _base(state: VisitState, field: FormField, *body: Line) -> View:
    """The question with its help; a second step of the same answer asks only for that step."""
    return View(
        state.step,
        state.overlay,
        _question(state, field),
        body=body or (Line(f"ask.{field.key}.help"),),
        progress=progress_of(state),
    )


def _of_register(field: FormField) -> bool:
    return field.source is FieldSource.LOOK_UP or field.type is FieldType.ACCOUNT


def _question(state: VisitState, field: FormField) -> Line:
    """Of what a register might know it is asked whether that is right, or, where it is silent, what it is."""
    said = part_of(state) is AskPart.CONFIRM or (field.type is FieldType.ACCOUNT and field.key in state.known)
    return Line(f"ask.{field.key}" if said or not _of_register(field) else f"ask.{field.key}.unknown")


def _kept(state: VisitState, field: FormField, catalogue: Catalogue) -> tuple[tuple[Fact, ...], tuple[Choice, ...]]:
    """The answer that was given before, and the choice to leave it so."""
    answer = state.answers.get(field.key, "")
    if not answer:
        return (), ()
    leave = Choice(Line("ask.leave_so"), Event(Ev.ANSWER, answer), likely=True, icon="tick")
    return (answer_fact(field, answer, catalogue),), (leave,)


# ---- one of the field's own options ------------------------------------------------------------------------


def _of_options(state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    likely = state.answers.get(field.key) or (field.options[0] if _of_register(field) and field.options else "")
    choices = tuple(
        Choice(
            Line(f"ask.{field.key}.{option}"),
            Event(Ev.ANSWER, option),
            likely=option == likely,
            icon="tick" if option == likely else "",
        )
        for option in field.options
    )
    return replace(_base(state, field), facts=known_facts(state, field.key), choices=choices)


def _confirm(state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    """What a register says: right, or asked."""
    known = state.known[field.key]
    fact = answer_fact(field, known["value"], catalogue, is_asked=True)
    if known.get("label") and not field.sensitive:
        fact = Fact(fact.label, Arg(ArgKind.TEXT, known["label"]))
    choices = (
        Choice(Line("ask.right"), Event(Ev.ANSWER, known["value"]), likely=True, icon="tick"),
        Choice(Line("ask.not_right"), Event(Ev.PART, asked_by(field))),
    )
    return replace(_base(state, field), facts=(fact,), choices=choices)


# ---- typed by keys -----------------------------------------------------------------------------------------


def _pad(state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    """Keys, what they have typed in a row above them, and the end of typing below."""
    part, entry = part_of(state), draft_of(state).entry
    keys = keys_of(field, part)
    signs = catalogue_signs(field, entry)
    lettered = "A" in keys
    pad = signs or (letter_pad() if lettered else digit_pad(extra_key(field, keys)))
    shown = _DOT * len(entry) if field.type is FieldType.SECRET else grouped(field, entry)
    is_number, is_open = part is AskPart.NUMBER, draft_of(state).is_open
    if is_number:
        shown = in_fours(entry if is_open else mask_typed(entry))
    label = "fact.person_number" if part is AskPart.NUMBER else f"fact.{field.key}"
    unit = {FieldType.MONEY: "yuan", FieldType.MEASURE: field.unit}.get(field.type, "")
    words = Line(f"shown.{unit}", {"amount": Arg(ArgKind.TEXT, shown)}) if unit and shown else None
    done = Choice(Line("pad.done"), Event(Ev.ENTER), likely=bool(entry), icon="tick")
    body = {
        AskPart.AGAIN: (Line("ask.secret_again"),),
        AskPart.NUMBER: (Line("ask.person_number"),),
        AskPart.HOUSE: (Line("ask.house"),),
    }.get(part, ())
    return replace(
        _base(state, field, *body),
        facts=(Fact(label, Arg(ArgKind.TEXT, shown or "—"), words=words),),
        pad=pad,
        pad_columns=6 if signs or lettered else 3,
        choices=(done, look(is_open, Ev.LOOK)) if is_number and entry else (done,),
    )


def catalogue_signs(field: FormField, entry: str) -> tuple[Choice, ...]:
    """A plate begins with its province's sign; all of them are keys."""
    if field.type is not FieldType.PLATE or entry:
        return ()
    return tuple(
        Choice(Line("pad.sign", {"entry": Arg(ArgKind.PLACE, sign)}), Event(Ev.KEY, sign)) for sign in field.alphabet
    )


def _day(state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    picked = draft_of(state).picked
    keys, columns, part = day_pad(field, picked, state.today)
    facts, choices = _kept(state, field, catalogue) if not picked else ((), ())
    if picked[1:]:
        year, month = picked[1], Arg(ArgKind.COUNT, str(int(picked[2]))) if picked[2:] else None
        words = Line("shown.month", {"key_year": Arg(ArgKind.DIGITS, year), "n": month}) if month else None
        facts = (Fact(f"fact.{field.key}", Arg(ArgKind.TEXT, year), words=words),)
    if not picked and field.type is FieldType.DATE and state.today:
        today = Choice(Line("ask.today"), Event(Ev.ANSWER, state.today))
        choices = (*choices, today)
    return replace(_base(state, field, Line(part)), facts=facts, choices=choices, pad=keys, pad_columns=columns)


# ---- somebody ----------------------------------------------------------------------------------------------


def _who(state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    facts, kept = _kept(state, field, catalogue)
    choices = (
        *kept,
        Choice(Line("ask.by_card"), Event(Ev.PART, AskPart.CARD), likely=not kept, icon="card"),
        Choice(Line("ask.by_number"), Event(Ev.PART, AskPart.NUMBER)),
    )
    return replace(_base(state, field), facts=facts, choices=choices if field.optional else (*choices, COUNTER))


def _card(state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    by_number = Choice(Line("ask.no_card"), Event(Ev.BACK))
    return replace(_base(state, field, Line("ask.lay_card")), picture="card_down", choices=(by_number,))


def _card_ok(state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    whole = draft_of(state).picked[0]
    choices = (
        Choice(Line("ask.right"), Event(Ev.ANSWER, whole), likely=True, icon="tick"),
        Choice(Line("ask.not_right"), Event(Ev.BACK)),
    )
    shown = replace(_base(state, field, Line("ask.take_card")), choices=choices)
    return replace(shown, facts=(Fact(f"fact.{field.key}", Arg(ArgKind.TEXT, masked_person(whole))),))


def _name(state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    return _written(state, field, Line("ask.person_name"))


def _several(state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    """Those that were given, a page of them with what takes one away, and the way to one more."""
    draft = draft_of(state)
    add = AskPart.WHO if field.type is FieldType.PEOPLE else AskPart.PAD
    more = Choice(Line("ask.one_more"), Event(Ev.PART, add), likely=not draft.several)
    done = (Choice(Line("ask.all_of_them"), Event(Ev.ENTER), likely=True, icon="tick"),) if draft.several else ()
    last = (Choice(Line("ask.drop"), Event(Ev.DROP, len(draft.several) - 1)),) if draft.several else (COUNTER,)
    shown = [masked_person(one) if field.type is FieldType.PEOPLE else one for one in draft.several]
    facts = tuple(Fact(f"fact.{field.key}", Arg(ArgKind.TEXT, one)) for one in shown)
    return replace(_base(state, field), facts=facts, choices=(*done, more, *last))


# ---- texts -------------------------------------------------------------------------------------------------


def _write(state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    return _written(state, field)


def _written(state: VisitState, field: FormField, *body: Line) -> View:
    """What is typed by hand or by sound; and what cannot be typed is said at the counter."""
    text = draft_of(state).entry
    facts = (Fact(f"fact.{field.key}", Arg(ArgKind.TEXT, text)),) if text else ()
    choices = (*typing(state, field), *(() if field.optional else (COUNTER,)))
    return replace(_base(state, field, *body), facts=facts, choices=choices)


def typing(state: VisitState, field: FormField) -> tuple[Choice, ...]:
    """The way into typing: by hand, by sound, by keys."""
    of_name = part_of(state) is AskPart.NAME or field.check == "person_name"
    most = min(int(field.most or _LONGEST_NAME), LONGEST_TEXT)
    wanted = Wanted(
        _question(state, field),
        Ev.ANSWER,
        TextKind.NAME if of_name else TextKind.TEXT,
        most,
        draft_of(state).entry[:most],
    )
    return (Choice(Line("ask.write"), Event(Ev.TYPE, wanted), likely=True),)


def _home(state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    facts, kept = _kept(state, field, catalogue)
    on_card = state.resident.address if state.resident else ""
    choices = list(kept)
    if on_card and not kept:
        choices.append(Choice(Line("ask.home.card"), Event(Ev.ANSWER, on_card), likely=True, icon="card"))
    if catalogue.lists.get("towns") and catalogue.lists.get("villages"):
        choices.append(Choice(Line("ask.home.town"), Event(Ev.PART, AskPart.TOWN)))
    choices.append(Choice(Line("ask.home.write"), Event(Ev.PART, AskPart.WRITE)))
    return replace(_base(state, field), facts=facts, choices=tuple(choices))


def review(state: VisitState, catalogue: Catalogue) -> View:
    """All of it once more before it is sent; what is wrong can be changed, and what was passed over given."""
    item = catalogue.item(state.item_id)
    asked = {one.subject: one.field for one in asked_in(state) if one.field}
    answers = (answer_fact(asked[key], answer, catalogue) for key, answer in state.answers.items() if key in asked)
    return View(
        state.step,
        state.overlay,
        Line("review.question"),
        body=(Line("review.check"),),
        facts=(
            Fact("review.item", Arg(ArgKind.TEXT, item.official)),
            *who(state),
            *(fact for field in item.form for fact in known_facts(state, field.key)),
            *answers,
        ),
        choices=(
            Choice(Line("review.send"), Event(Ev.SEND), likely=True, icon="tick"),
            Choice(Line("review.change"), Event(Ev.CHANGE, "") if asked else Event(Ev.BACK)),
        ),
        progress=progress_of(state),
    )


_PARTS: Mapping[AskPart, Shown] = {
    AskPart.CONFIRM: _confirm,
    AskPart.OPTIONS: _of_options,
    AskPart.LIST: lambda state, field, catalogue: view_lists.entries(_base(state, field), state, field, catalogue),
    AskPart.PLACE: lambda state, field, catalogue: view_lists.places(_base(state, field), state, field, catalogue),
    AskPart.TOWN: lambda state, field, catalogue: view_lists.towns(_base(state, field), state, field, catalogue),
    AskPart.PAD: _pad,
    AskPart.AGAIN: _pad,
    AskPart.NUMBER: _pad,
    AskPart.HOUSE: _pad,
    AskPart.DAY: _day,
    AskPart.WHO: _who,
    AskPart.CARD: _card,
    AskPart.CARD_OK: _card_ok,
    AskPart.NAME: _name,
    AskPart.SEVERAL: _several,
    AskPart.WRITE: _write,
    AskPart.HOME: _home,
}

SCREENS: dict[Step, Screen] = {Step.ASK: ask, Step.REVIEW: review, Step.CHANGE: view_lists.answers_to_change}
OVERLAYS: dict[Overlay, Over] = {}
