"""The paper path of the simulated document printer: ippeveprinter runs it once a job.

It puts the document's pages out one by one, waits when a hand is needed, and tells the printer so on stderr
(`STATE: reasons`, `ATTR: job-impressions-completed=n`, ippeveprinter(1)). What hands do, it learns from the
simulated printer's control socket.
"""

from __future__ import annotations

import os
import re
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path

from drivers.sim._a4.ipp_peer import HOUSEKEEPING
from drivers.sim.client import Control, ControlError

FOREVER_S = 86_400.0


def leaf_pages(pdf: bytes) -> int:
    """Pages of a PDF by its page objects, also in compressed object streams; 0 for anything else."""
    parts = [pdf]
    for stream in re.finditer(rb"/ObjStm.{0,400}?stream\r?\n", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompressobj().decompress(pdf[stream.end() :]))
        except zlib.error:
            continue
    return sum(len(re.findall(rb"/Type\s*/Page\b", part)) for part in parts)


class Engine:
    """One job."""

    def __init__(self, control: Control, port: int, document: Path) -> None:
        self._control = control
        self._port = port
        self._document = document
        self._told: object = None
        self._run: object = None

    def work(self) -> int:
        """0 when the job is through or cancelled, 1 when it is given up."""
        env = os.environ
        name = env.get("IPP_JOB_NAME", "")
        housekeeping = name == HOUSEKEEPING
        job = {
            "job_id": int(env.get("IPP_JOB_ID", "0")),
            "name": name,
            "media": env.get("IPP_MEDIA", ""),
            "port": self._port,
        }
        begun = self._control("engine_begin", file=str(self._document), housekeeping=housekeeping, **job)
        self._run = begun["run"]
        self._tell(begun)
        code = 0 if housekeeping else self._pages(leaf_pages(self._document.read_bytes()))
        self._tell(self._control("engine_end", run=self._run, code=code))
        return code

    def _pages(self, total: int) -> int:
        done = 0
        while done < total:
            view = self._control("engine_look", run=self._run, done=done)
            self._tell(view)
            if view["cancelled"]:
                return 0
            if view["gives_up"]:
                return 1
            moved = self._wait(view, FOREVER_S if view["held"] else _seconds(view, "page_s"))
            if view["held"] or not moved:
                continue
            done += 1
            page = self._control("engine_page", run=self._run)
            self._tell(page)
            if page["counts"]:
                _say(f"ATTR: job-impressions-completed={done}")
        return 0

    def _wait(self, view: Mapping[str, object], seconds: float) -> bool:
        """True when the time passed undisturbed, False when a hand or the host did something."""
        revision = view["revision"]
        assert isinstance(revision, int)
        try:
            self._control("wait", key="revision", at_least=revision + 1, timeout_s=seconds)
        except ControlError:
            return True
        return False

    def _tell(self, view: Mapping[str, object]) -> None:
        reasons = view["reasons"]
        if reasons != self._told and isinstance(reasons, list):
            self._told = reasons
            _say(f"STATE: {','.join(reasons) or 'none'}")


def _seconds(view: Mapping[str, object], key: str) -> float:
    value = view[key]
    assert isinstance(value, int | float)
    return float(value)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def main(arguments: list[str]) -> int:
    with Control(Path(arguments[0]), timeout_s=FOREVER_S) as control:
        return Engine(control, int(arguments[1]), Path(arguments[2])).work()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
