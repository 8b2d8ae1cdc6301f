"""What this terminal can do, from what its devices' workers know now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from drivers.api import Device
from drivers.faults import DEV_NOT_FOUND, DOC_PAPER_LOW, DOC_PAPER_OUT, PRN_PAPER_LOW, PRN_PAPER_OUT, Recovery
from kiosk.app.device_hub import DeviceEvent, DeviceWorker
from kiosk.domain.visit.machine import Ev, Event
from kiosk.domain.visit.readiness import NOT_FITTED, ON_PAPER, Capabilities, Capability, Unusable

_DEVICES: Mapping[Capability, tuple[str, ...]] = {
    Capability.READ_ID_CARD: ("id_card",),
    Capability.READ_SOCIAL_CARD: ("chip_card",),
    Capability.READ_ID_FACE: ("id_face",),
    Capability.PRINT_SLIP: ("receipt_printer", "document_printer"),
    Capability.PRINT_DOCUMENT: ("document_printer",),
    Capability.READ_CODE: ("code_scanner",),
    Capability.CAPTURE_PAGE: ("document_scanner",),
    Capability.CAPTURE_FACE: ("portrait",),
    Capability.PRIVATE_AUDIO: ("headphone",),
    Capability.KEYPAD: ("keypad",),
    Capability.GUIDE_LIGHT: ("lights",),
}
"""Which tables of devices.toml give it; the first usable one is enough."""

_OF_PAPER = (PRN_PAPER_LOW, PRN_PAPER_OUT, DOC_PAPER_LOW, DOC_PAPER_OUT)

Workers = Mapping[str, DeviceWorker[Device]]


def why_unusable(worker: DeviceWorker[Any]) -> str:
    """Code of the fault that keeps a device from being used; empty while it can be."""
    fault = worker.fault
    if not worker.is_open:
        return (fault or DEV_NOT_FOUND).code
    return fault.code if fault is not None and fault.recovery is Recovery.WITHDRAW_CAPABILITY else ""


def look(workers: Workers, lacking: Mapping[Capability, str] = MappingProxyType({})) -> Capabilities:
    """What can be used now. The reason of what cannot is that of its first fitted device.

    :param lacking: capability -> code, of what no device gives and this machine does not have (`kiosk.app.parts`).
    """
    reasons = dict(lacking)
    paper: dict[Capability, str] = {}
    for capability, names in _DEVICES.items():
        here = [workers[name] for name in names if name in workers]
        fitted = [why_unusable(worker) for worker in here]
        if all(fitted):
            reasons[capability] = fitted[0] if fitted else NOT_FITTED
        # What prints next is the first that can; where none can, the first tells why.
        fault = here[fitted.index("") if "" in fitted else 0].fault if here else None
        if capability in ON_PAPER and fault in _OF_PAPER:
            paper[capability] = fault.name
    return Capabilities(frozenset(Capability) - reasons.keys(), reasons, paper)


class CapabilityWatch:
    """Freezes the set for a visit, and tells the visit what breaks.

    :param record: for the observer: kinds and codes, nothing of a person.
    """

    def __init__(
        self,
        workers: Workers,
        post: Callable[[Event], None],
        record: Callable[[str, Mapping[str, object]], None],
        lacking: Callable[[], Mapping[Capability, str]] = dict,
    ) -> None:
        self._workers = workers
        self._lacking = lacking
        self._post = post
        self._record = record
        self._lock = threading.Lock()
        self._last = Capabilities(frozenset())

    def freeze(self) -> Capabilities:
        """For a visit that begins now."""
        found = look(self._workers, self._lacking())
        with self._lock:
            self._last = found
        self._record("capabilities", {**_as_detail(found), "health": self.health()})
        return found

    def health(self) -> dict[str, float]:
        """Device -> share of its last commands that succeeded."""
        return {name: round(worker.health.ratio, 3) for name, worker in self._workers.items()}

    def device_changed(self, event: DeviceEvent) -> None:
        """A listener of the status bus."""
        self.changed()

    def changed(self) -> None:
        """Something may have gone: what has is withdrawn."""
        found = look(self._workers, self._lacking())
        with self._lock:
            gone, self._last = self._last.usable - found.usable, found
        for capability in sorted(gone):
            unusable = Unusable(capability, found.reasons[capability])
            self._record("withdrawn", {"capability": capability.value, "reason": unusable.reason_code})
            self._post(Event(Ev.WITHDRAWN, unusable))


def _as_detail(found: Capabilities) -> dict[str, object]:
    reasons = {capability.value: code for capability, code in sorted(found.reasons.items())}
    return {"usable": sorted(one.value for one in found.usable), "unusable": reasons}
