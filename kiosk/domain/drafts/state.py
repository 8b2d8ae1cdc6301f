"""What was said before somebody left in the middle: kept only if she wants it, for a day, opened by her card.

Imported by the visit's state, so nothing here knows the visit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT_FOR = timedelta(hours=24)
"""Until she comes back with what she went to fetch; then it is gone, fetched or not."""
CLOCK_SLACK = timedelta(minutes=5)
"""A draft from further ahead than this was kept by a clock that has been set back since: its day cannot be counted."""


@dataclass(frozen=True, slots=True, repr=False)
class KeptDraft:
    """A row of the encrypted store."""

    case_no: str
    """Number of the visit it comes from; pictures that were taken lie under it, and the case will have it."""
    code: str
    """Four digits that stand on its slip."""
    salt: str
    owner: str
    """Salted digest of document and number of whose it is."""
    saved_at: str
    """ISO 8601 with offset: of the consent, never of what was added later."""
    content: Mapping[str, object]

    def __repr__(self) -> str:
        return "KeptDraft(***)"

    def is_over(self, now: datetime) -> bool:
        saved = datetime.fromisoformat(self.saved_at)
        return not saved - CLOCK_SLACK <= now < saved + KEPT_FOR


@dataclass(frozen=True, slots=True, repr=False)
class FoundDraft:
    """A draft of whoever stands here."""

    case_no: str
    code: str
    item_id: str
    until: str
    """ISO 8601 with offset."""
    content: Mapping[str, object] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "FoundDraft(***)"


@dataclass(frozen=True, slots=True, repr=False)
class DraftSought:
    """Value of Ev.DRAFT_SOUGHT."""

    number: str
    """Whose draft was looked for."""
    found: FoundDraft | None = None

    def __repr__(self) -> str:
        return "DraftSought(***)"


@dataclass(frozen=True, slots=True)
class DraftKept:
    """Value of Ev.DRAFT_KEPT."""

    code: str
    until: str
    """ISO 8601 with offset."""


@dataclass(frozen=True, slots=True)
class Drafts:
    """What a visit knows of drafts."""

    shown: str = ""
    """Number on the slip that she has shown; empty when she has shown none."""
    found: FoundDraft | None = None
    is_sought: bool = False
    """The store has answered."""
    is_answered: bool = False
    """She has said whether she goes on with the one that was found."""
    is_taken_up: bool = False
    """She does: its answers come in as soon as the plan is made."""
    earlier: int = 0
    """Visits that this number had before: each has its own calls for help."""
    code: str = ""
    """Of this visit's own draft. Not empty: she wants it kept, so what is added is kept, too."""
    until: str = ""

    @property
    def is_kept(self) -> bool:
        return bool(self.code)

    @property
    def is_asked(self) -> bool:
        """True when she must say something about a draft before anything else."""
        return not self.is_answered and (self.found is not None or bool(self.shown))


NO_DRAFT = Drafts()
