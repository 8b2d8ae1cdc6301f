"""Processes of a run: started with a log, awaited by what they print, ended by their id with all their children."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from drivers.sim.lifetime import ends_with_us

CHILDREN_S = 1.0
"""How long the children of a process that has ended may take to follow it."""
_STARTER = ThreadPoolExecutor(1, "starter")
"""Starts every process: what it starts ends with its thread, and this thread lives as long as the program."""


class StageError(Exception):
    """Something that a journey needs could not be started or has died; the text says what and shows its last words."""


class Managed:
    """One process. Its output goes line by line into a log file and to whoever waits for a line."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        log: Path,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ):
        self.name = name
        self.left_behind: list[int] = []
        """Children that outlived it after `stop`."""
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self._log = log.open("a", encoding="utf-8")
        try:
            self._process = _STARTER.submit(_start, argv, env, pass_fds).result()
        except OSError as error:
            self._log.close()
            raise StageError(f"{name} cannot be started: {error}") from error
        self._reader = threading.Thread(target=self._read, name=f"log-{name}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def returncode(self) -> int | None:
        return self._process.poll()

    def wait(self) -> None:
        """Block until it has ended, however long that takes."""
        self._process.wait()

    def wait_line(self, wanted: Callable[[str], bool], timeout_s: float) -> str:
        """The first line so far or to come that is wanted. :raises StageError: none in time, or it died."""
        deadline_s = time.monotonic() + timeout_s
        seen = 0
        with self._changed:
            while True:
                for line in self._lines[seen:]:
                    if wanted(line):
                        return line
                seen = len(self._lines)
                left_s = deadline_s - time.monotonic()
                if self._ended or left_s <= 0:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        # Its last line is out a moment before it is gone.
                        self._process.wait(1.0 if self._ended else 0.0)
                    code = self._process.returncode
                    why = f"is not ready after {timeout_s:g} s" if code is None else f"ended with {code}"
                    raise StageError(f"{self.name} {why}:\n{self.last_words()}")
                self._changed.wait(min(left_s, 0.5))

    def last_words(self, lines: int = 15) -> str:
        return "\n".join(f"    {line}" for line in self._lines[-lines:])

    def stop(self, grace_s: float = 5.0) -> int | None:
        """SIGTERM, then SIGKILL of whatever is left of it; returns the exit code."""
        if self.running:
            children = descendants(self.pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(grace_s)
            self.left_behind = self._wait_for_children(children)
            kill_at_once(self.left_behind)
        self.kill()
        return self._process.returncode

    def _wait_for_children(self, children: Sequence[int]) -> list[int]:
        """Those that are still there some time after their parent has gone."""
        deadline_s = time.monotonic() + CHILDREN_S
        while (left := [pid for pid in children if _same_session(pid, self.pid)]) and time.monotonic() < deadline_s:
            time.sleep(0.02)
        return left

    def finish(self, timeout_s: float) -> tuple[int | None, str]:
        """Wait for a command that ends by itself: its exit code and what it printed. :raises StageError:"""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise StageError(f"{self.name} has not ended after {timeout_s:g} s:\n{self.last_words()}") from error
        finally:
            self.kill()
        return self._process.returncode, "\n".join(self._lines)

    def freeze(self) -> None:
        """Stop it and its children in the middle of whatever they do."""
        for pid in (self.pid, *descendants(self.pid)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGSTOP)

    def kill(self) -> None:
        """SIGKILL of the process and all its children at once, as when the plug is pulled."""
        if self.running:
            kill_at_once([self.pid, *descendants(self.pid)])
        # The group still names children whose parent has already gone.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(5.0)
        self._reader.join(2.0)
        with contextlib.suppress(BrokenPipeError, OSError):
            if self._process.stdin:
                self._process.stdin.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout, self._log:
            for raw in self._process.stdout:
                line = raw.decode("utf-8", "replace").rstrip("\n")
                self._log.write(line + "\n")
                self._log.flush()
                with self._changed:
                    self._lines.append(line)
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


def _start(argv: Sequence[str], env: Mapping[str, str] | None, pass_fds: Sequence[int]) -> subprocess.Popen[bytes]:
    """It ends when this program is killed; its stdin is a pipe that we hold, whose end tells it and its children."""
    return subprocess.Popen(
        ends_with_us(argv),
        env=dict(env) if env is not None else None,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=tuple(pass_fds),
    )


def descendants(pid: int) -> list[int]:
    """Every process below `pid`, deepest last, from /proc."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                # The command may hold spaces and brackets: the fields begin after the last bracket.
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    queue = [pid]
    while queue:
        children = parents.get(queue.pop(), [])
        found.extend(children)
        queue.extend(children)
    return found


def kill_at_once(pids: Sequence[int]) -> None:
    """SIGSTOP first, so that nobody reacts to the death of another; then SIGKILL."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)


def has_ended(pid: int) -> bool:
    """True when it is gone, or has ended and its parent has not asked for its exit code yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def _same_session(pid: int, session: int) -> bool:
    """True while it lives; guards against a process id that was given to somebody else meanwhile."""
    try:
        return not has_ended(pid) and os.getsid(pid) == session
    except ProcessLookupError:
        return False
