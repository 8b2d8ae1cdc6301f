"""What the terminal's own processes do not find on this machine: a dictionary, a model, a voice.

Each process looks for its own when it starts and tells; here it becomes a fault with a code, and a capability less.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from kiosk.domain.faults import HAND_MISSING, MANDARIN_MISSING, MINNAN_MISSING, PINYIN_MISSING
from kiosk.domain.visit.readiness import Capability

log = logging.getLogger(__name__)

_PARTS: Mapping[str, tuple[Capability, str]] = {
    "pinyin": (Capability.WRITE_PINYIN, PINYIN_MISSING),
    "drawn": (Capability.WRITE_HAND, HAND_MISSING),
    "nan": (Capability.SPEAK_MINNAN, MINNAN_MISSING),
    "cmn": (Capability.SPEAK_MANDARIN, MANDARIN_MISSING),
}
"""As the input process and the speech process name them."""


def codes_of(lacking: Mapping[str, str]) -> dict[str, str]:
    """Fault's code -> why, of what a process told."""
    return {_PARTS[name][1]: why for name, why in lacking.items() if name in _PARTS}


class Parts:
    """
    :param record: for the observer.
    :param changed: called when more or less is lacking than before.
    """

    def __init__(self, record: Callable[[str, Mapping[str, object]], None], changed: Callable[[], None]) -> None:
        self._record, self._changed = record, changed
        self._lock = threading.Lock()
        self._told: dict[str, Mapping[str, str]] = {}

    def listener(self, process: str) -> Callable[[Mapping[str, str]], None]:
        """Who is to be told what this process lacks, each time that it starts; on any thread."""

        def told(lacking: Mapping[str, str]) -> None:
            self._take(process, codes_of(lacking))

        return told

    def lacking(self) -> dict[Capability, str]:
        """Capability -> code of the fault that keeps it from being there."""
        with self._lock:
            codes = {code for told in self._told.values() for code in told}
        return {capability: code for capability, code in _PARTS.values() if code in codes}

    def _take(self, process: str, lacking: Mapping[str, str]) -> None:
        with self._lock:
            before = self._told.get(process, {})
            self._told[process] = lacking
        for code in sorted(lacking.keys() - before.keys()):
            log.error("%s: %s", code, lacking[code])
            self._record("fault", {"device": process, "code": code, "name": code})
        if lacking.keys() != before.keys():
            self._changed()
