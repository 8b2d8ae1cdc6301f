"""Devices for technician mode, on the hub's own workers: no port is ever opened twice.

A job of technician mode waits in the worker's queue like any other. While one device is tested the other
workers stand still, so that what passes on the lines is that device's alone.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from drivers.api import (
    Device,
    DeviceError,
    DeviceState,
    PrintProof,
    QrRow,
    ReceiptPrinter,
    ReceiptRow,
    TextRow,
)
from drivers.faults import DEV_NOT_FOUND
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.selftest import TEST_CODE, selftest
from kiosk.app.technician.camera import Seen, look_on
from kiosk.app.technician.diagnostics import Examined, Finding, LineWatch, Result, Subject, TechnicianActions
from kiosk.app.technician.tested_device import Binding, kept_test
from kiosk.domain.technician.state import CheckRow, DeviceRow, Printed, Proof
from kiosk.domain.timing import LOOK_AGAIN_S

log = logging.getLogger(__name__)

Workers = Mapping[str, DeviceWorker[Device]]
_LOOK_S = 0.2
_STAND_STILL_S = 3.0
"""A watch looks for a second at a time; a worker that does not stand still by then is in a long command."""
_PROOFS = {
    PrintProof.PROVED: Proof.PROVED,
    PrintProof.UNKNOWN: Proof.UNKNOWN,
    PrintProof.NOT_PRINTED: Proof.FAILED,
}


class VendorBench:
    """
    :param bound: device class -> which device it is now; looks at what is plugged in, asks nobody.
    :param watch: what passed on a device's line, for its self-test.
    :param tested: the last self-tests, device class -> row of the self-test log.
    :param keep: puts a self-test into that log. :raises OSError:
    """

    def __init__(
        self,
        workers: Workers,
        bound: Callable[[str], Binding],
        watch: Callable[[str], LineWatch],
        now: Callable[[], datetime],
        tested: Callable[[], Mapping[str, Mapping[str, object]]],
        keep: Callable[[Examined], None],
    ) -> None:
        self._workers = workers
        self._bound = bound
        self._watch = watch
        self._now = now
        self._tested = tested
        self._keep = keep
        self._leaving = threading.Event()
        self._at_work = 0
        self._changed = threading.Condition()

    # what is known

    def rows(self) -> tuple[DeviceRow, ...]:
        """Every device as its worker knows it now; asks no device."""
        tested = self._tested()
        return tuple(self._row(name, worker, tested.get(name, {})) for name, worker in self._workers.items())

    def _row(self, name: str, worker: DeviceWorker[Device], tested: Mapping[str, object]) -> DeviceRow:
        fault = worker.fault if worker.is_open else worker.fault or DEV_NOT_FOUND
        state = DeviceState.ONLINE if worker.is_open else DeviceState.NO_DEVICE
        bound = self._bound(name)
        last = kept_test(tested, bound) or {}
        return DeviceRow(
            name=name,
            model=bound.model,
            well=fault is None,
            state=state.value,
            code=fault.code if fault else "",
            fault=fault.name if fault else "",
            action=fault.action.value if fault else "",
            tested=str(last.get("result", "")),
            tested_on=str(last.get("at", ""))[:10],
        )

    # what is done; each runs on a thread of its own and answers by a call from there

    def test(
        self, names: Sequence[str], hands: TechnicianActions, done: Callable[[tuple[CheckRow, ...]], None]
    ) -> None:
        """One device after the other."""

        def run() -> None:
            rows: list[CheckRow] = []
            for name in names:
                if self._leaving.is_set():
                    break
                rows += self._test_one(name, hands)
            done(tuple(rows))

        self._on_a_thread("vendor-test", run)

    def print_slip(self, name: str, title: str, remark: str, done: Callable[[Printed], None]) -> None:
        """A slip that nobody can take for a case, and what the printer proved of it."""
        rows: tuple[ReceiptRow, ...] = (
            TextRow(title, scale=2, bold=True, align="center"),
            TextRow(remark, align="center"),
            TextRow("0123456789 ABCDEF"),
            QrRow(TEST_CODE),
        )
        worker = self._workers.get(name)
        if worker is None:
            done(Printed(Proof.FAILED, DEV_NOT_FOUND.name))
            return

        def run(device: Device) -> None:
            printer = cast(ReceiptPrinter, device)
            try:
                result = printer.print_receipt(rows)
            except DeviceError as error:
                # Told, not raised: a lost printer must not print this slip when it comes back.
                worker.note(error.fault)
                done(Printed(Proof.FAILED, error.fault.name))
            else:
                worker.note(result.fault)
                done(Printed(_PROOFS[result.proof], result.fault.name if result.fault else ""))

        def lost() -> None:
            done(Printed(Proof.FAILED, (worker.fault or DEV_NOT_FOUND).name))

        worker.run_soon(run, on_lost=lost)

    def look(self, name: str, seen: Seen, stop: threading.Event) -> None:
        """What the device's camera sees, again and again until `stop`; a lost one again when it is back."""
        worker = self._workers[name]

        def run() -> None:
            while not (stop.is_set() or worker.is_closing):
                look_on(worker, seen, stop)
                stop.wait(LOOK_AGAIN_S)

        self._on_a_thread("vendor-camera", run)

    def begin(self) -> None:
        self._leaving.clear()

    def leave(self, free: Callable[[], None]) -> None:
        """Begin nothing more; `free` is called when nothing of technician mode runs on a device."""
        self._leaving.set()

        def wait() -> None:
            with self._changed:
                self._changed.wait_for(lambda: self._at_work == 0)
            free()

        threading.Thread(target=wait, name="vendor-leave", daemon=True).start()

    # one device

    def _test_one(self, name: str, hands: TechnicianActions) -> list[CheckRow]:
        worker = self._workers[name]
        results: list[Examined] = []
        over = threading.Event()

        def run(device: Device) -> None:
            bound = self._bound(name)
            subject = Subject(name, bound.model, bound.port, device, self._watch(name), bound.adapter)
            device.close()  # the test opens it, and so measures that it can be opened
            try:
                results.append(selftest(subject, hands, self._now))
            finally:
                with contextlib.suppress(DeviceError):  # the worker finds a lost device by itself and opens it again
                    device.open()
                over.set()

        with self._others_standing_still(name):
            worker.run_soon(run, on_lost=over.set)
            while not over.wait(_LOOK_S) and not worker.is_closing:
                pass
        if not results:
            return [self._lost(name, worker)]
        try:
            self._keep(results[0])
        except OSError as error:
            log.error("the self-test of %s is not kept: %s", name, error)
        return [_test_row(name, finding) for finding in results[0].findings]

    @staticmethod
    def _lost(name: str, worker: DeviceWorker[Device]) -> CheckRow:
        return CheckRow(name, "open", Result.FAIL.value, code=(worker.fault or DEV_NOT_FOUND).code)

    @contextlib.contextmanager
    def _others_standing_still(self, name: str) -> Iterator[None]:
        release, standing = threading.Event(), list[threading.Event]()
        for other, worker in self._workers.items():
            if other != name:
                standing.append(self._stand_still(worker, release))
        for stands in standing:
            stands.wait(_STAND_STILL_S)
        try:
            yield
        finally:
            release.set()

    @staticmethod
    def _stand_still(worker: DeviceWorker[Device], release: threading.Event) -> threading.Event:
        stands = threading.Event()

        def run(_device: Device) -> None:
            stands.set()
            while not release.wait(_LOOK_S) and not worker.is_closing:
                pass

        # A device that is not there says nothing on its line.
        worker.run_soon(run, on_lost=stands.set)
        return stands

    def _on_a_thread(self, name: str, run: Callable[[], None]) -> None:
        with self._changed:
            self._at_work += 1

        def counted() -> None:
            try:
                run()
            finally:
                with self._changed:
                    self._at_work -= 1
                    self._changed.notify_all()

        threading.Thread(target=counted, name=name, daemon=True).start()


def _test_row(name: str, finding: Finding) -> CheckRow:
    figure = f"{finding.value:g} {finding.unit}" if finding.value is not None else ""
    return CheckRow(name, finding.check, finding.result.value, figure, finding.fault.code if finding.fault else "")
