"""A journey on worse days: small faults drawn from a seed and armed before its first step; its pass list stays."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kiosk.play.schema import Table
from kiosk.play.script import PlayStep, Script

AT_ONCE = 2
"""So many rungs a run."""
DAYS_BEHIND_S = -3 * 86_400.0


@dataclass(frozen=True, slots=True)
class Rung:
    """One fault that must not change what a journey comes to."""

    fault: Table = field(default_factory=dict)
    """Options of the verb `fault`."""
    stage: Table = field(default_factory=dict)
    """What `[stage]` has besides."""
    reported: tuple[str, ...] = ()
    """Faults that the kiosk may tell of it."""


RUNGS: Mapping[str, Rung] = {
    "reader_times_out": Rung(
        {"device": "id_card", "name": "mute", "on": "select"}, reported=("device_silent", "card_read_failed")
    ),
    "garbled_frame": Rung(
        {"device": "id_card", "name": "garble", "on": "read", "at": 500}, reported=("device_garbled",)
    ),
    "scanner_noise": Rung({"device": "code_scanner", "name": "junk", "count": 3}),
    "printer_busy": Rung({"device": "receipt_printer", "name": "xoff", "count": 3}),
    "clock_behind": Rung(stage={"clock_s": DAYS_BEHIND_S}),
}


def draw(script: Script, seed: str) -> tuple[str, ...]:
    """Names of the rungs of this seed, of those that the journey's `[stage] ladder` allows."""
    allowed = [name for name in RUNGS if name in script.stage.get("ladder", tuple(RUNGS))]
    chance = random.Random(f"{seed}/{script.journey}")
    return tuple(sorted(chance.sample(allowed, min(AT_ONCE, len(allowed)))))


def on_the_ladder(script: Script, names: tuple[str, ...]) -> Script:
    """The same journey with these faults armed; what they may report is no failure, everything else is."""
    armed = tuple(
        PlayStep(f"ladder: {name}", "fault", dict(RUNGS[name].fault), None, None, name)
        for name in names
        if RUNGS[name].fault
    )
    stage = {key: value for name in names for key, value in RUNGS[name].stage.items()}
    reported = [word for name in names for word in RUNGS[name].reported]
    return replace(script, stage={**script.stage, **stage}, armed=armed, expect=_widened(script.expect, reported))


def _widened(expect: Table, reported: list[str]) -> Table:
    wide: dict[str, Any] = dict(expect)
    if wide.pop("no_faults", False):
        wide["only_faults"] = ()
    if "only_faults" in wide:
        wide["only_faults"] = (*wide["only_faults"], *reported)
    return wide
