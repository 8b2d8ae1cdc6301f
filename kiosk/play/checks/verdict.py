"""What must hold when a journey is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from kiosk.play.checks.expect import spoken_all, spoken_in, spoken_none
from kiosk.play.checks.looks import is_han
from kiosk.play.report import Account, Delivery
from kiosk.play.slips import Page, carries_number, read_text
from kiosk.play.speech_log import Spoken


@dataclass(frozen=True, slots=True)
class Ending:
    """Everything that is known at the end."""

    account: Account
    spoken: Sequence[Spoken]
    cases: Sequence[Mapping[str, Any]]
    audit: Mapping[str, Any]
    """What the back office's audit chains hold: `broken` links, and the `events` with their case, in order."""
    delivery: Delivery
    pages: Sequence[Page]
    sheets: int
    """Whole documents of the A4 printer."""
    sheet_pages: int
    """All its pages."""
    charges: int
    """How often the payment side took money."""
    touches: int
    exit_codes: Sequence[int | None]
    orphans: int
    """Processes that outlived the kiosk."""
    wiped: bool
    left: Sequence[str]
    """What was found of a resident, or is still shown."""
    shown: Sequence[str] = ()
    """Every text and every text key that was on the screen at any time."""
    bare: Sequence[str] = ()
    """What was shown of a resident in full."""
    plugged_s: Sequence[tuple[float, float]] = ()
    """From when to when a headphone was in: time.monotonic()."""


Check = Callable[[Any, Ending], list[str]]

ALWAYS: Mapping[str, Any] = {"duplicates": 0, "wiped": True, "clean_exit": True, "audit": True}
"""Holds in every journey that does not say otherwise."""


def verdict(expect: Mapping[str, Any], ending: Ending) -> list[str]:
    """Everything that does not hold."""
    wanted = {**ALWAYS, **expect}
    return [text for name, value in wanted.items() if name in CHECKS for text in CHECKS[name](value, ending)]


def _equal(what: str, read: Callable[[Ending], object]) -> Check:
    def check(wanted: Any, ending: Ending) -> list[str]:
        got = read(ending)
        return [] if got == wanted else [f"{what}: {got!r}, not {wanted!r}"]

    return check


def _screens(wanted: Sequence[str], ending: Ending) -> list[str]:
    """In this order, others may lie between."""
    rest = iter([row["screen"] for row in ending.account.steps])
    missing = [name for name in wanted if name not in rest]
    return [f"screen {missing[0]} did not come in its place: {_walked(ending)}"] if missing else []


def _screen_s(most: Mapping[str, float], ending: Ending) -> list[str]:
    """No longer than so many real seconds on these screens, all together."""
    rows = ending.account.steps
    lasted: dict[str, float] = {}
    for row, following in pairwise(rows):
        lasted[row["screen"]] = lasted.get(row["screen"], 0.0) + (following["t_ms"] - row["t_ms"]) / 1000
    return [
        f"{lasted.get(name, 0.0):.1f} s on {name}, more than {limit:g}"
        for name, limit in most.items()
        if lasted.get(name, 0.0) > limit
    ]


def _walked(ending: Ending) -> list[str]:
    return [row["screen"] for row in ending.account.steps]


def _routes(wanted: Sequence[str], ending: Ending) -> list[str]:
    return [f"spoken on {one.route}: {one.key}" for one in ending.spoken if one.route not in wanted]


def _same_number(wanted: bool, ending: Ending) -> list[str]:
    """The number of the visit is the number of the case."""
    if not wanted:
        return []
    numbers = {str(case["case_no"]) for case in ending.cases}
    stored = set(ending.account.stored) or {visit.case_no for visit in ending.account.visits}
    if not stored:
        return ["no visit had a case number"]
    return [] if stored == numbers else [f"numbers of the visits {sorted(stored)}, of the cases {sorted(numbers)}"]


def _cases(wanted: Sequence[Mapping[str, Any]], ending: Ending) -> list[str]:
    """Row by row, in order; a row names the fields that count."""
    if len(wanted) != len(ending.cases):
        return [f"{len(ending.cases)} cases in the back office, not {len(wanted)}"]
    return [
        f"case {name} is {case.get(name)!r}, not {value!r}"
        for row, case in zip(wanted, ending.cases, strict=True)
        for name, value in row.items()
        if case.get(name) != value
    ]


def _audit(wanted: bool, ending: Ending) -> list[str]:
    """Every chain holds, and no case came in without a link that says so."""
    known = {event["case_no"] for event in ending.audit["events"] if event["event"] == "accepted"}
    unknown = [str(case["case_no"]) for case in ending.cases if case["case_no"] not in known]
    broken = ending.audit["broken"]
    if not wanted:
        return []
    return [*([f"{broken} links of the audit are broken"] if broken else []), *(f"no link for {no}" for no in unknown)]


def _audited(wanted: Mapping[str, int], ending: Ending) -> list[str]:
    """So often each of these events stands in the audit."""
    kinds = [event["event"] for event in ending.audit["events"]]
    return [
        f"{kind} stands {kinds.count(kind)} times in the audit, not {count}"
        for kind, count in wanted.items()
        if kinds.count(kind) != count
    ]


def _in_order(wanted: bool, ending: Ending) -> list[str]:
    """The cases came in as they were stored, by the audit."""
    came = [event["case_no"] for event in ending.audit["events"] if event["event"] == "accepted"]
    stored = ending.account.stored
    return [] if (came == stored) is wanted else [f"stored as {stored}, accepted as {came}"]


