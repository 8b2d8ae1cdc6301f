"""Every text of technician mode, for the list of all keys: each page in each of its variants is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from drivers.faults import Action
from kiosk.app.technician.diagnostics import Result
from kiosk.domain.speech import Line
from kiosk.domain.technician.calibration import VALUES, Calibration, CameraBox, TouchFix
from kiosk.domain.technician.mode import EDGES, GUIDE_STEPS
from kiosk.domain.technician.state import CheckRow, DeviceRow, HouseFacts, Page, Proof, VendorMode, VendorState
from kiosk.domain.technician.view import StaffView, staff_view
from kiosk.domain.technician.view_parts import KNOWN_CHECKS, KNOWN_DEVICES, KNOWN_TASKS

KEYS = (
    *("staff.slip.title", "staff.slip.not_a_case"),
    *("staff.kept", "staff.not_kept", "staff.touch.again", "staff.touch.dropped", "staff.height.range"),
    *("staff.state.online", "staff.state.noDevice"),
    *(f"staff.device.{name}" for name in (*KNOWN_DEVICES, "other")),
    *(f"staff.action.{action.value}" for action in Action),
    *(f"staff.result.{result.value}" for result in Result),
    *(f"staff.check.{name}" for name in (*KNOWN_CHECKS, "other")),
    *(f"staff.hand.{task}" for task in (*KNOWN_TASKS, "other")),
)
"""What services put into a state, and families of keys."""
_ROWS = (
    DeviceRow("id_card", "m", True, "online", tested="pass", tested_on="2026-11-24"),
    DeviceRow("receipt_printer", "m", False, "online", "PRN-002", "paper_out", "maintenance"),
    *(DeviceRow(f"d{number}", "m", False, "noDevice") for number in range(6)),
)
_OWN = Calibration(TouchFix(), 21.5, 0, CameraBox(), 1250)


def pages() -> Iterator[StaffView]:
    """Each page, with and without what may stand on it."""
    base = VendorState(VendorMode.ACTIVE, Page.HOME, has_camera=True, staff="1", facts=HouseFacts(_ROWS, 3, False))
    for page in Page:
        if page is Page.NONE:
            continue
        here = replace(base, page=page, device="id_card", task="judge_slip", testing=("id_card",))
        yield staff_view(here)
        yield staff_view(replace(here, device="receipt_printer", testing=("id_card", "receipt_printer"), list_page=1))
        yield staff_view(replace(here, calibration=_OWN, number_done=True, wrong=True, task="lay_card"))
        yield staff_view(replace(here, facts=HouseFacts(is_unhurried=True)))
        failed = CheckRow("id_card", "paper", "fail", code="PRN-002")
        yield staff_view(replace(here, report=(failed,), wait_s=4, number_done=True))
        for proof in Proof:
            yield staff_view(replace(here, proof=proof))
        for step in range(GUIDE_STEPS):
            yield staff_view(replace(here, guide_step=step, edge=EDGES[step]))


def lines() -> Iterator[Line]:
    """Keys that no page shows in `pages`, with no values."""
    assert set(VALUES) == set(_OWN.__dataclass_fields__)
    return (Line(key) for key in KEYS)
