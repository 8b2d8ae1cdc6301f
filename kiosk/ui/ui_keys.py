"""Text keys that belong to the frame around every screen and so to no View. No toolkit in here: whoever
collects all keys may read them."""

from __future__ import annotations

from kiosk.domain.speech import Arg, ArgKind, Lang, Line

LEAVE = "bar.leave"
BACK = "bar.back"
AGAIN = "bar.again"
ACCESS = "bar.access"
CALL = "bar.help"
PAUSE = "bar.pause"
RESUME = "bar.resume"
RED_BAR = "bar.cannot"
RED_BAR_HINT = "bar.cannot.hint"
PROGRESS = "progress"
CASE_LABEL = "fact.case_no"
IDLE_COUNT = "idle.count"
PREVIOUS = "browse.previous"
NEXT = "browse.next"
INK = "type.ink"
INK_LINE = Line(INK)
AMOUNT = "slip.value.total"
"""An amount by itself, as on paper: shown, never said."""
LANGUAGES = {Lang.NAN: "lang.nan", Lang.CMN: "lang.cmn"}

KEYS: dict[str, tuple[str, ...]] = {
    LEAVE: (),
    BACK: (),
    AGAIN: (),
    ACCESS: (),
    CALL: (),
    PAUSE: (),
    RESUME: (),
    "ear.place": ("n", "total"),
    RED_BAR: (),
    RED_BAR_HINT: (),
    PROGRESS: ("n", "total"),
    CASE_LABEL: (),
    IDLE_COUNT: ("seconds",),
    PREVIOUS: (),
    NEXT: (),
    INK: (),
    **dict.fromkeys(LANGUAGES.values(), ()),
}
"""Key -> names of its values, all of kind COUNT."""


def counted(key: str, **counts: int) -> Line:
    return Line(key, {name: Arg(ArgKind.COUNT, str(count)) for name, count in counts.items()})
