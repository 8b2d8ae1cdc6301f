"""What was missing from a running case, and how it is brought at this terminal.

Imported by the visit's state, so nothing here knows the visit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

from kiosk.domain.catalogue import ServiceItem
from kiosk.domain.money.plan import asked_of
from kiosk.domain.papers.state import MOST_PAGES
from kiosk.domain.speech import Line
from kiosk.domain.visit.plan_words import Action, ActionKind

ANY_PAPER = "paper.brought"
"""Subject of the pictures of whatever she brings that the guide has no name for, and the text key of its name."""
UNNAMED = "supplement"
"""What the office is told of them where no notice names them."""
_LONGEST_NAME = 64
"""Of a file, by the contract of the uploads."""


@dataclass(frozen=True, slots=True, repr=False)
class Lacking:
    """One point of a notice."""

    what: str = ""
    """As the notice names it; empty in what a rule says."""
    field: str = ""
    """Of a question that is asked again: the form's field."""
    why: str = ""
    how: str = ""
    """In the words of whoever wrote the notice."""
    line: Line | None = None
    """What a rule says instead of words."""

    @property
    def name(self) -> str:
        """As the office finds it again."""
        return self.what or (self.line.key if self.line else UNNAMED)

    def __repr__(self) -> str:
        return "Lacking(***)"


@dataclass(frozen=True, slots=True)
class Notice:
    """Value of Ev.NOTICE: all that is missing, and what is done about it here, one thing after the other."""

    number: str
    """Of the case that it is about."""
    item_id: str = ""
    points: tuple[Lacking, ...] = ()
    until: str = ""
    """ISO 8601 date."""
    plan: tuple[Action, ...] = ()
    today: str = ""
    is_unseen: bool = False
    """The office could not be asked: nobody knows here what is missing."""


class Kept(StrEnum):
    NOTHING = auto()
    HERE = auto()
    """In the store; it goes on its way as soon as it can."""
    THERE = auto()
    """The office has it and has said so."""
    REFUSED = auto()
    """The office does not wait for it any more; it stays in the store for a person to look at."""


@dataclass(frozen=True, slots=True)
class Brought:
    """Value of Ev.BROUGHT."""

    kept: Kept
    line: Line | None = None
    """What the office said."""


@dataclass(frozen=True, slots=True)
class Bringing:
    """What a visit knows of it."""

    is_begun: bool = False
    notice: Notice | None = None
    """None while the office is asked."""
    brought: Brought = Brought(Kept.NOTHING)

    @property
    def is_done(self) -> bool:
        return self.brought.kept is not Kept.NOTHING


NO_BRINGING = Bringing()


def bring_plan(points: tuple[Lacking, ...], item: ServiceItem | None) -> tuple[Action, ...]:
    """First what is asked again, then the papers that the guide names, then one place for all the others.

    :param item: None where nobody knows which it is: then everything is a paper without a name.
    """
    asked = tuple(action for point in points if (action := _question(point, item)) is not None)
    papers = tuple(action for point in points if (action := _paper(point, item)) is not None)
    named = {point.what for point in points if _question(point, item) or _paper(point, item)}
    others = [point.name for point in points if point.what not in named]
    rest = (_any_paper(others),) if others or not points else ()
    return (*dict.fromkeys((*asked, *papers)), *rest, Action(ActionKind.BRING, "bring"))


def _question(point: Lacking, item: ServiceItem | None) -> Action | None:
    fields = item.form if item is not None else ()
    field = next((one for one in fields if one.key == point.field and item and asked_of(item, one)), None)
    return Action(ActionKind.ASK, field.key, field) if field is not None else None


def _paper(point: Lacking, item: ServiceItem | None) -> Action | None:
    papers = item.papers if item is not None else ()
    paper = next((one for one in papers if one.name == point.what), None)
    if paper is None:
        return None
    most = paper.least if paper.pages else MOST_PAGES * paper.sides
    return Action(ActionKind.CAPTURE, paper.key, least=paper.least, most=most, material=paper.name)


def _any_paper(names: list[str]) -> Action:
    material = ", ".join(names)[:_LONGEST_NAME] or UNNAMED
    return Action(ActionKind.CAPTURE, ANY_PAPER, most=MOST_PAGES, material=material)


def subject_of_point(point: Lacking, item: ServiceItem | None) -> str:
    """Text key of what it is about; empty where only the notice's own words name it."""
    question, paper = _question(point, item), _paper(point, item)
    return f"fact.{question.subject}" if question else paper.subject if paper else ""