def _proved(wanted: bool, ending: Ending) -> list[str]:
    proved = [row["proved"] for row in ending.account.printed]
    if not proved:
        return ["nothing was printed"]
    return [] if proved[-1] is wanted else [f"the last slip is {'proved' if proved[-1] else 'not proved'}"]


def _slip_number(wanted: bool, ending: Ending) -> list[str]:
    """The last whole slip carries in its code the case number of the visit that it was printed in."""
    whole = _whole(ending)
    if not whole:
        return ["no whole slip came out"]
    carries = carries_number(whole[-1], ending.account.slip_case_no or ending.account.case_no)
    return [] if carries is wanted else [f"the slip's code {'does not carry' if wanted else 'carries'} the case number"]


def _whole(ending: Ending) -> list[Page]:
    return [page for page in ending.pages if page.complete]


def _slip_ocr(wanted: Sequence[str], ending: Ending) -> list[str]:
    whole = _whole(ending)
    if not whole:
        return ["no whole slip came out"]
    text = read_text(whole[-1])
    return [f"the slip does not say {item!r}: {text}" for item in wanted if "".join(item.split()) not in text]


def _slip_not_ocr(unwanted: Sequence[str], ending: Ending) -> list[str]:
    texts = [read_text(page) for page in ending.pages]
    return [f"a slip says {item!r}" for item in unwanted if any("".join(item.split()) in text for text in texts)]


def _faults(wanted: Sequence[str], ending: Ending) -> list[str]:
    return [
        f"fault {name} was not reported: {ending.account.faults}"
        for name in wanted
        if name not in ending.account.faults
    ]


def _only_faults(wanted: Sequence[str], ending: Ending) -> list[str]:
    return [f"fault {name} was reported" for name in ending.account.faults if name not in wanted]


def _max_touches(limit: int, ending: Ending) -> list[str]:
    return [] if ending.touches <= limit else [f"{ending.touches} touches, more than {limit}"]


def _clean_exit(wanted: bool, ending: Ending) -> list[str]:
    bad = [code for code in ending.exit_codes if code != 0]
    orphans = [f"{ending.orphans} processes outlived the kiosk"] if ending.orphans else []
    return [*([f"the kiosk ended with {bad}"] if bad else []), *orphans] if wanted else []


def _wiped(wanted: bool, ending: Ending) -> list[str]:
    if ending.wiped is wanted:
        return []
    return [f"left behind: {one}" for one in ending.left] or ["nothing is left behind"]


def _clause_han(most: int, ending: Ending) -> list[str]:
    long = {clause.text for clause in ending.spoken if sum(map(is_han, clause.text)) > most}
    return [f"more than {most} Han in one breath: {text!r}" for text in sorted(long)]


def _never_shown(unwanted: Sequence[str], ending: Ending) -> list[str]:
    return [f"was on the screen: {item!r}" for item in unwanted if any(item in text for text in ending.shown)]


def _masked(wanted: bool, ending: Ending) -> list[str]:
    return [f"shown in full: {one}" for one in ending.bare] if wanted else []


NOTICED_S = 0.5
"""From the plug in the hand to the kiosk that knows of it."""


def _ear_only(wanted: bool, ending: Ending) -> list[str]:
    """While a headphone is in, nothing begins on the loudspeaker."""
    if wanted and not ending.plugged_s:
        return ["no headphone was in"]
    aloud = [clause for clause in ending.spoken if clause.route != "headphone"]
    spans = ending.plugged_s if wanted else ()
    return [
        f"on the loudspeaker with a headphone in: {clause.key}"
        for clause in aloud
        if any(begun_s + NOTICED_S < clause.first_sample_s < ended_s for begun_s, ended_s in spans)
    ]


CHECKS: dict[str, Check] = {
    "outcome": _equal("outcome", lambda ending: ending.account.outcome),
    "outcomes": _equal("outcomes", lambda ending: tuple(visit.outcome for visit in ending.account.visits)),
    "screens": _screens,
    "screen_s": _screen_s,
    "spoken": lambda wanted, ending: spoken_all(wanted, ending.spoken),
    "not_spoken": lambda wanted, ending: spoken_none(wanted, ending.spoken),
    "spoken_lang": lambda wanted, ending: spoken_in(wanted, ending.spoken),
    "routes": _routes,
    "stored": _equal("stored cases", lambda ending: len(ending.account.stored)),
    "delivered": _equal("delivered cases", lambda ending: ending.delivery.delivered),
    "duplicates": _equal("duplicate cases", lambda ending: ending.delivery.duplicates),
    "same_number": _same_number,
    "cases": _cases,
    "in_order": _in_order,
    "audit": _audit,
    "audited": _audited,
    "pages": _equal("whole slips", lambda ending: len(_whole(ending))),
    "sheets": _equal("A4 documents", lambda ending: ending.sheets),
    "sheet_pages": _equal("pages of A4", lambda ending: ending.sheet_pages),
    "charges": _equal("charges at the payment side", lambda ending: ending.charges),
    "incomplete_pages": _equal("torn slips", lambda ending: len(ending.pages) - len(_whole(ending))),
    "proved": _proved,
    "slip_number": _slip_number,
    "slip_ocr": _slip_ocr,
    "slip_not_ocr": _slip_not_ocr,
    "faults": _faults,
    "only_faults": _only_faults,
    "no_faults": lambda wanted, ending: _only_faults((), ending) if wanted else [],
    "max_touches": _max_touches,
    "clause_han": _clause_han,
    "never_shown": _never_shown,
    "masked": _masked,
    "ear_only": _ear_only,
    "clean_exit": _clean_exit,
    "wiped": _wiped,
}
