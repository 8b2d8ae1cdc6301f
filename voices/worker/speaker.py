"""The worker's mind: what is said now, what is dropped, where it may be heard.

Two threads: the reader of the pipe (`obey`, never blocks) and the speaking thread (`run`). What is said next is the
agenda's business, how a clause sounds the layers' and the driver's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pyttsx3

from voices import languages
from voices.packs.take import Takes
from voices.prompts import Spoken, Words
from voices.reading import NotationError, Unreadable
from voices.worker import click, driver, render, sound
from voices.worker.agenda import Agenda, Cut, Job
from voices.worker.layers import LIVE, Layers
from voices.worker.protocol import Command
from voices.worker.sink import Clip

Emit = Callable[[Mapping[str, object]], None]

CLAUSE_PAUSE_S = 0.5
"""Between clauses at the common pace."""
PROMPT_PAUSE_S = 0.62
"""Between two texts of one screen at the common pace."""
PAUSES_S = (0.42, 0.64)
"""Pauses follow the pace within this: with the soft ends of the clauses 400 to 700 ms are heard."""
OFFSET_MOST_DB = 12
"""How far a site's loudspeaker may be off."""


class Speaker:
    """Obeys the pipe; everything is spoken through pyttsx3's public API."""

    def __init__(
        self,
        words: Words,
        studio: driver.SpeechEngine,
        accent: str,
        emit: Emit,
        takes: Takes | None = None,
        troubles: Sequence[str] = (),
    ) -> None:
        """:param accent: for the language that has it; another one takes its own default.
        :param takes: clips made ahead. :param troubles: what is wrong with them, see `Layers`.
        """
        self._words = words
        self._studio = studio
        self._accent = accent
        self._emit = emit
        self._layers = Layers(takes, studio.engine.sample_rate, self._complain, troubles)
        self._wake = threading.Condition()
        self._agenda = Agenda()
        self._plugged = False
        self._quit = False
        self._percent = 100.0
        self._step = sound.DEFAULT_STEP
        self._offset_db = 0
        self._completed = False
        self._announce: Mapping[str, object] = {}
        self._told_fault = ""
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
        if command.op == "rate":
            self._percent = min(max(float(command.number), render.PERCENT[0]), render.PERCENT[1])
        elif command.op == "volume":
            self._step = min(max(command.number, 1), len(sound.VOLUME_DB))
        elif command.op == "loudness":
            self._offset_db = min(max(command.number, -OFFSET_MOST_DB), OFFSET_MOST_DB)
        elif command.op == "headphone":
            self._plug(command.on)
        elif command.op == "pause":
            (self._studio.paused.set if command.on else self._studio.paused.clear)()
        elif command.op == "click":
            self._click()
        elif command.op == "quit":
            self.quit()
        else:
            self._plan(command)

    def _plan(self, command: Command) -> None:
        agenda = self._agenda
        with self._wake:
            before = agenda.generation
            if command.op == "speak":
                must_stop = agenda.add(command.generation, command.items, command.lang, command.priority)
            else:
                ops = {"stop": agenda.drop, "repeat": agenda.repeat, "skip": agenda.skip}
                must_stop = ops[command.op](command.generation)
            if command.op != "speak" or must_stop or agenda.generation != before:
                self._studio.paused.clear()
            self._wake.notify()
        if must_stop:
            self._silence()

    def _plug(self, plugged: bool) -> None:
        """The way changes at once: in, and the clause begins again in the ear; out, and there is silence until
        something new is asked for."""
        with self._wake:
            if plugged == self._plugged:
                return
            self._plugged = plugged
            self._agenda.reroute(plugged)
        self._silence()

    def _click(self) -> None:
        """Heard with the next piece of what is said, or alone by the speaking thread."""
        with self._wake:
            route = "headphone" if self._plugged else "speaker"
            self._studio.click = click.samples(self._studio.engine.sample_rate, self._gain_db(route))
            self._wake.notify()

    def quit(self) -> None:
        with self._wake:
            self._quit = True
            self._agenda.drop(self._agenda.generation + 1)
            self._studio.paused.clear()
            self._wake.notify()
        self._silence()

    def _silence(self) -> None:
        """Not by pyttsx3's own stop: it edits the queue that the speaking thread works off."""
        self._studio.cancelled.set()

    # ---- the speaking thread -----------------------------------------------------------------------------

    def run(self) -> None:
        """Speak until `quit`."""
        while (job := self._next()) is not None:
            self._say(job)
        self._engine.endLoop()

    def _next(self) -> Job | None:
        while True:
            with self._wake:
                job = self._agenda.take()
                if job is not None or self._quit:
                    return None if self._quit else job
                pressed, self._studio.click = self._studio.click, None
                if pressed is None:
                    self._wake.wait()
            if pressed is not None:
                # Shorter than a piece of speech; nothing else is said meanwhile.
                self._studio.sink.write(pressed.tobytes(), threading.Event())

    def _still_wanted(self) -> bool:
        with self._wake:
            return self._agenda.current is not None and self._agenda.cut is None

    def _voiced(self, job: Job) -> Job:
        """A bare value without a reading, e.g. an official name, is a foreign word: the language that is named for it
        (`said_instead_by`) says it, and that is reported. Left out, a bank's name would be kept from whoever cannot
        read it, and such names are heard in Mandarin in the village too. A sentence never is: she asked for Minnan."""
        item = job.item
        try:
            instead = languages.of(job.lang).said_instead_by
            if instead and self._words.is_value(job.lang, item.key):
                self._words.spoken(job.lang, item.key, item.args)
        except Unreadable:
            self._tell("foreign", job, lang=instead)
            return replace(job, lang=instead)
        except (KeyError, ValueError):
            return job  # told where it is said
        return job

    def _say(self, job: Job) -> None:
        job = self._voiced(job)
        spoken = self._spoken(job)
        if spoken is None:
            return
        with self._wake:
            hushed = self._agenda.is_hushed(job)
        if hushed:
            self._tell("withheld", job)
            return
        completed = True
        for index in range(job.clause, len(spoken)):
            heard = self._clause(job, index, spoken[index])
            completed = completed and heard
            if not heard and not self._goes_on_unheard():
                break
        self._report(job, completed)

    def _goes_on_unheard(self) -> bool:
        """Without a sound card the screen still follows the words."""
        with self._wake:
            return bool(self._studio.sink.fault) and self._agenda.cut is None

    def _report(self, job: Job, completed: bool) -> None:
        with self._wake:
            cut = self._agenda.cut
            withheld = cut is Cut.HUSHED or (job.item.private and not self._plugged)
        if completed or cut is Cut.DROPPED:
            self._tell("done", job, completed=completed)
        elif cut is Cut.SKIPPED:
            self._tell("skipped", job)
        elif cut is Cut.LATER:
            return
        elif withheld:
            self._tell("withheld", job)
        else:
            self._tell("done", job, completed=False)

    def _spoken(self, job: Job) -> list[Spoken] | None:
        try:
            return self._words.spoken(job.lang, job.item.key, job.item.args)
        except Unreadable:
            self._tell("unspoken", job, lang=job.lang)
        except (KeyError, ValueError):
            self._complain(f"unknown text, missing or wrong value: {job.lang} {job.item.key}")
            self._tell("done", job, completed=False)
        return None

    def _clause(self, job: Job, index: int, clause: Spoken) -> bool:
        """One clause, again from its start when the way to the ear changed under it. True when it was heard."""
        while True:
            with self._wake:
                self._agenda.begin_clause(index)
                route = "headphone" if self._plugged else "speaker"
            if job.item.private and route == "speaker":
                return False
            if self._once(job, index, clause, route):
                return True
            with self._wake:
                if self._agenda.cut is not Cut.ROUTE:
                    return False

    def _once(self, job: Job, index: int, clause: Spoken, route: str) -> bool:
        language = languages.of(job.lang)
        accent = language.accent_of(self._accent)
        ready = self._layers.find(job.lang, accent, job.item.key, index, clause.reading)
        self._completed = False
        try:
            text = clause.caption if ready else language.engine_text(clause.reading, accent)
        except NotationError as error:
            self._complain(f"{job.item.key}: {error}")
            return False
        layer, pack = (ready.layer, ready.pack) if ready else (LIVE, "")
        self._studio.ready = ready
        self._studio.clip = Clip(job.item.key, job.lang, clause.caption, route, layer, job.generation, pack)
        self._announce = {
            "ev": "clause",
            "gen": job.generation,
            "key": job.item.key,
            "index": index,
            "lang": job.lang,
            "text": clause.caption,
            "route": route,
            "layer": layer,
        }
        if ready is None and not self._choose(language.voice(accent)):
            return False
        self._engine.setProperty("rate", driver.NOMINAL_WORDS * self._percent / 100)
        self._engine.setProperty("gain_db", self._gain_db(route))
        self._engine.setProperty("pause_s", self._pause_s(job, index))
        self._engine.say(text, job.item.key)
        self._mind_sink()
        return self._completed

    def _choose(self, voice: str) -> bool:
        """False when it is not there: then nobody else speaks in its place."""
        self._engine.setProperty("voice", voice)
        return bool(self._engine.getProperty("voice") == voice)

    def _pause_s(self, job: Job, index: int) -> float:
        if index == 0 and job.leads:
            return 0.0
        common = CLAUSE_PAUSE_S if index else PROMPT_PAUSE_S
        return min(max(common * 100 / self._percent, PAUSES_S[0]), PAUSES_S[1])

    def _gain_db(self, route: str) -> float:
        """The site's offset belongs to its loudspeaker; a headphone has been the same everywhere."""
        return sound.VOLUME_DB[self._step - 1] + (self._offset_db if route == "speaker" else 0)

    def _mind_sink(self) -> None:
        """A sound card that is silent is told of once, until it is heard again."""
        fault = self._studio.sink.fault
        if fault and fault != self._told_fault:
            self._complain(fault)
        self._told_fault = fault

    # ---- what pyttsx3 tells ------------------------------------------------------------------------------

    def _started(self, name: str) -> None:
        self._emit(self._announce)

    def _finished(self, name: str, completed: bool) -> None:
        self._completed = completed

    def _failed(self, name: str, exception: Exception) -> None:
        self._completed = False
        self._complain(str(exception))

    def _complain(self, what: str) -> None:
        self._emit({"ev": "error", "what": what})

    def _tell(self, event: str, job: Job, **more: object) -> None:
        self._emit({"ev": event, "gen": job.generation, "key": job.item.key, **more})
