"""The process that sees: one camera, its watch, and the operations that clients have started.

In: one JSON object a line: {"do": "start", "id": 1, "op": "codes", …}, {"do": "stop", "id": 1},
{"do": "look", "id": 2}. Out: {"ev": "camera", "fault": "DEV-004" | null, …} at every change, {"ev": "looked",
"id": 2, …} when the camera was proved by new frames or by their absence, and what operations say, with their
`id`. {"ev": "failed", "id": 1, "what": …} ends an operation.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from queue import SimpleQueue
from typing import BinaryIO

import cv2

from drivers import faults
from drivers.faults import Fault
from drivers.vision import ops
from drivers.vision.capture import Capture
from drivers.vision.frames import THUMB_FACTOR, Frame, LatestFrame, NoPicture
from drivers.vision.sources import make_source
from drivers.vision.watch import CameraWatch, Look, PictureRate

_LOG = logging.getLogger(__name__)

TICK_S = 0.05
ALIVE_S = 1.0
TURN_CPU_S, TURN_S = 6.0, 30.0
"""A turn of the loop that takes so much of a processor, or so long without one, hangs in a decoder: no sign of life."""
STALL_S = 0.3
"""A turn of the loop takes less, unless the machine had no time for it."""
PROVED_BY_FRAMES = 2
"""A frame that was under way when the question came proves nothing."""
SPOILED_FRAMES = 4
LOOK_S = 3.5
OPEN_AGAIN_EVERY_S = 4.0
HANGS_S = 12.0
"""A capture thread that neither brings a frame nor a trouble for so long hangs in the kernel: the process has to go."""
LAST_WORDS_S = 1.0
"""For the frame loop to end by itself once the client has gone; then the process ends whatever it is doing."""
EXIT_HUNG = 3


class Out:
    """Lines to the client, whole ones, from any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def tell(self, reply: Mapping[str, object]) -> None:
        line = json.dumps(reply, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            self._stream.write(line)
            self._stream.flush()


class Pulse(threading.Thread):
    """Signs of life, as long as the frame loop's turn is no longer than a turn may be.

    Not told by the loop itself: on a machine without time a turn takes seconds, and its process would be ended for it.
    """

    def __init__(self, out: Out) -> None:
        super().__init__(name="pulse", daemon=True)
        self._out = out
        self._ended = threading.Event()
        self._clock: int | None = None
        self._turn = (time.monotonic(), 0.0)

    def begin_turn(self) -> None:
        """From the loop's thread."""
        if self._clock is None:
            self._clock = time.pthread_getcpuclockid(threading.get_ident())
        self._turn = (time.monotonic(), time.thread_time())

    def run(self) -> None:
        while not self._ended.is_set():
            if not self.hangs:
                self._out.tell({"ev": "alive"})
            self._ended.wait(ALIVE_S)

    @property
    def hangs(self) -> bool:
        began_s, cpu_s = self._turn
        used_s = time.clock_gettime(self._clock) - cpu_s if self._clock is not None else 0.0
        return used_s >= TURN_CPU_S or time.monotonic() - began_s >= TURN_S

    def end(self) -> None:
        """With the loop: its thread's clock is gone behind it."""
        self._ended.set()
        self.join()


class Running:
    """One started operation, on the frame loop's thread or on its own."""

    def __init__(self, number: int, op: ops.Op, request: Mapping[str, object], out: Out) -> None:
        self.number = number
        self.ended = False
        self._op = op
        self._request = request
        self._out = out
        self._slot = LatestFrame()
        self._thread = threading.Thread(target=self._work, name=f"op-{number}", daemon=True) if op.heavy else None

    def begin(self) -> None:
        if self._thread is not None:
            self._thread.start()
        else:
            self._guarded(lambda: self._op.start(self._request))

    def see(self, frame: Frame) -> None:
        if self._thread is not None:
            self._slot.put(frame)
        elif not self.ended:
            self._look_at(frame)

    def end(self) -> None:
        self.ended = True
        self._slot.close()
        if self._thread is None:
            self._op.stop()

    def _work(self) -> None:
        self._guarded(lambda: self._op.start(self._request))
        while not self.ended:
            if (frame := self._slot.take(1.0)) is not None:
                self._look_at(frame)
        self._op.stop()

    def _look_at(self, frame: Frame) -> None:
        self._guarded(lambda: self._tell(self._op.on_frame(frame)))

    def _tell(self, replies: list[ops.Reply]) -> None:
        for reply in replies:
            if not self.ended:
                self._out.tell({**reply, "id": self.number})

    def _guarded(self, action: ops.Action) -> None:
        """Whatever goes wrong ends this operation, not the process; only the kind is told, never the content."""
        try:
            action()
        except NoPicture:
            return
        except ops.BadRequest as error:
            self._fail("request", str(error))
        except Exception as error:  # the foreign decoders raise their own kinds on odd pictures
            _LOG.error("operation %d ended by %s", self.number, type(error).__name__)
            self._fail("broken", type(error).__name__)

    def _fail(self, kind: str, what: str) -> None:
        self.ended = True
        self._out.tell({"ev": "failed", "id": self.number, "kind": kind, "what": what})


@dataclass(slots=True)
class _Question:
    """A `look` that waits for its proof."""

    number: int
    asked_s: float
    frames: int = 0
    spoiled: int = 0
    failed: bool = False

    def is_settled(self, fault: Fault | None, now_s: float) -> bool:
        """New pictures came, or a try failed that began after the question, or it has waited long enough."""
        hopeless = self.spoiled >= SPOILED_FRAMES and fault is not None
        return self.failed or hopeless or self.frames >= PROVED_BY_FRAMES or now_s - self.asked_s >= LOOK_S


class Worker:
    """See the module. `hear` may be called from any thread; `forever` is the frame loop."""

    def __init__(self, camera: str, width: int, height: int, fps: int, out: Out) -> None:
        self._out = out
        self._latest = LatestFrame()
        self._capture = Capture(lambda: make_source(camera, width, height, fps), self._latest, self._troubled)
        thumb = (-(-width // THUMB_FACTOR), -(-height // THUMB_FACTOR))
        self._watch = CameraWatch(thumb, time.monotonic())
        self._rate = PictureRate()
        self._digest = b""
        self._requests: deque[Mapping[str, object]] = deque()
        self._troubles: deque[tuple[Fault, float]] = deque()
        self._running: dict[int, Running] = {}
        self._wanted: set[int] = set()
        self._loaded: SimpleQueue[tuple[int, Running | str]] = SimpleQueue()
        self._questions: list[_Question] = []
        self._told: tuple[bool, Fault | None] = (False, None)
        self._opened_again_s = self._sign_of_life_s = self._judged_s = time.monotonic()
        self._pulse = Pulse(out)
        self._stopping = threading.Event()

    def hear(self, request: Mapping[str, object]) -> None:
        self._requests.append(request)

    def stop(self) -> None:
        self._stopping.set()

    def forever(self) -> None:
        """Until `stop`. Exits the process when the camera hangs in the kernel."""
        self._capture.start()
        self._pulse.begin_turn()
        self._pulse.start()
        while not self._stopping.is_set():
            frame = self._latest.take(TICK_S)
            self._pulse.begin_turn()
            while self._requests:
                self._obey(self._requests.popleft())
            self._take_loaded()
            while self._troubles:
                self._sign_of_life_s = time.monotonic()
                fault, since_s = self._troubles.popleft()
                self._watch.failed(fault)
                for question in self._questions:
                    question.failed = question.failed or since_s >= question.asked_s
            if frame is not None:
                self._sign_of_life_s = time.monotonic()
                self._see(frame)
            self._judge()
        self._pulse.end()
        self._capture.stop()

    def _troubled(self, fault: Fault, since_s: float) -> None:
        self._troubles.append((fault, since_s))

    def _see(self, frame: Frame) -> None:
        try:
            thumb = frame.thumb
        except NoPicture:
            self._watch.spoiled()
            for question in self._questions:
                question.spoiled += 1
            return
        size = (thumb.shape[1], thumb.shape[0])
        self._watch.saw(Look(frame.t_monotonic, frame.digest, float(cv2.mean(thumb)[0]), size))
        self._rate.saw(frame.t_monotonic, frame.seq)
        for question in self._questions:
            question.frames += frame.t_monotonic > question.asked_s
        fresh, self._digest = frame.digest != self._digest, frame.digest
        if not fresh:
            return  # a camera that stands still shows what lay there before, perhaps somebody else's
        for running in list(self._running.values()):
            running.see(frame)
            if running.ended:
                del self._running[running.number]

    def _judge(self) -> None:
        now_s = time.monotonic()
        if (stall_s := now_s - self._judged_s - STALL_S) > 0:
            self._watch.stalled(stall_s)
        self._judged_s = now_s
        fault = self._watch.verdict(now_s)
        if (state := (self._watch.is_seen, fault)) != self._told and (state[0] or fault is not None):
            self._told = state
            self._out.tell({"ev": "camera", **self._view(fault)})
        for question in list(self._questions):
            if question.is_settled(fault, now_s):
                self._questions.remove(question)
                self._out.tell({"ev": "looked", "id": question.number, **self._view(fault)})
        # A frozen or garbled stream comes to life by opening it again; darkness does not.
        if fault in (faults.CAM_FROZEN, faults.DEV_GARBLED) and now_s - self._opened_again_s > OPEN_AGAIN_EVERY_S:
            self._opened_again_s = now_s
            self._capture.open_again()
        if now_s - self._sign_of_life_s > HANGS_S:
            _LOG.error("the camera hangs in its driver")
            os._exit(EXIT_HUNG)

    def _view(self, fault: Fault | None) -> Mapping[str, object]:
        told = {"fault": fault.code if fault else None, "seen": self._watch.is_seen, "dropped": self._latest.dropped}
        return {**told, "per_s": self._rate.per_s()}

    def _obey(self, request: Mapping[str, object]) -> None:
        number = request.get("id")
        if not isinstance(number, int):
            return
        match request.get("do"):
            case "start":
                self._start(number, request)
            case "stop":
                self._wanted.discard(number)
                if running := self._running.pop(number, None):
                    running.end()
            case "look":
                self._questions.append(_Question(number, time.monotonic()))
                self._capture.hurry()
            case other:
                self._out.tell({"ev": "failed", "id": number, "kind": "request", "what": f"unknown request {other!r}"})

    def _start(self, number: int, request: Mapping[str, object]) -> None:
        """Loading an operation's readers from a cold disk takes seconds: meanwhile the loop goes on."""
        self._wanted.add(number)
        threading.Thread(target=self._load, args=(number, request), name=f"load-{number}", daemon=True).start()

    def _load(self, number: int, request: Mapping[str, object]) -> None:
        try:
            self._loaded.put((number, Running(number, ops.make(str(request.get("op"))), request, self._out)))
        except ops.BadRequest as error:
            self._loaded.put((number, str(error)))
        except (ImportError, OSError) as error:
            _LOG.error("an operation cannot be loaded: %s", error)
            self._loaded.put((number, type(error).__name__))

    def _take_loaded(self) -> None:
        while not self._loaded.empty():
            number, loaded = self._loaded.get()
            if isinstance(loaded, str):
                self._out.tell({"ev": "failed", "id": number, "kind": "request", "what": loaded})
            elif number in self._wanted:
                loaded.begin()
                if not loaded.ended:
                    self._running[number] = loaded
            self._wanted.discard(number)


def obey_lines(source: BinaryIO, worker: Worker) -> None:
    """Feed the worker until its client's pipe ends; then the process ends, whatever else runs."""
    for line in source:
        try:
            request = json.loads(line)
        except ValueError:
            _LOG.warning("a line that is no request")
            continue
        if isinstance(request, dict):
            worker.hear(request)
    worker.stop()
    threading.main_thread().join(LAST_WORDS_S)
    os._exit(0)
