"""What must hold after a step: each check returns what is wrong, in words; an empty list means it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from kiosk.play.checks import looks
from kiosk.play.observer import SeenEvent, Tree
from kiosk.play.report import Account
from kiosk.play.speech_log import Spoken

FREE_KEYS = ("welcome.", "attract.")
"""The invitation at the door is said before a language is chosen."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known now, and what has come since the step began."""

    tree: Tree
    account: Account
    events: Sequence[SeenEvent]
    spoken: Sequence[Spoken]
    faults: Sequence[str]
    pages: Callable[[], int]
    sheets: Callable[[], int]
    delivered: Callable[[], int]
    picture: Callable[[], Image.Image]
    mount_mm: float
    """Floor to the screen's upper edge."""


Check = Callable[[Any, Moment], list[str]]


def problems(expect: Mapping[str, Any], moment: Moment) -> list[str]:
    """What in `expect` does not hold now; what costs much is asked only when all the rest holds."""
    asked = [name for name in expect if name in CHECKS]
    cheap = _wrong([name for name in asked if name not in COSTLY], expect, moment)
    return cheap or _wrong([name for name in asked if name in COSTLY], expect, moment)


def _wrong(names: Sequence[str], expect: Mapping[str, Any], moment: Moment) -> list[str]:
    return [text for name in names for text in CHECKS[name](expect[name], moment)]


def _equal(what: str, read: Callable[[Moment], object]) -> Check:
    def check(wanted: Any, moment: Moment) -> list[str]:
        got = read(moment)
        return [] if got == wanted else [f"{what} is {got!r}, not {wanted!r}"]

    return check


def _names(tree: Tree) -> str:
    return " | ".join(node.name for node in tree.nodes if node.name)


def _shown(read: Callable[[Tree, str], bool], what: str, *, absent: bool = False) -> Check:
    def check(wanted: tuple[str, ...], moment: Moment) -> list[str]:
        wrong = [item for item in wanted if read(moment.tree, item) is absent]
        verb = "is visible" if absent else "is not visible"
        return [f"{what} {item!r} {verb} on {moment.tree.screen}: {_names(moment.tree)}" for item in wrong]

    return check


def _by_text(tree: Tree, text: str) -> bool:
    return bool(tree.find(text=text))


def _by_part(tree: Tree, text: str) -> bool:
    return any(text in node.name for node in tree.nodes)


def _by_key(tree: Tree, key: str) -> bool:
    return bool(tree.find(key=key))


def _in_state(state: str) -> Check:
    def check(key: str, moment: Moment) -> list[str]:
        nodes = moment.tree.find(key=key)
        if any(state in node.state for node in nodes):
            return []
        return [f"{key} is not {state}: {[node.state for node in nodes] or 'not there'}"]

    return check


def spoken_all(wanted: Sequence[Mapping[str, Any]], spoken: Sequence[Spoken]) -> list[str]:
    """Each wanted clause was spoken."""
    return [
        f"not spoken: {dict(row)}; spoken: {sorted({clause.key for clause in spoken})}"
        for row in wanted
        if not any(clause.matches(row) for clause in spoken)
    ]


def spoken_none(unwanted: Sequence[Mapping[str, Any]], spoken: Sequence[Spoken]) -> list[str]:
    return [f"spoken: {dict(row)}" for row in unwanted if any(clause.matches(row) for clause in spoken)]


def spoken_in(lang: str, spoken: Sequence[Spoken]) -> list[str]:
    """Every clause is in that language, except the invitation at the door; and something was said at all."""
    counted = [clause for clause in spoken if not clause.key.startswith(FREE_KEYS)]
    other = [clause for clause in counted if clause.lang != lang]
    if not counted:
        return [f"nothing was spoken in {lang}"]
    return [f"spoken in {clause.lang}, not {lang}: {clause.key}" for clause in other]


def _events(wanted: Sequence[Mapping[str, Any]], moment: Moment) -> list[str]:
    """Rows are `{kind = "…", field = value}`; a bare word is a kind."""
    missing = []
    for row in wanted:
        kind = row.get("kind", row.get("key"))
        fields = {name: value for name, value in row.items() if name not in ("kind", "key")}
        if not any(
            event.kind == kind and all(event.data.get(k) == v for k, v in fields.items()) for event in moment.events
        ):
            missing.append(f"no event {kind} {fields or ''}; seen: {[event.kind for event in moment.events]}")
    return missing


def _no_events(unwanted: Sequence[str], moment: Moment) -> list[str]:
    return [f"event {event.kind} came" for event in moment.events if event.kind in unwanted]


def _outcome(wanted: str, moment: Moment) -> list[str]:
    ended = [visit.outcome for visit in moment.account.visits if visit.outcome]
    return [] if ended and ended[-1] == wanted else [f"outcome is {ended[-1:] or 'none yet'}, not {wanted}"]


def _at_least_faults(wanted: Sequence[str], moment: Moment) -> list[str]:
    return [
        f"fault {name} was not reported; reported: {list(moment.faults)}"
        for name in wanted
        if name not in moment.faults
    ]


def _at_least(what: str, measure: Callable[[Image.Image, Tree], Mapping[str, float]]) -> Check:
    def check(least: float, moment: Moment) -> list[str]:
        found = measure(moment.picture(), moment.tree)
        weak = [
            f"{what} of {name!r} is {value:.1f}, less than {least:g}" for name, value in found.items() if value < least
        ]
        return weak if found else ["no text is drawn"]

    return check


def _reach(wanted: tuple[float, float], moment: Moment) -> list[str]:
    low, high = looks.reach_mm(moment.tree, moment.mount_mm)
    inside = wanted[0] <= low and high <= wanted[1]
    return [] if inside else [f"what is touched hangs from {low:.0f} to {high:.0f} mm, not within {wanted}"]


CHECKS: dict[str, Check] = {
    "screen": _equal("screen", lambda moment: moment.tree.screen),
    "step": _equal("step", lambda moment: moment.tree.step),
    "overlay": _equal("overlay", lambda moment: moment.tree.overlay or "none"),
    "lang": _equal("language", lambda moment: moment.tree.lang),
    "text": _shown(_by_text, "text"),
    "contains": _shown(_by_part, "text"),
    "key": _shown(_by_key, "key"),
    "not_text": _shown(_by_text, "text", absent=True),
    "not_contains": _shown(_by_part, "text", absent=True),
    "not_key": _shown(_by_key, "key", absent=True),
    "likely": _in_state("likely"),
    "disabled": _in_state("disabled"),
    "spoken": lambda wanted, moment: spoken_all(wanted, moment.spoken),
    "not_spoken": lambda wanted, moment: spoken_none(wanted, moment.spoken),
    "spoken_lang": lambda wanted, moment: spoken_in(wanted, moment.spoken),
    "events": _events,
    "not_events": _no_events,
    "outcome": _outcome,
    "faults": _at_least_faults,
    "pages": _equal("number of slips", lambda moment: moment.pages()),
    "sheets": _equal("number of A4 documents", lambda moment: moment.sheets()),
    "stored": _equal("number of stored cases", lambda moment: len(moment.account.stored)),
    "delivered": _equal("number of delivered cases", lambda moment: moment.delivered()),
    "ink_mm": _at_least("height in mm", looks.ink_mm),
    "contrast": _at_least("contrast", looks.contrasts),
    "reach_mm": _reach,
}
"""Every expectation of a step but the times `within_s` and `unchanged_s`."""
COSTLY = frozenset({"pages", "sheets", "delivered", "ink_mm", "contrast"})
"""They ask another process or measure a picture: a second of a core while the screen is still on its way."""
