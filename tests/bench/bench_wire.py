"""What a driver adds to the wire: a card record and a slip, each beside the same bytes without a driver.

The bare side opens the same simulated device's port and moves the very bytes, on the same pty at the same pace: so
what the pty and the simulated device cost is in both. Thinking (the module's radio, the printer's head) is the
device's own: the reader's is taken off both by its known figures, the printer's head is fast enough not to wait for.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import tempfile
import termios
import time
import tty
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from bench_row import Row, in_turns, repeated, timed

from drivers.api import PrintProof, ReceiptRow
from drivers.codec import sam_v
from drivers.codec.escpos import jobs
from drivers.id_card.sam_v import SamVReader
from drivers.receipt_printer import escpos_58mm, escpos_80mm
from drivers.receipt_printer._escpos_printer import EscposPrinter
from drivers.receipt_printer._make import Make
from drivers.sim.__main__ import DEVICE_NICENESS
from drivers.sim.client import Control
from drivers.sim.id_card import RF_DELAY_S
from drivers.sim.lifetime import ends_with_us
from drivers.sim.receipt_printer import CUT_S
from drivers.sim.up import command
from kiosk.adapters.words import VoicesWords
from kiosk.app.slip.printing import rows_for
from kiosk.domain.catalogue import Catalogue, Mode, ServiceItem
from kiosk.domain.slip.blocks import SlipTerminal, slip_for
from kiosk.domain.speech import Lang
from kiosk.domain.visit.machine import Decision, DecisionKind, Resident, VisitState

BAUD = 115200
ROUNDS, SLIP_ROUNDS = 15, 5
RESIDENTS = Path(__file__).resolve().parents[2] / "config" / "demo" / "residents.toml"
CARD_COMMANDS = (sam_v.FIND, sam_v.SELECT, sam_v.READ_BASE, sam_v.READ_ADDRESS)
"""What one reading of a resident's card takes."""
FAST_HEAD_MM_S = 2000
"""A head that never lets the line wait: what is measured is the line."""


@contextlib.contextmanager
def device(twin: str, settings: dict[str, object]) -> Iterator[tuple[Path, Control]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        link, control = Path(folder) / "port", Path(folder) / "ctl"
        line = command(twin, link, control, {"baud": BAUD, **settings})
        process = subprocess.Popen(ends_with_us(line), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None and process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            with Control(control) as hands:
                yield link, hands
        finally:
            process.stdin.close()
            process.wait(10)
            process.stdout.close()


class Bare:
    """The port without a driver: bytes out, so many bytes back."""

    def __init__(self, link: Path) -> None:
        self._fd = os.open(link, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._fd)
        attributes = termios.tcgetattr(self._fd)
        attributes[4] = attributes[5] = termios.B115200
        termios.tcsetattr(self._fd, termios.TCSANOW, attributes)

    def exchange(self, request: bytes, answer_bytes: int) -> None:
        os.write(self._fd, request)
        while answer_bytes > 0:
            select.select([self._fd], [], [])
            answer_bytes -= len(os.read(self._fd, 4096))

    def close(self) -> None:
        os.close(self._fd)


def card_record() -> Row:
    """From the first byte asked to the parsed record."""
    think_s = sum(RF_DELAY_S[name] for name in ("find", "select", "read", "read_address"))
    with device("id_card", {"residents_file": str(RESIDENTS)}) as (link, hands):
        hands("present", resident="a_kim", new_address="")
        requests = [sam_v.encode_request(one) for one in CARD_COMMANDS]
        answers = (15, 19, 1295, 11)

        def parsed() -> float:
            reader = SamVReader({"port": str(link)})
            reader.open()
            try:
                return timed(lambda: reader.read(5.0))()
            finally:
                reader.close()

        def bare() -> float:
            port = Bare(link)
            try:
                return timed(lambda: [port.exchange(*pair) for pair in zip(requests, answers, strict=True)])()
            finally:
                port.close()

        # Each opens and closes its port outside what it times.
        pairs = in_turns(parsed, bare, ROUNDS)
    ours, wire = pairs.middles()
    note = f"{ours * 1000:.0f} / {wire * 1000:.0f} ms, of which thinking {think_s * 1000:.0f} ms is taken off both"
    return repeated("ID card: parsed record / wire, 115200", pairs.ratios(think_s), at_most=1.15, note=note)


def slip() -> list[ReceiptRow]:
    """The slip of a finished case, as the kiosk lays it out."""
    item = ServiceItem("XA032", 1, "pension", "高龄津贴申领", "领长寿钱", Mode.APPLY, True)
    resident = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "")
    facts = {"amount_fen": "10000", "starts_on": "2026-12-15", "bank": "农商银行", "last4": "6821"}
    decision = Decision(DecisionKind.APPROVED, facts=facts, query_code="4821")
    visit = VisitState(
        case_no="3502130078261124000019", item_id="XA032", resident=resident, stored=True, copies=1, decision=decision
    )
    terminal = SlipTerminal("后村社区", "后村社区服务大厅", "KIOSK-0071")
    made = slip_for(visit, Catalogue(1, ("pension",), ("XA032",), (item,)), terminal, datetime(2026, 11, 24, 9, 42))
    return rows_for(made, VoicesWords(), Lang.CMN)


def slip_job(model: str, make: Make, rows: Sequence[ReceiptRow], head: dict[str, object], goal: float | None) -> Row:
    """From `print_receipt` to its proof, against the same bytes written bare until the same answer comes."""
    with device("receipt_printer", {"make": model, **head}) as (link, hands):
        options = jobs.EscposOptions(make.width_dots, native_qr=make.native_qr, band_rows=make.band_rows)
        job = b"".join((*jobs.encode(rows, options), make.end_of_slip, make.queued_question))

        def driven() -> float:
            printer = EscposPrinter({"port": str(link)}, make)
            printer.open()
            try:
                began = time.perf_counter()
                result = printer.print_receipt(rows)
                took_s = time.perf_counter() - began
            finally:
                printer.close()
            if result.proof is not PrintProof.PROVED:
                raise RuntimeError(f"the slip is not proved: {result}")
            return took_s

        def bare() -> float:
            hands("wait", key="idle", equals=True)
            port = Bare(link)
            try:
                return timed(lambda: port.exchange(job, 1))()
            finally:
                port.close()

        pairs = in_turns(driven, bare, SLIP_ROUNDS)
    ours, wire = pairs.middles()
    # The cut is the printer's own time, as thinking is the reader's; with the head's own pace nothing is taken off.
    own_s = CUT_S if goal is not None else 0.0
    name = f"{model}: slip to its proof / wire" + ("" if goal is not None else " and head at its own pace")
    times = f"{ours * 1000:.0f} / {wire * 1000:.0f} ms, {len(job)} bytes" + (", the cut off both" if own_s else "")
    return repeated(name, pairs.ratios(own_s), at_most=goal, note=times)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """As a device has a processor of its own, so has what is measured against it: only root may ask for that."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, DEVICE_NICENESS)
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, before)


def rows() -> list[Row]:
    finished, fast = slip(), {"speed_mm_s": FAST_HEAD_MM_S}
    with undisturbed():
        return [
            card_record(),
            slip_job("escpos_80mm", escpos_80mm.MAKE, finished, fast, 1.10),
            slip_job("escpos_58mm", escpos_58mm.MAKE, finished, fast, 1.10),
            slip_job("escpos_80mm", escpos_80mm.MAKE, finished, {}, None),
        ]
