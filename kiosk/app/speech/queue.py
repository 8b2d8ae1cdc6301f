"""What is said now: each new screen stops the old one's voice and says its own; the newest wins.

Calls come from the thread that handles events, reports from the speech pipe's thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from kiosk.domain.ports import Voice, VoiceEvent
from kiosk.domain.screens.compose import View
from kiosk.domain.speech import Lang, Line, Utterance
from kiosk.domain.visit.machine import Access, VisitState

log = logging.getLogger(__name__)

Spoken = tuple[Lang, tuple[Utterance, ...]]
ClauseListener = Callable[[str | None, int], None]
SpeakingListener = Callable[[bool], None]

_FINAL = ("done", "skipped", "withheld", "unspoken")
_TRIES = 3
"""A text that ended the speech process so often is not said again: it may be what ends it."""


class SpeechQueue:
    """Fulfils `Speaker` of the visit service."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._lock = threading.RLock()
        self._generation = 0
        self._screen: Spoken = (Lang.NAN, ())
        self._saying: Spoken = (Lang.NAN, ())
        self._access = Access()
        self._waiting = 0
        """Texts of this generation that are not finished."""
        self._interrupted = False
        self._paused = False
        self._losses = 0
        """How often the process was lost over what is being said."""
        self._clause_listeners: list[ClauseListener] = []
        self._speaking_listeners: list[SpeakingListener] = []
        voice.listen(self._heard)

    @property
    def is_speaking(self) -> bool:
        """Not in a pause: who has it hold may have gone."""
        return self._waiting > 0 and not self._paused

    @property
    def is_paused(self) -> bool:
        """Held in the middle of something."""
        return self._paused

    def on_clause(self, listener: ClauseListener) -> None:
        """`listener(key, index)` when a clause begins, `listener(None, 0)` when nothing is said any more."""
        self._clause_listeners.append(listener)

    def on_speaking(self, listener: SpeakingListener) -> None:
        """`listener(True)` when speech begins, `listener(False)` when it has ended or was stopped."""
        self._speaking_listeners.append(listener)

    # ---- what the visit asks -----------------------------------------------------------------------------

    def show(self, state: VisitState, shown: View) -> None:
        """Say a new screen; the same words in the same language are not begun again."""
        screen: Spoken = (state.lang, shown.say)
        heard_differently = self._adjust(state.access)
        if screen != self._screen or heard_differently:
            self._screen = screen
            self.again()

    def again(self) -> None:
        """The screen's words from their beginning (再听)."""
        self._losses = 0
        self._begin(self._screen)

    def say(self, *lines: Line) -> None:
        """These texts now instead of what is said; 再听 still means the screen."""
        self._losses = 0
        self._begin((self._screen[0], tuple(Utterance(line) for line in lines)))

    def stop(self) -> None:
        """Silence."""
        with self._lock:
            self._generation += 1
            was = self._set_waiting(0)
            self._interrupted = self._paused = False
            self._voice.stop(self._generation)
        self._tell_speaking(was, 0)

    def pause(self, on: bool) -> None:
        """Hold in the middle of a word, and go on there; what is lit stays lit."""
        with self._lock:
            if on == self._paused or not self._waiting:
                return
            self._paused = on
            self._voice.pause(on)
        for listener in self._speaking_listeners:
            listener(not on)

    def click(self) -> None:
        """A press; silent where the voice is off."""
        if self._access.voice:
            self._voice.click()

    def skip(self) -> None:
        """On to the next text."""
        self.pause(False)
        self._voice.skip(self._generation)

    def _adjust(self, access: Access) -> bool:
        """Follow rate, volume and voice on or off; True when the screen must be heard again."""
        before, self._access = self._access, access
        if access.rate_percent != before.rate_percent:
            self._voice.set_rate(access.rate_percent)
        if access.volume_step != before.volume_step:
            self._voice.set_volume(access.volume_step)
        return (access.rate_percent, access.volume_step, access.voice) != (
            before.rate_percent,
            before.volume_step,
            before.voice,
        )

    def _begin(self, spoken: Spoken) -> None:
        lang, utterances = spoken
        if not utterances or not self._access.voice:
            self.stop()
            return
        with self._lock:
            self._generation += 1
            self._saying = spoken
            told = 0 if self._paused else 1
            self._interrupted = self._paused = False
            was = self._set_waiting(len(utterances)) * told
            generation = self._generation
        self._tell_speaking(was, len(utterances))
        self._voice.speak(generation, utterances, lang)

    # ---- what the speech process reports -----------------------------------------------------------------

    def _heard(self, event: VoiceEvent) -> None:
        if event.kind == "ready":
            self._resume()
        elif event.kind == "clause":
            if event.generation == self._generation:
                self._tell_clause(event.key, event.index)
        elif event.kind in _FINAL:
            self._finish_one(event.generation)
        elif event.kind == "lost":
            self._lose()

    def _finish_one(self, generation: int) -> None:
        with self._lock:
            if generation != self._generation or not self._waiting:
                return
            was = self._set_waiting(self._waiting - 1)
            now = self._waiting
        self._tell_speaking(was, now)

    def _lose(self) -> None:
        """The process died: what was being said is said again by the next one."""
        with self._lock:
            self._losses += self._waiting > 0
            self._interrupted = (self._interrupted or self._waiting > 0) and self._losses < _TRIES
            self._paused = False
            was = self._set_waiting(0)
        self._tell_speaking(was, 0)

    def _resume(self) -> None:
        self._voice.set_rate(self._access.rate_percent)
        self._voice.set_volume(self._access.volume_step)
        if self._interrupted:
            self._begin(self._saying)

    def _set_waiting(self, count: int) -> int:
        was, self._waiting = self._waiting, count
        return was

    def _tell_speaking(self, was: int, now: int) -> None:
        if (was > 0) == (now > 0):
            return
        if now == 0:
            self._tell_clause(None, 0)
        for listener in self._speaking_listeners:
            listener(now > 0)

    def _tell_clause(self, key: str | None, index: int) -> None:
        for listener in self._clause_listeners:
            listener(key, index)
