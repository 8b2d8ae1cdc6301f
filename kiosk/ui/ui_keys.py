"""Text keys that belong to the frame around every screen and so to no View. Standard library only: the key
generator reads them."""

from __future__ import annotations

from kiosk.domain.speech import Arg, ArgKind, Lang, Line

LEAVE = "bar.leave"
BACK = "bar.back"
AGAIN = "bar.again"
ACCESS = "bar.access"
CALL = "bar.call"
RED_BAR = "red_bar.title"
RED_BAR_HINT = "red_bar.hint"
PROGRESS_STEP = "progress.step"
PROGRESS_TOTAL = "progress.total"
CASE_LABEL = "case.label"
IDLE_LEFT = "idle.left"
PREVIOUS = "browse.previous"
NEXT = "browse.next"
LANGUAGES = {Lang.NAN: "language.nan", Lang.CMN: "language.cmn"}

KEYS: dict[str, tuple[str, ...]] = {
    LEAVE: (),
    BACK: (),
    AGAIN: (),
    ACCESS: (),
    CALL: (),
    RED_BAR: (),
    RED_BAR_HINT: (),
    PROGRESS_STEP: ("count",),
    PROGRESS_TOTAL: ("count",),
    CASE_LABEL: (),
    IDLE_LEFT: ("count",),
    PREVIOUS: (),
    NEXT: (),
    **dict.fromkeys(LANGUAGES.values(), ()),
}
"""Key -> names of its values; every `count` is of kind COUNT."""


def counted(key: str, count: int) -> Line:
    return Line(key, {"count": Arg(ArgKind.COUNT, str(count))})
