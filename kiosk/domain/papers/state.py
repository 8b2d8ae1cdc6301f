"""Pictures of papers, commitments and signatures: what a visit knows of them, and what an item asks for.

Imported by the visit's state, so nothing here knows the visit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from itertools import pairwise
from math import hypot

from kiosk.domain.catalogue import NEVER, Paper, ServiceItem
from kiosk.domain.visit.plan_words import Action, ActionKind

TOLD_POINTS = ("matter", "basis", "conditions", "proof", "consequence", "check")
PROMISED_POINTS = ("known", "meets", "true", "liable", "will")
"""Of a commitment, point by point: what she is told (each item's own), and what she promises (the same for all)."""

FACE_SUBJECT = "paper.face"
"""Subject of the action that takes a picture of the resident's face, and the text key of its name."""
ASK_PAPERS, ASK_FACE = "capture.may.papers", "capture.may.face"
"""Purposes that are consented to, as text keys of what is asked."""
ASK_REGISTERS = "consent.look_up"
"""The same for registers that only her own word opens: once a visit, for all that its item asks."""
ASK_BY_KEY = "sign.by_key"
"""The same for whoever cannot write on glass."""
MOST_TRIES = 3
"""So many pictures of one thing may fail; then a person looks at it, or at her."""
MOST_STROKES, MOST_POINTS = 60, 400
"""Of a signature; more is a child at play."""
MOST_PAGES = 20
"""Of one paper; a thicker one is for a person to look at."""
LEAST_INK_MM = 8.0
"""A dot is no signature, a cross is one."""

Stroke = tuple[tuple[float, float], ...]
"""Points of one line in mm, from the upper left corner of the pad."""


def captures(item: ServiceItem, answers: Mapping[str, str]) -> tuple[Action, ...]:
    """What must be photographed for this item, after its questions; a paper that something stands for is not.

    :param answers: the resident's; today no item's papers depend on them.
    """
    papers = tuple(_capture(paper) for paper in item.papers if not paper.replaced_by)
    return (*papers, *(face_of(item) if item.by_witness else ()))


def face_of(item: ServiceItem) -> tuple[Action, ...]:
    """The picture of her face, where the item compares it."""
    if not item.asks_face:
        return ()
    return (Action(ActionKind.CAPTURE, FACE_SUBJECT, alone=not item.by_witness, material=item.face_material),)


def _capture(paper: Paper) -> Action:
    most = paper.least if paper.pages else MOST_PAGES * paper.sides
    return Action(ActionKind.CAPTURE, paper.key, least=paper.least, most=most, material=paper.name)


def signing(item: ServiceItem) -> tuple[Action, ...]:
    """The commitment and its signature, where the item offers one."""
    if not item.commitment:
        return ()
    sign = Action(ActionKind.SIGN, item.commitment, material=item.promised)
    return (Action(ActionKind.COMMIT, item.commitment), sign)


def may_promise(item: ServiceItem, deputy: str) -> bool:
    """Whether whoever stands here may make the item's commitment.

    :param deputy: empty: the applicant herself; else the digest of the written authority that her deputy has shown,
        or `none` for a deputy without one. Nobody promises for another without authority.
    """
    if not deputy:
        return True
    return item.deputy_promise != NEVER and deputy != "none"


class Phase(StrEnum):
    """Where the taking of one picture stands."""

    NO_CAMERA = auto()
    CONSENT = auto()
    """May it be taken at all: asked once a visit for papers, once for a face."""
    CHANGE = auto()
    """Another sheet is to be laid there first: what lies there was taken already."""
    LOOKING = auto()
    """The camera waits for something it can take."""
    FAILED = auto()
    SEEN = auto()
    """She looks at what was taken."""
    KEEPING = auto()
    """It is being stored."""
    MORE = auto()
    """It is kept; is there another page?"""
    LACKING = auto()
    """She does not have it here."""
    PERSON = auto()
    """It did not work: a person looks at it."""


class Signed(StrEnum):
    NO = auto()
    BY_HAND = auto()
    BY_KEY = auto()
    """By somebody who cannot write on glass: she agreed aloud, and a consent of its own says so."""
    DECLINED = auto()
    """She promises nothing and goes the ordinary way."""


@dataclass(frozen=True, slots=True, repr=False)
class Shot:
    """A picture that was just taken. Somebody's paper: never logged, kept nowhere but in the encrypted store."""

    jpeg: bytes

    def __repr__(self) -> str:
        return f"Shot({len(self.jpeg)} bytes, ***)"


@dataclass(frozen=True, slots=True)
class Witness:
    """A staff member who looked at the resident and said, with an own PIN, that it is her."""

    staff: str
    at: str
    """ISO 8601 with offset."""


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A picture that lies in the store and goes with the case."""

    subject: str
    """Of the action it was taken for."""
    material: str
    """As the guide names it."""
    digest: str
    """Of its content, by the back office's algorithm, 64 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Papers:
    """What a visit knows of pictures and commitments; nothing begun is the default."""

    at: str = ""
    """Subject that phase, hint and tries are about; another action begins anew."""
    phase: Phase = Phase.LOOKING
    hint: str = ""
    """Name of the fault that keeps the picture from being taken now."""
    tries: int = 0
    face_tries: int = 0
    """Of her face in this visit, and never anew: pictures that could not be taken or that she did not want."""
    face_witness: Witness | None = None
    """Who said that it is her; None: nobody was asked to."""
    shot: Shot | None = None
    pages: tuple[KeptPage, ...] = ()
    missing: tuple[str, ...] = ()
    """Subjects of what she does not have here."""
    consents: tuple[str, ...] = ()
    """Purposes that were agreed to, as text keys of what was asked."""
    refused: tuple[str, ...] = ()
    """Purposes that were not: only what needs them ends."""
    point: int = 0
    """Which point of the commitment is read."""
    ink: tuple[Stroke, ...] = ()
    signed: Signed = Signed.NO

    def of(self, subject: str) -> tuple[KeptPage, ...]:
        return tuple(page for page in self.pages if page.subject == subject)

    @property
    def has_signature(self) -> bool:
        return ink_mm(self.ink) >= LEAST_INK_MM


def ink_mm(strokes: tuple[Stroke, ...]) -> float:
    """How long all lines are together."""
    return sum(hypot(x1 - x0, y1 - y0) for stroke in strokes for (x0, y0), (x1, y1) in pairwise(stroke))


def paper_of(item: ServiceItem | None, subject: str) -> Paper | None:
    """:param item: None where nobody knows which it is."""
    papers = item.papers if item is not None else ()
    return next((paper for paper in papers if paper.key == subject), None)
