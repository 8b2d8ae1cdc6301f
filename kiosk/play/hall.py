"""A kiosk that stands in its hall with all that belongs to it, for whoever does not follow a script.

Same parts as a journey's: real window, simulated devices, look-ups, back office, network; but what happens is
decided line by line by the caller.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any

from kiosk.play.actions import Actions, CannotPlay
from kiosk.play.checks.residue import Hit, search_files
from kiosk.play.display import Display
from kiosk.play.observer import Follower, SeenEvent, Tree
from kiosk.play.process import StageError
from kiosk.play.report import Account
from kiosk.play.run_folder import make_folder
from kiosk.play.slips import Page
from kiosk.play.stage import Stage

LONGEST_S = 15.0


class Hall:
    """A context: entered, the first screen shows; left, everything that was started is ended.

    :raises StageError: something does not start.
    """

    def __init__(self, *, voice: str = "null", date: datetime | None = None):
        """:param voice: `null` keeps no record of speech. :param date: what kiosk and back office believe."""
        self._begun_s = time.monotonic()
        self.folder = make_folder(None)
        self.account = Account()
        self.stage = Stage(self.folder, date=date, speech_speed=100, voice=voice)
        self._clean_up = contextlib.ExitStack()

    def __enter__(self) -> Hall:
        with contextlib.ExitStack() as undo:
            undo.callback(self.folder.remove)
            undo.callback(self.stage.stop_all)
            self.stage.set_up()
            self.display = Display(self.stage.display)
            undo.callback(self.display.close)
            self.follower = Follower(self.folder.observer, self._begun_s, _unheard, self._saw_event)
            undo.callback(self.follower.close)
            self.actions = Actions(self.stage, self.follower, self.display, self.account, _no_pages)
            self.stage.start_kiosk()
            try:
                self.actions.await_kiosk()
            except CannotPlay as error:
                raise StageError(str(error)) from error
            self._clean_up = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clean_up.close()

    @property
    def tree(self) -> Tree:
        return self.follower.tree

    def do(self, verb: str, **options: Any) -> None:
        """One verb of the journeys. :raises CannotPlay, StageError, NoSuchKey:"""
        self.actions.do(verb, options)

    def touch(self, key: str, screen: str = "") -> None:
        """Touch a button and wait for the screen that it leads to."""
        self.do("touch", key=key)
        if screen:
            self.await_screen(screen)

    def await_screen(self, *screens: str, within_s: float = LONGEST_S) -> None:
        """:raises CannotPlay: none of them came."""
        came = self.follower.wait(
            lambda: self.tree.ready and self.tree.screen in screens, within_s, self.stage.check_alive
        )
        if not came:
            raise CannotPlay(f"{' or '.join(screens)} did not come; there is {self.tree.screen or 'a dark screen'}")

    def residue(self, wanted: Mapping[bytes, tuple[str, str]]) -> list[Hit]:
        """What lies in clear wherever the kiosk can write."""
        return search_files(self.folder.searched(), wanted)

    def _saw_event(self, event: SeenEvent) -> None:
        self.account.take(event)


def _unheard(_tree: Tree) -> None:
    return None


def _no_pages() -> tuple[Page, ...]:
    return ()
