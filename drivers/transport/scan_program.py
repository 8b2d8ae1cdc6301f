"""Runs SANE's `scanimage` as a process of its own: a backend that hangs or crashes takes nothing with it.

A picture comes through a pipe and is never a file. A run that is cancelled or overdue is told to let the scanner
go (SIGTERM: sane_cancel) and, when it does not, killed with all its children; meanwhile the caller is free.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from drivers import faults
from drivers.api import CompletionCode, DeviceError
from drivers.transport import tap
from drivers.transport.denied import fault_of_opening
from drivers.transport.interrupt import Interrupt

PROGRAM = "scanimage"
SAID_S = 0.5
"""A program that has told its error ends in that time, or it hangs behind it (SANE's `test` backend does, now and
then, while it stops its reader)."""
LET_GO_S = 2.0
"""How long a scanner may take to stop its lamp and carriage before its program is killed."""
MAX_OUTPUT_BYTES = 64 * 1024 * 1024
MAX_COMPLAINT_BYTES = 8192
_PIECE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, repr=False)
class Finished:
    """How a run ended. The repr shows no picture."""

    code: int
    """Exit code: SANE's status where the backend told one; negative when a signal ended it."""
    output: bytes
    complaint: str

    def __repr__(self) -> str:
        return f"Finished({self.code}, {len(self.output)} bytes)"


class _HangsBehindItsError(Exception):
    """Nothing more comes; what it has told counts."""


class ScanProgram:
    """One run at a time; `interrupt` ends it from another thread."""

    def __init__(self, is_last_word: Callable[[str], bool]) -> None:
        """:param is_last_word: whether a complaint is an error after which no picture can come."""
        self._is_last_word = is_last_word
        self.interrupt = Interrupt()
        self._leaving: threading.Thread | None = None

    def run(self, arguments: Sequence[str], timeout_s: float, environment: Mapping[str, str]) -> Finished:
        """Run to the end.

        :raises DeviceError: DEV-001 the program is not installed, DEV-002 it did not end in time, DEV-003 without
            end of its picture, DEV-005 cancelled.
        """
        deadline_s = time.monotonic() + timeout_s
        with self.interrupt.command():
            self._wait_until_gone(deadline_s)
            complaint = os.memfd_create("complaint", os.MFD_CLOEXEC)
            try:
                return self._run(arguments, environment, complaint, deadline_s)
            finally:
                os.close(complaint)

    def _run(
        self, arguments: Sequence[str], environment: Mapping[str, str], complaint: int, deadline_s: float
    ) -> Finished:
        try:
            process = subprocess.Popen(
                [PROGRAM, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaint,
                env={**os.environ, "LC_ALL": "C", **environment},
                start_new_session=True,
            )
        except OSError as error:
            raise DeviceError(
                fault_of_opening(error), f"{PROGRAM}: {error}", CompletionCode.DEVICE_NOT_READY
            ) from error
        tap.sent(f"{PROGRAM} {' '.join(arguments)}\n".encode())
        try:
            output = self._collect(process, complaint, deadline_s)
            code = self._ended(process, deadline_s)
        except _HangsBehindItsError:
            self._let_go(process)
            output, code = b"", -signal.SIGTERM
        except BaseException:
            self._let_go(process)
            raise
        else:
            assert process.stdout is not None
            process.stdout.close()
        told = os.pread(complaint, MAX_COMPLAINT_BYTES, 0)
        tap.heard(f"exit {code} {len(output)}\n".encode() + told)
        return Finished(code, output, told.decode("utf-8", "replace"))

    def _collect(self, process: subprocess.Popen[bytes], complaint: int, deadline_s: float) -> bytes:
        assert process.stdout is not None
        pipe, output, has_said = process.stdout.fileno(), bytearray(), False
        while True:
            left_s = deadline_s - time.monotonic()
            if not self.interrupt.wait(pipe, min(left_s, SAID_S)):
                said = self._is_last_word(os.pread(complaint, MAX_COMPLAINT_BYTES, 0).decode("utf-8", "replace"))
                if said and (has_said or left_s <= SAID_S):
                    raise _HangsBehindItsError
                if left_s <= SAID_S:
                    raise _overdue()
                has_said = said
                continue
            piece = os.read(pipe, _PIECE_BYTES)
            if not piece:
                return bytes(output)
            output += piece
            if len(output) > MAX_OUTPUT_BYTES:
                raise DeviceError(faults.DEV_GARBLED, "a picture without end", CompletionCode.INVALID_DATA)

    def _ended(self, process: subprocess.Popen[bytes], deadline_s: float) -> int:
        watch = os.pidfd_open(process.pid)
        try:
            if not self.interrupt.wait(watch, deadline_s - time.monotonic()):
                raise _overdue()
        finally:
            os.close(watch)
        return process.wait()

    def _let_go(self, process: subprocess.Popen[bytes]) -> None:
        _signal(process, signal.SIGTERM)
        self._leaving = threading.Thread(target=_see_off, args=(process,), name="scan-end", daemon=True)
        self._leaving.start()

    def _wait_until_gone(self, deadline_s: float) -> None:
        """The scanner belongs to the run before until that has ended."""
        leaving, self._leaving = self._leaving, None
        while leaving is not None and leaving.is_alive():
            if time.monotonic() >= deadline_s:
                self._leaving = leaving
                raise _overdue()
            self.interrupt.pause(0.02)


def _see_off(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(LET_GO_S)
    _signal(process, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    """To the program and whatever its backend started: they are a process group of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _overdue() -> DeviceError:
    return DeviceError(faults.DEV_SILENT, "the scanner does not end", CompletionCode.TIME_OUT)
