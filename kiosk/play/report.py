"""What a journey leaves behind: report.json, built from what was seen, never from what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from kiosk.play.observer import SeenEvent
from kiosk.play.speech_log import Spoken


@dataclass(slots=True)
class Visit:
    """One visit, from its first touch or card to its end."""

    case_no: str
    outcome: str = ""
    stored: bool = False
    steps: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Account:
    """Everything that happened, gathered from the kiosk's events."""

    visits: list[Visit] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    printed: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    slip_case_no: str = ""
    """Of the visit in which a slip was printed last."""
    wiped: bool = True
    """False while a visit goes on or its traces are not yet removed."""

    def take(self, event: SeenEvent) -> None:
        """Add one event."""
        kind, data = event.kind, event.data
        if kind == "visit_begun":
            self.visits.append(Visit(str(data.get("case_no", ""))))
            self.wiped = False
        elif kind == "screen":
            self._step(event)
        elif kind == "stored" and self.visits:
            self.visits[-1].stored = True
        elif kind == "visit_ended" and self.visits:
            self.visits[-1].outcome = str(data.get("outcome", ""))
        elif kind == "wiped":
            self.wiped = True
        elif kind == "fault":
            name = str(data.get("name") or data.get("code"))
            # The device tells it and the visit tells it: once is enough.
            self.faults += [name] if name not in self.faults[-2:] else []
        elif kind.startswith("printed"):
            proof = str(data.get("proof") or kind.removeprefix("printed").lstrip("_"))
            self.slip_case_no = self.case_no
            self.printed.append({"device": "receipt_printer", "pages": 0, "proved": proof == "proved"})

    def _step(self, event: SeenEvent) -> None:
        step, overlay = str(event.data.get("step", "")), str(event.data.get("overlay") or "")
        row = {"step": step, "screen": step if overlay in ("", "none") else overlay, "t_ms": event.t_ms}
        self.steps.append(row)
        if self.visits:
            self.visits[-1].steps.append(row)
            # The first screen comes back only when everything of the visit is gone.
            self.wiped = self.wiped or (step == "welcome" and bool(self.visits[-1].outcome))

    def came_out(self, pages: int) -> None:
        """The printer has put out so many pieces of paper since it has power: the last print's share is the rest."""
        before = sum(int(row["pages"]) for row in self.printed[:-1])
        self.printed[-1]["pages"] = max(pages - before, 0)

    def lost(self) -> None:
        """The kiosk died: a visit that went on is worth what was stored of it."""
        if self.visits and not self.visits[-1].outcome:
            self.visits[-1].outcome = "saved" if self.visits[-1].stored else "failed"
        self.wiped = True

    @property
    def stored(self) -> list[str]:
        """Numbers of the cases that the kiosk has committed."""
        return [visit.case_no for visit in self.visits if visit.stored]

    @property
    def outcome(self) -> str:
        """Of the last visit; a journey without a visit has none, one that goes on has failed."""
        return (self.visits[-1].outcome or "failed") if self.visits else ""

    @property
    def case_no(self) -> str:
        """Of the last visit."""
        return self.visits[-1].case_no if self.visits else ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What reached the back office against what the kiosk knows."""

    delivered: int
    duplicates: int
    missing: tuple[str, ...] = ()


def compare(stored: Iterable[str], known: Iterable[str], cases: Sequence[Mapping[str, Any]]) -> Delivery:
    """A duplicate is a second case of one number, or a case under a number that no visit had."""
    numbers = [str(case["case_no"]) for case in cases]
    there, visits = set(numbers), set(known)
    wanted = list(dict.fromkeys(stored))
    return Delivery(
        delivered=len(there & visits),
        duplicates=len(numbers) - len(there & visits),
        missing=tuple(number for number in wanted if number not in there),
    )


def build(
    journey: str,
    account: Account,
    spoken: Sequence[Spoken],
    delivery: Delivery,
    *,
    wiped: bool,
    failed: Sequence[str],
) -> dict[str, Any]:
    """The report. `visits` only when there were several; `failed_expectations` is empty when all is well."""
    report: dict[str, Any] = {
        "journey": journey,
        "outcome": account.outcome,
        "case_no": account.case_no,
        "steps": account.steps,
        "spoken": [{"key": s.key, "lang": s.lang, "text": s.text, "route": s.route} for s in spoken],
        "printed": account.printed,
        "delivered": delivery.delivered,
        "duplicates": delivery.duplicates,
        "wiped": wiped,
        "faults": account.faults,
    }
    if len(account.visits) > 1:
        report["visits"] = [asdict(visit) for visit in account.visits]
    report["failed_expectations"] = list(failed)
    return report
