"""What an IPP printer says about itself (RFC 8011 5.4.12 printer-state-reasons, PWG 5100.9), as our faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drivers import faults
from drivers.api import PaperSupply
from drivers.faults import Fault

SEVERITIES = ("-error", "-warning", "-report")
"""The same reason changes its suffix on the way (sent as error, seen as warning, reported when idle)."""

_FAULTS: Mapping[str, Fault] = {
    "media-jam": faults.DOC_JAM,
    "cover-open": faults.DOC_OPEN,
    "door-open": faults.DOC_OPEN,
    "interlock-open": faults.DOC_OPEN,
    "input-tray-missing": faults.DOC_OPEN,
    "output-tray-missing": faults.DOC_OPEN,
    "media-empty": faults.DOC_PAPER_OUT,
    "media-needed": faults.DOC_PAPER_OUT,
    "toner-empty": faults.DOC_TONER,
    "marker-supply-empty": faults.DOC_TONER,
    "marker-waste-full": faults.DOC_ERROR,
    "output-area-full": faults.DOC_ERROR,
    "paused": faults.DOC_ERROR,
    "moving-to-paused": faults.DOC_ERROR,
    "shutdown": faults.DOC_ERROR,
    "stopped-partly": faults.DOC_ERROR,
    "media-low": faults.DOC_PAPER_LOW,
}
"""In the order in which they are told: what must be mended first stands first."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`blocking` keeps a page from coming out; `holding` is everything that holds, the most pressing first."""

    holding: tuple[Fault, ...]
    paper: PaperSupply
    cover_open: bool

    @property
    def blocking(self) -> Fault | None:
        return next((fault for fault in self.holding if fault is not faults.DOC_PAPER_LOW), None)


def keyword(reason: str) -> tuple[str, str]:
    """`media-empty-warning` -> (`media-empty`, `warning`); the severity is empty when none is given."""
    for suffix in SEVERITIES:
        if reason.endswith(suffix):
            return reason.removesuffix(suffix), suffix[1:]
    return reason, ""


def condition(reasons: Iterable[str]) -> Condition:
    """Act on the keyword; an unknown one counts only when the printer calls it an error."""
    said = [keyword(reason) for reason in reasons if not reason.startswith("cups-")]
    names = {name for name, _severity in said} - {"none", ""}
    holding = list(dict.fromkeys(fault for name, fault in _FAULTS.items() if name in names))
    unknown_error = any(severity == "error" and name not in _FAULTS for name, severity in said)
    if unknown_error and faults.DOC_ERROR not in holding:
        holding.append(faults.DOC_ERROR)
    return Condition(tuple(holding), _paper(holding), faults.DOC_OPEN in holding)


def _paper(holding: list[Fault]) -> PaperSupply:
    if faults.DOC_JAM in holding:
        return PaperSupply.JAMMED
    if faults.DOC_PAPER_OUT in holding:
        return PaperSupply.OUT
    return PaperSupply.LOW if faults.DOC_PAPER_LOW in holding else PaperSupply.FULL
