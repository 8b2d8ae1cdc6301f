"""A simulated A4 printer on the network: the real `ippeveprinter` with a paper path that hands can touch.

The link is a file that holds its ipp:// address. Setting `spooler` (false; true: a private CUPS stands before it, and
the link names CUPS' queue). Control: `paper{state ok|low|out}`, `paper_after{pages}`,
`cover{open}`, `tray{out}`, `toner{empty}`, `slow{page_s}`, `unjam`, `power{on}`, `media{letter_only}`,
`formats{types}`, `pages` -> [{file, sha256, job_name, media, pages, complete}], unplug, replug, faults.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from drivers.sim._a4 import cups_peer
from drivers.sim._a4.cups_peer import CupsPeer
from drivers.sim._a4.ipp_front import FRONT_FAULTS, Front
from drivers.sim._a4.ipp_peer import PATH_TO_PRINT, IppPeer, missing
from drivers.sim._a4.job import Job
from drivers.sim.client import Control, ControlError
from drivers.sim.core import Twin
from drivers.sim.faultbook import BadControl, FaultBook
from drivers.sim.line import write_whole

EMPTY = "media-empty-error"
HOLDING = ("cover-open", "input-tray-missing", EMPTY, "toner-empty-error")
"""For these the engine waits until a hand has mended it."""
TRY_AGAIN_S = 0.1
LISTEN_S = 0.02
FULL_TRAY = 250


class DocumentPrinterTwin(Twin):
    models = ("ipp_everywhere", "cups_queue")
    default_baud = None
    own_faults: ClassVar[Mapping[str, str]] = {
        **FRONT_FAULTS,
        "jam": "a sheet jams after `at` (default 0) pages of a job; it stays until `unjam`",
        "die": "the power fails after `at` (default 1) pages of a job; `power` puts it on again",
        "abort": "the job is given up after `at` (default 0) pages, without a reason",
        "uncounted": "a page comes out but is not counted",
        "keeps_job": "a job's deletion is agreed to and not done",
    }

    @classmethod
    def missing(cls, settings: Mapping[str, object]) -> str:
        return missing() or (cups_peer.missing() if settings.get("spooler") is True else "")

    @classmethod
    def bench_settings(cls, model: str) -> Mapping[str, object]:
        return {"spooler": True} if model == "cups_queue" else {}

    @classmethod
    def fault_names(cls, model: str) -> Mapping[str, str]:
        """There is no serial line here whose answers could be spoiled."""
        return cls.own_faults

    def __init__(self, settings: Mapping[str, object]) -> None:
        super().__init__(settings)
        self.faults = FaultBook(self.fault_names("ipp_everywhere"))
        self._folder = Path(tempfile.mkdtemp(prefix="a4-"))
        self._peer: IppPeer | None = None
        self._front = Front(self.faults, lambda: self._port_inside, self._hear_cancel)
        self._spooler: CupsPeer | None = None
        self._port_inside = 0
        self._control = Path()
        self._revision = 0
        self._sheets_left: int | None = None
        self._conditions: set[str] = set()
        self._told: list[str] = []
        self._tray_shows_empty = False
        self._is_settling = False
        self._job: Job | None = None
        self._run = 0
        self._cancelled: set[int] = set()
        self._engine_runs = False
        self._gives_up = False
        self._page_s = _positive(settings, "page_s", 0.3)
        self._letter_only = False
        self._formats = ["application/pdf"]
        self._pages: list[dict[str, object]] = []
        self._add_ops()

    def _add_ops(self) -> None:
        self.ops |= {
            "paper": self._op_paper,
            "paper_after": self._op_paper_after,
            "cover": lambda request: self._set("cover-open", request.get("open") is True),
            "tray": lambda request: self._set("input-tray-missing", request.get("out") is True),
            "toner": lambda request: self._set("toner-empty-error", request.get("empty") is True),
            "unjam": lambda _request: self._set("media-jam-error", False),
            "slow": self._op_slow,
            "power": self._op_power,
            "media": self._op_media,
            "formats": self._op_formats,
            "pages": lambda _request: {"pages": list(self._pages)},
            "unplug": self._op_pull,
            "engine_begin": self._op_engine_begin,
            "engine_look": self._op_engine_look,
            "engine_page": self._op_engine_page,
            "engine_end": self._op_engine_end,
            "engine_cancel": self._op_engine_cancel,
        }

    # --- cable and power ---

    def on_bytes(self, data: bytes) -> None:
        """There is no line: the network socket is `Front`'s."""

    def plug(self, link: Path | None = None) -> None:
        """Network cable in; at the first time also power on. The address stays the same for ever."""
        if link is not None:
            self._link = link
            self._control = link.with_name(link.name + ".ctl")
            self._switch_on()
        self._open_front()

    def _open_front(self) -> None:
        if self._peer is not None and self._peer.is_on and self._link is not None:
            self._front.open()
            write_whole(self._link, self._address() + "\n")

    def _address(self) -> str:
        own = f"ipp://127.0.0.1:{self._front.port}{PATH_TO_PRINT}"
        if self.settings.get("spooler") is not True:
            return own
        self._spooler = self._spooler or CupsPeer(own)
        return self._spooler.uri

    def _switch_on(self) -> None:
        self._peer = self._peer or IppPeer(self._folder, self._control)
        self._told = []
        self._tray_shows_empty = False
        self._is_settling = False
        self._cancelled.clear()
        self._peer.start(self._formats, self._letter_only)
        self._port_inside = self._peer.port
        self._settle()

    def _switch_off(self) -> None:
        """Whatever is in memory is gone; a half-fed sheet stays where it is."""
        self._front.close()
        if self._peer is not None:
            self._peer.kill()
        self._finish(complete=False)
        self._changed()

    def unplug(self) -> None:
        """The end of the simulated device."""
        if self._spooler is not None:
            self._spooler.end()
        self._front.close()
        if self._peer is not None:
            self._peer.end()
        if self._link is not None:
            self._link.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _op_pull(self, request: Mapping[str, object]) -> Mapping[str, object]:
        """Pull the network cable; `for_s` puts it back by itself."""
        self._front.close()
        for_s = request.get("for_s")
        if isinstance(for_s, int | float) and not isinstance(for_s, bool):
            self.after(float(for_s), self._open_front)
        return {}

    def _op_power(self, request: Mapping[str, object]) -> Mapping[str, object]:
        if request.get("on") is True:
            if self._peer is None or not self._peer.is_on:
                self._switch_on()
                self._open_front()
        else:
            self._switch_off()
        return {}

    def _restart(self) -> None:
        self._switch_off()
        self._switch_on()
        self._open_front()

    # --- what hands do ---

    @property
    def _reasons(self) -> list[str]:
        return sorted(self._conditions)

    @property
    def _idle_reasons(self) -> list[str]:
        """What the engine leaves behind; an empty tray is told by the web form, or no job would start again."""
        return [reason for reason in self._reasons if reason != EMPTY]

    def _set(self, reason: str, holds: bool) -> Mapping[str, object]:
        if holds is not (reason in self._conditions):
            (self._conditions.add if holds else self._conditions.discard)(reason)
            self._changed()
        return {}

    def _changed(self) -> None:
        self._revision += 1
        self._settle()

    def _settle(self) -> None:
        """The printer hears of a change through its engine; when none runs, one is run for that alone."""
        if self._engine_runs or self._is_settling or self._peer is None or not self._peer.is_on:
            return
        if self._told == self._idle_reasons:
            self._show_tray(EMPTY in self._conditions)
            return
        self._show_tray(False)
        if not self._peer.housekeeping():
            self.after(TRY_AGAIN_S, self._settle)

    def _listen(self) -> None:
        """After an engine's end the printer still reads what it said."""
        if self._peer is None or not self._peer.is_on:
            return
        if self._engine_runs or self._peer.is_idle():
            self._is_settling = False
            self._settle()
        else:
            self.after(LISTEN_S, self._listen)

    def _show_tray(self, empty: bool) -> None:
        if empty is not self._tray_shows_empty and self._peer is not None:
            self._tray_shows_empty = empty
            self._peer.tray(0 if empty else FULL_TRAY)

    @property
    def _is_settled(self) -> bool:
        shown = self._told == self._idle_reasons and self._tray_shows_empty is (EMPTY in self._conditions)
        return shown and not self._engine_runs and not self._is_settling

    def _op_paper(self, request: Mapping[str, object]) -> Mapping[str, object]:
        state = request.get("state")
        if state not in ("ok", "low", "out"):
            raise BadControl("paper: state is ok, low or out")
        self._sheets_left = 0 if state == "out" else None
        self._set("media-low-report", state == "low")
        return self._set(EMPTY, state == "out")

    def _op_paper_after(self, request: Mapping[str, object]) -> Mapping[str, object]:
        pages = request.get("pages")
        if not isinstance(pages, int) or isinstance(pages, bool) or pages < 1:
            raise BadControl("paper_after: pages is 1 or more")
        self._sheets_left = pages
        return {}

    def _op_slow(self, request: Mapping[str, object]) -> Mapping[str, object]:
        self._page_s = _positive(request, "page_s", 0.3)
        return {}

    def _op_media(self, request: Mapping[str, object]) -> Mapping[str, object]:
        """A printer for the American market; the real program then also knows no PDF."""
        self._letter_only = request.get("letter_only") is True
        self._restart()
        return {}

    def _op_formats(self, request: Mapping[str, object]) -> Mapping[str, object]:
        types = request.get("types")
        if not isinstance(types, list) or not types:
            raise BadControl("formats: types is a list of MIME types")
        self._formats = [str(kind) for kind in types]
        self._restart()
        return {}

    # --- the engine's questions (drivers/sim/_a4/ipp_engine.py) ---

    def _op_engine_begin(self, request: Mapping[str, object]) -> Mapping[str, object]:
        self._run += 1
        if request.get("port") != self._port_inside or self._peer is None or not self._peer.is_on:
            return {**self._view(), "run": -1}
        self._engine_runs = True
        self._gives_up = False
        if request.get("housekeeping") is True:
            self._told = self._idle_reasons
            return {**self._view(), "reasons": self._told, "run": self._run}
        job_id, file = request.get("job_id"), Path(str(request.get("file")))
        number = job_id if isinstance(job_id, int) else 0
        cancelled = number in self._cancelled
        self._job = Job(number, str(request.get("name")), str(request.get("media")), file, cancelled=cancelled)
        return {**self._view(), "run": self._run}

    def _is_stale(self, request: Mapping[str, object]) -> bool:
        """An engine whose printer lost its power meanwhile: nothing that it does counts."""
        return not self._engine_runs or request.get("run") != self._run

    def _view(self) -> Mapping[str, object]:
        return {
            "reasons": self._reasons,
            "held": any(reason in self._conditions for reason in HOLDING),
            "cancelled": self._job is not None and self._job.cancelled,
            "gives_up": self._gives_up,
            "page_s": self._page_s,
            "revision": self._revision,
        }

    def _op_engine_look(self, request: Mapping[str, object]) -> Mapping[str, object]:
        if self._is_stale(request):
            return {**self._view(), "cancelled": True}
        done = request.get("done")
        for name in ("jam", "abort"):
            if done == self._at(name, 0) and self.faults.take(name):
                self._gives_up = True
                if name == "jam":
                    self._conditions.add("media-jam-error")
        return self._view()

    def _at(self, name: str, default: int) -> int:
        """After how many pages the next fault of that name strikes; -1 when none is armed."""
        fault = self.faults.first(name)
        return -1 if fault is None else fault.number("at", default)

    def _op_engine_page(self, request: Mapping[str, object]) -> Mapping[str, object]:
        """A page lies in the tray."""
        if self._is_stale(request) or self._job is None:
            return {**self._view(), "cancelled": True, "counts": False}
        self._job.pages += 1
        if self._sheets_left:
            self._sheets_left -= 1
            if self._sheets_left == 0:
                self._conditions.add(EMPTY)
        if self._job.pages == self._at("die", 1) and self.faults.take("die"):
            self._switch_off()
        return {**self._view(), "counts": self.faults.take("uncounted") is None}

    def _op_engine_end(self, request: Mapping[str, object]) -> Mapping[str, object]:
        if not self._is_stale(request):
            self._told = self._idle_reasons
            self._finish(complete=request.get("code") == 0)
            self._revision += 1
            self._is_settling = True
            self.after(LISTEN_S, self._listen)
        return {"reasons": self._told}

    def _finish(self, *, complete: bool) -> None:
        """The engine stands still; what came out of its job lies in the tray."""
        if self._job is not None and self._job.pages > 0:
            self._keep(self._job, self._job.pages, complete and not self._job.cancelled)
        self._job = None
        self._engine_runs = False

    def _keep(self, job: Job, pages: int, complete: bool) -> None:
        """What lies in the tray: the document itself, and how much of it."""
        kept = self._folder / f"out-{len(self._pages):03d}.pdf"
        shutil.copyfile(job.file, kept)
        digest = hashlib.sha256(kept.read_bytes()).hexdigest()
        sheet = {"file": str(kept), "sha256": digest, "job_name": job.name, "media": job.media}
        self._pages.append({**sheet, "pages": pages, "complete": complete})

    def _op_engine_cancel(self, request: Mapping[str, object]) -> Mapping[str, object]:
        job_id = request.get("job_id")
        if isinstance(job_id, int):
            self._cancelled.add(job_id)
            if self._job is not None and self._job.job_id == job_id:
                self._job.cancelled = True
                self._revision += 1
        return {}

    def _hear_cancel(self, job_id: int) -> None:
        """From the network's thread: through the control socket, so that all state has one thread."""

        def tell() -> None:
            try:
                with Control(self._control) as control:
                    control("engine_cancel", job_id=job_id)
            except (OSError, ControlError):
                return

        threading.Thread(target=tell, daemon=True).start()

    def status(self) -> dict[str, object]:
        told = super().status()
        return {
            **told,
            "plugged": self._front.is_open,
            "power": self._peer is not None and self._peer.is_on,
            "reasons": self._reasons,
            "settled": self._is_settled,
            "printing": self._job is not None,
            "documents": len(self._pages),
            "exchanges": self._front.exchanges,
            "revision": self._revision,
        }


def _positive(source: Mapping[str, object], key: str, default: float) -> float:
    value = source.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise BadControl(f"{key} is a number of seconds")
    return float(value)


TWIN = DocumentPrinterTwin
