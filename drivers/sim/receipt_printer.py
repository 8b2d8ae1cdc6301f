"""The simulated receipt printers: real ESC/POS bytes at the line's pace, paper at a printer's pace.

Real-time commands (DLE EOT, DLE ENQ) are obeyed as they arrive, also while printing, offline or out
of paper; everything else waits in the receive buffer for its turn. Pages are PNG files in
`<link>.pages/` (or `pages_dir` of the settings).

    {"op": "paper", "state": "ok"|"low"|"out"}   a new roll, a roll near its end, no paper
    {"op": "paper_after", "rows": 300}           the paper ends after so many rows (or `bytes` received) from now
    {"op": "cover", "open": true}                somebody opens or closes the cover
    {"op": "mute", "on": true}                   it prints, but no answer leaves it any more
    {"op": "power", "on": false}                 switched off: it takes bytes and forgets them
    {"op": "auto_status", "mask": 255}           a hand sets the switches that turn automatic status on, or 0: off
    {"op": "report", "bytes": "14000000"}        an automatic status is sent (as it stands when `bytes` is left out)
    {"op": "free_cutter"}                        a hand frees the cutter; the printer waits to be told (DLE ENQ)
    {"op": "take"}                               the resident takes the slips
    {"op": "pages"}                              what has come out so far
    {"op": "fault", "name": "cutter"|"hot"|"unrecoverable"|...}
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from drivers.sim._receipt.glyphs import Rom
from drivers.sim._receipt.makes import BUILDS
from drivers.sim._receipt.paper import Paper
from drivers.sim._receipt.realtime import Clear, Question, RealTime
from drivers.sim._receipt.render import AskIdentity, AskPaper, AutoStatus, Cut, Interpreter, Op, Strip
from drivers.sim.core import BadControl, Twin

LOW_ROWS = 20 * 1200
"""What a near-end sensor leaves: some metres."""
TICK_ROWS = 12
CUT_S = 0.2


class ReceiptPrinter(Twin):
    """One printer with one roll.

    Settings: `make` (escpos_80mm, escpos_58mm), `answers_in_turn` (true; false: one that leaves queued questions
    unanswered), `auto_status` (0; the mask of GS a that its switches set), `obeys_gs_a` (true), `near_end_mask`,
    `paper_out_mask`, `drawer_high`, `pages_dir`, `font`, `font_face`; for another
    build than the make's `width_dots`, `speed_mm_s`, `buffer_bytes`.
    """

    models: ClassVar[tuple[str, ...]] = tuple(BUILDS)
    own_faults: ClassVar[Mapping[str, str]] = {
        "cutter": "the cutter jams at the next cut; `clear` mends it, `free_cutter` frees it by hand",
        "hot": "the head is too hot at the next row, for `for_s` (default 1) seconds",
        "unrecoverable": "the printer's electronics fail at the next row; `clear` repairs them",
        "xoff": "XOFF and XON are sent before the answer",
    }

    @classmethod
    def bench_settings(cls, model: str) -> Mapping[str, object]:
        return {"make": model}

    def __init__(self, settings: Mapping[str, object]) -> None:
        super().__init__(settings)
        make = str(settings.get("make", self.models[0]))
        if make not in BUILDS:
            raise BadControl(f"make {make!r}; known: {', '.join(BUILDS)}")
        self._build = build = BUILDS[make]
        self._rows_per_s = 8 * self._whole("speed_mm_s", build.speed_mm_s)
        self._buffer_bytes = self._whole("buffer_bytes", build.buffer_bytes)
        self._near_end_mask = self._whole("near_end_mask", 0x0C)
        self._paper_out_mask = self._whole("paper_out_mask", 0x60)
        width = self._whole("width_dots", build.width_dots)
        rom = Rom(settings, build.cutter_distance_dots)
        self._paper = Paper(width, rom.cutter_distance_dots)
        self._brain = Interpreter(width, rom, build.lacks)
        self._real_time = RealTime()
        self._op: Op | None = None
        self._row = 0
        self._working = False
        self._cover_open = self._muted = self._hot = self._broken = False
        self._cutter_jammed = self._cutter_blocked = False
        self._powered = True
        self._near_end = False
        self._out_after_bytes: int | None = None
        self._auto_switches = self._whole("auto_status", 0)
        self._auto_mask = self._auto_switches
        self._tray = 0
        self._overrun = 0
        self.ops.update(
            paper=self._op_paper,
            paper_after=self._op_paper_after,
            cover=self._op_cover,
            mute=self._op_mute,
            power=self._op_power,
            auto_status=self._op_auto_status,
            report=self._op_report,
            free_cutter=self._op_free_cutter,
            take=self._op_take,
            pages=lambda _request: {"pages": [page.as_json() for page in self._paper.pages]},
        )

    def _whole(self, key: str, default: int) -> int:
        value = self.settings.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadControl(f"{key} is a whole number")
        return value

    @property
    def _folder(self) -> Path:
        if chosen := self.settings.get("pages_dir"):
            return Path(str(chosen))
        assert self._link is not None
        return self._link.with_name(self._link.name + ".pages")

    # --- the wire ---

    def on_power_up(self) -> None:
        """The cable's session only: the printer has its own power, prints on, and the paper stays where it is."""
        self._real_time = RealTime()

    def on_bytes(self, data: bytes) -> None:
        if not self._powered:
            return
        for part in self._real_time.split(data):
            if isinstance(part, bytes):
                self._receive(part)
            elif isinstance(part, Question):
                self._answer(bytes((self._status_byte(part.n),)), "real_time")
            elif isinstance(part, Clear):
                self._clear_buffers(part.forget)
        self._work_soon()

    def _receive(self, data: bytes) -> None:
        room = self._buffer_bytes - self._brain.waiting_bytes
        self._overrun += max(0, len(data) - room)
        self._brain.feed(data[:room])
        if self._out_after_bytes is not None:
            self._out_after_bytes -= len(data)
            if self._out_after_bytes <= 0:
                self._out_after_bytes = None
                self._paper_ends()

    def _answer(self, data: bytes, tag: str) -> None:
        if self._muted:
            return
        if self.faults.take("xoff", tag):
            self.put(b"\x13\x11")
        self.send(data, tag)

    # --- what it says of itself ---

    @property
    def _paper_out(self) -> bool:
        return self._paper.left_rows == 0

    @property
    def _paper_low(self) -> bool:
        return self._near_end or (self._paper.left_rows is not None and self._paper.left_rows < LOW_ROWS)

    @property
    def _stopped(self) -> bool:
        return self._cover_open or self._paper_out or self._cutter_jammed or self._hot or self._broken

    def _status_byte(self, n: int) -> int:
        """DLE EOT 1 to 4."""
        byte = 0x12
        if n == 1:
            byte |= 0x08 * self._stopped | 0x04 * bool(self.settings.get("drawer_high"))
        elif n == 2:
            error = self._cutter_jammed or self._hot or self._broken
            byte |= 0x04 * self._cover_open | 0x20 * self._paper_out | 0x40 * error
        elif n == 3:
            byte |= 0x08 * self._cutter_jammed | 0x20 * self._broken | 0x40 * self._hot
        else:
            byte |= self._near_end_mask * self._paper_low | self._paper_out_mask * self._paper_out
        return byte

    def _paper_byte(self) -> int:
        """GS r 1: the same sensors, other bits."""
        return (self._near_end_mask >> 2) * self._paper_low | (self._paper_out_mask >> 3) * self._paper_out

    def _auto_status(self) -> bytes:
        first = 0x10 | 0x08 * self._stopped | 0x20 * self._cover_open
        second = 0x08 * self._cutter_jammed | 0x20 * self._broken | 0x40 * self._hot
        return bytes((first, second, self._paper_byte(), 0))

    def _changed(self) -> None:
        """A sensor moved: say so when asked to, and go on or stop."""
        if self._auto_mask:
            self._answer(self._auto_status(), "auto")
        self._work_soon()

    # --- printing (timers that a pulled data cable does not stop) ---

    def _work_soon(self) -> None:
        if not self._working and not self._stopped and self._powered:
            self._working = True
            self._schedule(0.0, self._work)

    def _work(self) -> None:
        """One tick: some rows, a cut, or an answer whose turn has come."""
        self._working = False
        if self._stopped or not self._powered:
            return
        if self._op is None:
            self._op, self._row = self._brain.step(), 0
        if self._op is None or (isinstance(self._op, Strip) and self._fails()):
            return
        self._again_in(self._perform(self._op))

    def _again_in(self, delay_s: float) -> None:
        self._working = True
        self._schedule(delay_s, self._work)

    def _fails(self) -> bool:
        """Faults that strike when rows are to be printed."""
        if hot := self.faults.take("hot"):
            self._hot = True
            self._schedule(hot.seconds("for_s", 1.0), self._cool)
            self._changed()
            return True
        if self.faults.take("unrecoverable"):
            self._broken = True
            self._changed()
            return True
        return False

    def _cool(self) -> None:
        self._hot = False
        self._changed()

    def _perform(self, op: Op) -> float:
        """Do a piece of `op`; returns how long it takes. Ends it by clearing `_op`."""
        if isinstance(op, Strip):
            return self._print_rows(op)
        self._op = None
        if isinstance(op, Cut):
            self._cutter_blocked = self._cutter_blocked or self.faults.take("cutter") is not None
            if self._cutter_blocked:
                self._cutter_jammed = True
                self._changed()
                return 0.0
            self._finish(self._paper.cut(self._folder))
            return CUT_S
        if isinstance(op, AskPaper):
            if self.settings.get("answers_in_turn", True):
                self._answer(bytes((self._paper_byte(),)), "queued")
        elif isinstance(op, AskIdentity):
            if op.n in self._build.says:
                self._answer(b"_" + self._build.says[op.n].encode("ascii") + b"\0", "identity")
        elif isinstance(op, AutoStatus):
            obeys = self.settings.get("obeys_gs_a", True)
            self._auto_mask = op.mask if op.mask is not None and obeys else self._auto_switches
            if self._auto_mask:
                self._answer(self._auto_status(), "auto")
        return 0.0

    def _print_rows(self, op: Strip) -> float:
        rows = min(TICK_ROWS, op.picture.height - self._row)
        piece = op.picture.crop((0, self._row, op.picture.width, self._row + rows))
        whole = self._paper.print_rows(piece)
        self._row += rows
        if self._row >= op.picture.height:
            self._op = None
        if not whole:
            self._paper_ends()
        return rows / self._rows_per_s

    def _paper_ends(self) -> None:
        """The sensor stops the head where it is; what was printed falls out torn."""
        self._paper.left_rows = 0
        self._finish(self._paper.tear(self._folder))
        self._changed()

    def _finish(self, page: object) -> None:
        self._tray += page is not None

    def _clear_buffers(self, forget: bool) -> None:
        """DLE ENQ 1 goes on after an error, DLE ENQ 2 forgets what was received and not printed.

        Both move a cutter that stands still after its error; one that is still blocked stays where it is.
        """
        self._cutter_jammed = self._cutter_blocked
        if forget:
            if self._op is not None or not self._brain.idle:
                self._paper.spoil()
            self._op = None
            self._brain.clear()

    # --- hands ---

    def _op_paper(self, request: Mapping[str, object]) -> Mapping[str, object]:
        state = request.get("state")
        if state not in ("ok", "low", "out"):
            raise BadControl("state is ok, low or out")
        if state == "out":
            self._paper_ends()
            return {}
        self._paper.left_rows = None
        self._near_end = state == "low"
        self._changed()
        return {}

    def _op_paper_after(self, request: Mapping[str, object]) -> Mapping[str, object]:
        rows, count = request.get("rows"), request.get("bytes")
        if isinstance(rows, int) and rows > 0:
            self._paper.left_rows = rows
        elif isinstance(count, int) and count > 0:
            self._out_after_bytes = count
        else:
            raise BadControl("rows or bytes is a whole number above 0")
        return {}

    def _op_cover(self, request: Mapping[str, object]) -> Mapping[str, object]:
        self._cover_open = _flag(request, "open")
        self._changed()
        return {}

    def _op_mute(self, request: Mapping[str, object]) -> Mapping[str, object]:
        self._muted = _flag(request, "on")
        return {}

    def _op_auto_status(self, request: Mapping[str, object]) -> Mapping[str, object]:
        mask = request.get("mask")
        if isinstance(mask, bool) or not isinstance(mask, int) or not 0 <= mask <= 0xFF:
            raise BadControl("mask is 0 to 255")
        self._auto_switches = self._auto_mask = mask
        return {}

    def _op_report(self, request: Mapping[str, object]) -> Mapping[str, object]:
        try:
            data = bytes.fromhex(str(request.get("bytes", self._auto_status().hex())))
        except ValueError:
            raise BadControl("bytes are hex digits") from None
        if self._auto_mask:
            self._answer(data, "auto")
        return {"sent": bool(self._auto_mask)}

    def _op_free_cutter(self, _request: Mapping[str, object]) -> Mapping[str, object]:
        self._cutter_blocked = False
        return {}

    def _op_power(self, request: Mapping[str, object]) -> Mapping[str, object]:
        self._powered = _flag(request, "on")
        self._op = None
        self._brain.clear()
        self._real_time = RealTime()
        self._auto_mask = self._auto_switches
        if self._powered:
            self._changed()
        return {}

    def _op_take(self, _request: Mapping[str, object]) -> Mapping[str, object]:
        taken, self._tray = self._tray, 0
        return {"taken": taken}

    def _op_clear(self, request: Mapping[str, object]) -> Mapping[str, object]:
        """A technician has looked after it: no fault is armed, none holds."""
        super()._op_clear(request)
        self._cutter_jammed = self._cutter_blocked = self._hot = self._broken = self._muted = False
        self._changed()
        return {}

    def status(self) -> dict[str, object]:
        return {
            **super().status(),
            "paper": "out" if self._paper_out else "low" if self._paper_low else "ok",
            "cover_open": self._cover_open,
            "muted": self._muted,
            "auto_mask": self._auto_mask,
            "powered": self._powered,
            "stopped": self._stopped,
            "idle": self._op is None and self._brain.idle and not self._working,
            "waiting_bytes": self._brain.waiting_bytes,
            "fed_rows": self._paper.fed_rows,
            "pages": len(self._paper.pages),
            "complete_pages": sum(page.complete for page in self._paper.pages),
            "tray": self._tray,
            "errors": list(self._brain.errors),
            "overrun_bytes": self._overrun,
        }


def _flag(request: Mapping[str, object], key: str) -> bool:
    value = request.get(key, True)
    if not isinstance(value, bool):
        raise BadControl(f"{key} is true or false")
    return value


TWIN = ReceiptPrinter
