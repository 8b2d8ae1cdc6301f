"""The worker's mind: what is said now, what is dropped, where it may be heard.

Two threads: the reader of the pipe (`obey`, never blocks) and the speaking thread (`run`). The newest
generation wins: older ones stop at the next 40 ms piece and what waits of them is dropped.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyttsx3

from voices.pipeline import accent as accents
from voices.pipeline.tailo import TailoError
from voices.prompts import Spoken, Words
from voices.reading import Unreadable
from voices.worker import driver, sound
from voices.worker.protocol import Command, Item
from voices.worker.sinks import Clip

Emit = Callable[[Mapping[str, object]], None]

CLAUSE_PAUSE_S = 0.5
"""Between clauses; evidence asks 0.4 to 0.7 s."""
OFFSET_MOST_DB = 12
"""How far a site's loudspeaker may be off."""
PROMPT_PAUSE_S = 0.65
"""Between two texts of one screen."""
_LAYER = "espeak"
# What the engines' own loudness is short of or above -20 LUFS at full amplitude, measured on the demo's prompts.
_LEVEL_DB = {"nan": -3.0, "cmn": -3.0}


@dataclass(frozen=True, slots=True)
class Job:
    """One text of one generation."""

    generation: int
    item: Item
    lang: str
    first: bool


