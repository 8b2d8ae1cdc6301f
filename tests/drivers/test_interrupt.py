"""A command that somebody was told is running can be cancelled, however short ago it began."""

from __future__ import annotations

import threading

from drivers.api import CompletionCode, DeviceError
from drivers.transport.interrupt import Interrupt


class Dawdling(Interrupt):
    """Begins a command slowly: between taking its turn and forgetting earlier cancels it waits for `go_on`."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.go_on = threading.Event(), threading.Event()

    def _clear(self) -> None:
        self.began.set()
        assert self.go_on.wait(5)
        super()._clear()


def test_a_cancel_right_after_a_command_is_seen_to_run_ends_it() -> None:
    interrupt = Dawdling()
    ended: list[CompletionCode] = []

    def run() -> None:
        try:
            with interrupt.command():
                interrupt.pause(5)
        except DeviceError as error:
            ended.append(error.completion)

    thread = threading.Thread(target=run)
    thread.start()
    assert interrupt.began.wait(5)
    later = threading.Timer(0.01, interrupt.go_on.set)
    later.start()
    with interrupt.idle() as free:
        assert not free
    interrupt.cancel()
    thread.join(4)
    later.join()
    assert ended == [CompletionCode.CANCELED]
