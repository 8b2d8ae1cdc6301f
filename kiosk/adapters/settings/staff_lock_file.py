"""The back-off after wrong PINs, kept in the state folder: a restart does not reset it."""

from __future__ import annotations

import json
import logging
import math
from pathlib import Path

from kiosk.adapters.settings.durable import write_durably
from kiosk.domain.technician.staff_lock import LockState, after_try

log = logging.getLogger(__name__)

FILE = "staff_lock.json"
_WORST_FAILURES = 8
"""What a damaged file counts for: two minutes, not a free try."""


class StaffLockFile:
    """One small JSON file, replaced whole."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / FILE

    def read(self, now_s: float) -> LockState:
        """:param now_s: wall time; from it a damaged file's wait is counted."""
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            failures, until_s = document["failures"], document["until_s"]
            if type(failures) is not int or failures < 0 or isinstance(until_s, bool) or not math.isfinite(until_s):
                raise ValueError("not a lock")
            return LockState(failures, float(until_s))
        except FileNotFoundError:
            return LockState()
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            log.warning("%s is damaged; it counts as %d wrong PINs", self._path.name, _WORST_FAILURES)
            worst = after_try(LockState(_WORST_FAILURES - 1), now_s)
            self.keep(worst)
            return worst

    def keep(self, state: LockState) -> None:
        """Durable when it returns. :raises OSError:"""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        document = json.dumps({"failures": state.failures, "until_s": round(state.until_s, 3)})
        write_durably(self._path, document.encode(), 0o600)