class Speaker:
    """Owns the queue; everything else is asked of the driver through pyttsx3's public API."""

    def __init__(self, words: Words, studio: driver.Studio, accent: str, emit: Emit) -> None:
        """:param accent: name of the Minnan accent, see `voices/nan/accents`."""
        self._words = words
        self._studio = studio
        self._accent = accents.load(accent)
        self._emit = emit
        self._lock = threading.Lock()
        self._wake = threading.Condition(self._lock)
        self._queue: deque[Job] = deque()
        self._generation = 0
        self._plugged = False
        self._rerouted = False
        self._quit = False
        self._percent = 100
        self._step = 5
        self._offset_db = 0
        self._speaking: Job | None = None
        self._completed = False
        self._announce: Mapping[str, object] = {}
        studio.still_wanted = self._still_wanted
        driver.register(studio)
        self._engine = pyttsx3.init(driver.NAME)
        self._engine.connect("started-utterance", self._started)
        self._engine.connect("finished-utterance", self._finished)
        self._engine.connect("error", self._failed)
        self._engine.startLoop(False)
        self._engine.iterate()

    # ---- the reader's side -------------------------------------------------------------------------------

    def obey(self, command: Command) -> None:
        """Take a command; returns at once."""
        if command.op in ("speak", "stop"):
            self._renew(command)
        elif command.op == "rate":
            self._percent = command.number
        elif command.op == "volume":
            self._step = min(max(command.number, 1), len(sound.VOLUME_DB))
        elif command.op == "loudness":
            self._offset_db = min(max(command.number, -OFFSET_MOST_DB), OFFSET_MOST_DB)
        elif command.op == "headphone":
            self._plug(command.on)
        elif command.op == "pause":
            (self._studio.paused.set if command.on else self._studio.paused.clear)()
        elif command.op == "quit":
            self.quit()

    def _renew(self, command: Command) -> None:
        with self._wake:
            if command.generation < self._generation:
                return
            self._generation = command.generation
            self._queue.clear()
            self._studio.paused.clear()
            for at, item in enumerate(command.items):
                self._queue.append(Job(command.generation, item, command.lang, at == 0))
            self._wake.notify()
        self._engine.stop()

    def _plug(self, plugged: bool) -> None:
        """The way changes at once: the speaker is silent, the clause begins again where it may be heard."""
        with self._wake:
            if plugged == self._plugged:
                return
            self._plugged = plugged
            self._rerouted = self._speaking is not None
        self._engine.stop()

    def quit(self) -> None:
        with self._wake:
            self._quit = True
            self._generation += 1
            self._queue.clear()
            self._studio.paused.clear()
            self._wake.notify()
        self._engine.stop()

    # ---- the speaking thread -----------------------------------------------------------------------------

    def run(self) -> None:
        """Speak until `quit`."""
        while (job := self._next()) is not None:
            self._say(job)
        self._engine.endLoop()

    def _next(self) -> Job | None:
        with self._wake:
            self._speaking = None
            while not self._queue and not self._quit:
                self._wake.wait()
            if self._quit:
                return None
            self._speaking = self._queue.popleft()
            return self._speaking

    def _still_wanted(self) -> bool:
        with self._lock:
            return self._speaking is not None and self._speaking.generation == self._generation and not self._rerouted

    def _say(self, job: Job) -> None:
        spoken = self._spoken(job)
        if spoken is None:
            return
        if job.item.private and not self._plugged:
            self._tell("withheld", job)
            return
        completed = True
        for index, clause in enumerate(spoken):
            completed = self._clause(job, index, clause)
            if not completed:
                break
        if not completed and job.item.private and not self._plugged and self._current(job):
            self._tell("withheld", job)
            return
        self._tell("done", job, completed=completed)

    def _spoken(self, job: Job) -> list[Spoken] | None:
        try:
            return self._words.spoken(job.lang, job.item.key, job.item.args)
        except Unreadable:
            self._tell("unspoken", job, lang=job.lang)
        except KeyError:
            self._emit({"ev": "error", "what": f"unknown text or missing value: {job.lang} {job.item.key}"})
            self._tell("done", job, completed=False)
        return None

    def _clause(self, job: Job, index: int, clause: Spoken) -> bool:
        """One clause, again from its start when the way to the ear changed under it."""
        while True:
            with self._lock:
                self._rerouted = False
                route = "headphone" if self._plugged else "speaker"
            if job.item.private and route == "speaker":
                return False
            completed = self._once(job, index, clause, route)
            if completed or not self._current(job) or not self._was_rerouted():
                return completed

    def _current(self, job: Job) -> bool:
        with self._lock:
            return job.generation == self._generation

    def _was_rerouted(self) -> bool:
        with self._lock:
            return self._rerouted

    def _once(self, job: Job, index: int, clause: Spoken, route: str) -> bool:
        try:
            text = self._engine_text(job.lang, clause)
        except TailoError as error:
            self._emit({"ev": "error", "what": f"{job.item.key}: {error}"})
            return False
        pause_s = CLAUSE_PAUSE_S if index else (0.0 if job.first else PROMPT_PAUSE_S)
        self._studio.clip = Clip(job.item.key, job.lang, clause.caption, route, _LAYER, job.generation)
        self._announce = {
            "ev": "clause",
            "gen": job.generation,
            "key": job.item.key,
            "index": index,
            "lang": job.lang,
            "text": clause.caption,
            "route": route,
            "layer": _LAYER,
        }
        self._completed = False
        self._engine.setProperty("voice", self._accent.voice if job.lang == "nan" else "cmn")
        self._engine.setProperty("rate", self._percent)
        self._engine.setProperty("gain_db", self._gain_db(job.lang, route))
        self._engine.setProperty("pause_s", pause_s)
        self._engine.say(text, job.item.key)
        return self._completed

    def _gain_db(self, lang: str, route: str) -> float:
        """The site's offset belongs to its loudspeaker; a headphone has been the same everywhere."""
        offset_db = self._offset_db if route == "speaker" else 0
        return sound.VOLUME_DB[self._step - 1] + _LEVEL_DB[lang] + offset_db

    def _engine_text(self, lang: str, clause: Spoken) -> str:
        if lang == "nan":
            return accents.surface_text(self._accent, clause.reading.script, clause.reading.sound)
        return clause.reading.sound.strip(",。?! ")

    # ---- what pyttsx3 tells ------------------------------------------------------------------------------

    def _started(self, name: str) -> None:
        self._emit(self._announce)

    def _finished(self, name: str, completed: bool) -> None:
        self._completed = completed

    def _failed(self, name: str, exception: Exception) -> None:
        self._completed = False
        self._emit({"ev": "error", "what": str(exception)})

    def _tell(self, event: str, job: Job, **more: object) -> None:
        self._emit({"ev": event, "gen": job.generation, "key": job.item.key, **more})
