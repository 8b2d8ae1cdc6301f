"""What the review shows of an answer, and what it keeps back."""

from __future__ import annotations

from kiosk.domain.catalogue import Catalogue, FieldSource, FieldType, FormField
from kiosk.domain.questions.view_answers import answer_fact
from kiosk.domain.speech import Arg, ArgKind

CATALOGUE = Catalogue(1, (), (), ())


def field(key: str, kind: FieldType, *, sensitive: bool = True) -> FormField:
    return FormField(key=key, source=FieldSource.ASK, type=kind, options=("yes", "other"), sensitive=sensitive)


def test_that_it_is_her_own_card_stands_on_the_review() -> None:
    """The card itself stands masked above it."""
    fact = answer_fact(field("account", FieldType.ACCOUNT), "yes", CATALOGUE)
    assert fact.value == Arg(ArgKind.KEY, "ask.account.yes")


def test_a_choice_that_is_nobody_elses_business_is_only_said_to_be_made() -> None:
    chosen = field("illness", FieldType.CHOICE)
    assert answer_fact(chosen, "yes", CATALOGUE).value == Arg(ArgKind.KEY, "shown.hidden")
    assert answer_fact(chosen, "yes", CATALOGUE, is_asked=True).value == Arg(ArgKind.KEY, "ask.illness.yes")
    open_to_all = field("illness", FieldType.CHOICE, sensitive=False)
    assert answer_fact(open_to_all, "yes", CATALOGUE).value == Arg(ArgKind.KEY, "ask.illness.yes")
