"""The sound card through `aplay`: a child with a small buffer, ended by its own process id to be silent at once."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import IO

from voices.worker.sink import LEAD_S, Clip, Pace, wait

_PLAYER = "aplay"
_PIPE_BYTES = 4096
"""The pipe's own buffer would hold 1.5 s of sound that cannot be called back."""
_STUCK_S = 1.0
"""A player that takes nothing for so long hangs."""
_LOOK_S = 0.05
_LAST_LINES = 2
_PERIODS = 4
"""Into so many parts the player divides its buffer."""


class _Lost(Exception):
    """The player ended or hangs; the message is what it said last."""


class _Player:
    """One life of the program."""

    def __init__(self, rate: int, device: str) -> None:
        """:raises _Lost: there is no such program."""
        command = [_PLAYER, "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(rate)]
        command += ["-D", device, f"--buffer-time={round(LEAD_S * 1e6)}"]
        try:
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        except OSError as error:
            raise _Lost("there is no aplay: install the package alsa-utils") from error
        assert self._child.stdin is not None
        assert self._child.stderr is not None
        self._input = self._child.stdin.fileno()
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._input, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        os.set_blocking(self._input, False)
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._listener = threading.Thread(target=self._listen, args=(self._child.stderr,), daemon=True)
        self._listener.start()

    def _listen(self, source: IO[bytes]) -> None:
        """It tells of every gap in the sound, and would wait if nobody read that."""
        for line in source:
            self._last_lines.append(line.decode(errors="replace").strip())

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def lives(self) -> bool:
        return self._child.poll() is None

    def play(self, pcm: bytes, cancelled: threading.Event) -> None:
        """:raises _Lost: it ended, or takes nothing."""
        give_up_s = time.monotonic() + _STUCK_S
        rest = memoryview(pcm)
        while rest and not cancelled.is_set():
            if not select.select([], [self._input], [], _LOOK_S)[1]:
                if time.monotonic() > give_up_s:
                    raise _Lost("aplay takes no sound")
                continue
            try:
                rest = rest[os.write(self._input, rest) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise _Lost(self._last_words()) from error

    def _last_words(self) -> str:
        self._child.wait(_STUCK_S)
        self._listener.join(_STUCK_S)
        return "; ".join(self._last_lines) or f"aplay ended with {self._child.returncode}"

    def finish(self) -> None:
        """Let it play what it has, and end."""
        assert self._child.stdin is not None
        self._child.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(_STUCK_S)

    def end(self) -> None:
        self._child.kill()
        self._child.wait()
        self._listener.join(_STUCK_S)
        for stream in (self._child.stdin, self._child.stderr):
            assert stream is not None
            with contextlib.suppress(OSError):
                stream.close()


@dataclass(slots=True)
class AlsaSink:
    """A player that dies in a clause is started again once; then the clause goes on unheard, at its own pace, so that
    the screen still follows it. The next clause tries again."""

    rate: int
    device: str = "default"
    fault: str = ""
    _player: _Player | None = None
    _may_restart: bool = True
    _pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self._pace = Pace(self.rate, 1.0)

    def begin(self, clip: Clip) -> None:
        self.fault, self._may_restart = "", True
        if self._player is not None and not self._player.lives:
            self._drop()
        self._start()

    def _start(self) -> None:
        if self._player is not None:
            return
        try:
            self._player = _Player(self.rate, self.device)
        except _Lost as error:
            self._complain(error)

    def write(self, pcm: bytes, cancelled: threading.Event) -> bool:
        if cancelled.is_set():
            return False
        if not self.fault:
            self._play(pcm, cancelled)
        return wait(self._pace.feed(len(pcm) // 2), cancelled)

    def _play(self, pcm: bytes, cancelled: threading.Event) -> None:
        while self._player is not None:
            try:
                self._player.play(pcm, cancelled)
                return
            except _Lost as error:
                self._drop()
                if not self._may_restart:
                    self._complain(error)
                    return
                self._may_restart = False
                self._start()

    def _complain(self, error: _Lost) -> None:
        self.fault = f"the sound card {self.device} is silent: {error}"

    def end(self, completed: bool) -> None:
        if not completed:
            self._pace.drop()
            self._drop()
        elif not self.fault:
            # The player waits for a whole period: silence behind the words pushes the last of them out.
            period = round(LEAD_S * self.rate / _PERIODS)
            self._play(bytes(2 * period), threading.Event())
            self._pace.feed(period)

    def _drop(self) -> None:
        player, self._player = self._player, None
        if player is not None:
            player.end()

    def finish(self) -> None:
        """What was fed is played to its end; then there is no player."""
        if self._player is not None:
            self._player.finish()
        self._drop()

    def close(self) -> None:
        self._drop()
