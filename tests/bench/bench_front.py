"""The screens against a browser with an equal page, and against the toolkit as it comes, side by side in one run.

Press: button event until a pixel near each of two corners of the button has changed. Switch: release until the probe
pixels of the next screen stand, both ways. Start: process start until the first screen stands. `FRONT_ROUNDS` presses
more or less often.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench_row import LEAST_REPEATS, Row, repeated
from front_ends import LIMIT_S, LOOK_S, FrontEnd, Point, Screen, browser, kiosk, page_of

from drivers.sim.lifetime import ends_with_us

PROGRAMS = ("chromium",)
ROUNDS = int(os.environ.get("FRONT_ROUNDS", "28"))
STARTS = int(os.environ.get("FRONT_STARTS", "9"))
QUIET_S, SPEAKS_S = 10.0, 6.0
"""Each of five looks at what an untouched and a speaking kiosk use: processor time is counted in steps of 10 ms."""
SETTLE_S = 1.5
QUIET_LOOK_S = 0.5
BETWEEN_S = 0.6
"""The product takes two presses within half a second for one, by a trembling hand."""
GROUND = "#FBF7F0"
START_KEY, OTHER_KEY, BACK_KEY = "welcome.start_nan", "choose.other", "bar.back"


@dataclass
class Measured:
    press_s: list[float] = field(default_factory=list)
    loaded_press_s: list[float] = field(default_factory=list)
    there_s: list[float] = field(default_factory=list)
    back_s: list[float] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)
    start_s: list[float] = field(default_factory=list)
    pss_kb: list[int] = field(default_factory=list)
    idle_cpu: list[float] = field(default_factory=list)


def _box(nodes: list[dict[str, Any]], key: str) -> tuple[int, int, int, int]:
    left, top, width, height = next(node["box"] for node in nodes if node.get("button") == key)
    return left, top, left + width, top + height


def _middle(box: tuple[int, int, int, int]) -> Point:
    return (box[0] + box[2]) // 2, (box[1] + box[3]) // 2


def _corners(box: tuple[int, int, int, int]) -> tuple[Point, ...]:
    """Inside of its upper left and lower right corner, clear of the edge and of what sinks."""
    return (box[0] + 40, box[1] + 24), (box[2] - 40, box[3] - 24)


@dataclass(frozen=True, slots=True)
class Look:
    """What a screen shows where it differs from the other one."""

    points: tuple[Point, ...]
    colours: tuple[bytes, ...]


GRID: tuple[Point, ...] = tuple((x, y) for y in range(8, 1920, 24) for x in range(8, 1080, 24))
PROBES = 8


def _told_apart(one: tuple[bytes, ...], other: tuple[bytes, ...]) -> tuple[Look, Look]:
    """Eight points, spread over those that differ."""
    differ = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    chosen = differ[:: max(len(differ) // PROBES, 1)][:PROBES]
    points = tuple(GRID[at] for at in chosen)
    return Look(points, tuple(one[at] for at in chosen)), Look(points, tuple(other[at] for at in chosen))


class Hand:
    """Knows where things stand, on both front ends alike."""

    def __init__(self, nodes: dict[str, list[dict[str, Any]]]):
        self.start = _box(nodes["welcome"], START_KEY)
        fill = next(node["fill"] for node in nodes["welcome"] if node.get("button") == START_KEY)
        self._stands = (bytes(round(part * 255) for part in reversed(fill)),) * 2
        self.other = _box(nodes["choose"], OTHER_KEY)
        self.back = _box(nodes["browse"], BACK_KEY)
        self.away: Point = (4, 4)

    def until_started(self, front: FrontEnd) -> None:
        """The first screen's likely answer stands, filled from corner to corner."""
        front.screen.until_equal(_corners(self.start), self._stands)

    def tap(self, front: FrontEnd, box: tuple[int, int, int, int]) -> None:
        time.sleep(BETWEEN_S)
        front.screen.finger(_middle(box), True)
        front.screen.finger(_middle(box), False)

    def press(self, front: FrontEnd) -> float:
        """The card is pressed and let go outside: nothing happens but the darkening."""
        time.sleep(BETWEEN_S)
        points = _corners(self.other)
        before = front.screen.pixels(points)
        front.screen.finger(_middle(self.other), True)
        took = front.screen.until_changed(points, before)
        front.screen.finger(self.away, False)
        front.screen.until_equal(points, before)
        return took

    def switch(self, front: FrontEnd, box: tuple[int, int, int, int], look: Look) -> float:
        time.sleep(BETWEEN_S)
        front.screen.finger(_middle(box), True)
        time.sleep(0.06)  # a finger's rest, in which the darkening is drawn
        front.screen.finger(_middle(box), False)
        return front.screen.until_equal(look.points, look.colours)


def _look_after(front: FrontEnd, hand: Hand, box: tuple[int, int, int, int]) -> tuple[bytes, ...]:
    """What a grid of points shows once a tap has changed them and nothing changes any more."""
    before = front.screen.pixels(GRID)
    hand.tap(front, box)
    began = time.perf_counter()
    while front.screen.pixels(GRID) == before:
        if time.perf_counter() - began > LIMIT_S:
            raise TimeoutError("a tap changed nothing")
        time.sleep(LOOK_S)
    last, quiet_since = before, time.perf_counter()
    while time.perf_counter() - quiet_since < QUIET_LOOK_S:
        now = front.screen.pixels(GRID)
        if now != last:
            last, quiet_since = now, time.perf_counter()
        time.sleep(LOOK_S)
    return last


@contextlib.contextmanager
def _busy() -> Iterator[None]:
    """One process that takes all it can get."""
    process = subprocess.Popen(ends_with_us([sys.executable, "-c", "while True: pass"]))
    try:
        yield
    finally:
        process.kill()
        process.wait()


class Bench:
    def __init__(self, folder: Path):
        self._folder = folder
        self._screens = {name: Screen() for name in ("kiosk", "stock", "browser")}
        self.measured = {name: Measured() for name in self._screens}
        self.fronts: dict[str, FrontEnd] = {}
        self._profile = 0
        with contextlib.closing(kiosk(self._screens["kiosk"])) as first:
            assert first.told() == "ready"
            nodes = first.ask("nodes")
        self.hand = Hand(nodes)
        self._page = folder / "page.html"
        self._page.write_text(page_of(nodes, GROUND), encoding="utf-8")

    def _start(self, name: str) -> FrontEnd:
        screen = self._screens[name]
        if name == "browser":
            self._profile += 1
            return browser(screen, self._page, self._folder / f"profile{self._profile}")
        return kiosk(screen, stock=name == "stock")

    def starts(self) -> None:
        """In turns, until the first screen stands; the first start of each warms the caches."""
        for warm in range(STARTS + 1):
            for name in _in_order(self._screens, warm):
                began = time.perf_counter()
                front = self._start(name)
                self.hand.until_started(front)
                if warm:
                    self.measured[name].start_s.append(time.perf_counter() - began)
                front.close()
                _blank(front.screen)

    def presses(self) -> None:
        for name in self._screens:
            self.fronts[name] = self._start(name)
            self.hand.until_started(self.fronts[name])
        for name in ("kiosk", "stock"):
            assert self.fronts[name].told() == "ready"
        time.sleep(SETTLE_S)
        looks: dict[str, dict[str, Look]] = {}
        for name, front in self.fronts.items():
            choose = _look_after(front, self.hand, self.hand.start)
            first, second = _told_apart(choose, _look_after(front, self.hand, self.hand.other))
            looks[name] = {"choose": first, "browse": second}
            self.hand.switch(front, self.hand.back, looks[name]["choose"])
        for at in range(ROUNDS):
            for name in _in_order(self.fronts, at):
                front, measured = self.fronts[name], self.measured[name]
                measured.press_s.append(self.hand.press(front))
                measured.there_s.append(self.hand.switch(front, self.hand.other, looks[name]["browse"]))
                measured.back_s.append(self.hand.switch(front, self.hand.back, looks[name]["choose"]))
        with _busy():
            for at in range(ROUNDS):
                for name in _in_order(self.fronts, at):
                    self.measured[name].loaded_press_s.append(self.hand.press(self.fronts[name]))
        self._looks = looks

    def first_visits(self) -> None:
        """A fresh process each: the screen has never been built there."""
        for at in range(STARTS):
            for name in _in_order(("kiosk", "browser"), at):
                front = self._start(name)
                self.hand.until_started(front)
                time.sleep(SETTLE_S)  # what is drawn ahead is drawn
                self.hand.tap(front, self.hand.start)
                front.screen.until_equal(self._looks[name]["choose"].points, self._looks[name]["choose"].colours)
                self.measured[name].first_s.append(
                    self.hand.switch(front, self.hand.other, self._looks[name]["browse"])
                )
                front.close()

    def quiet(self) -> dict[str, int]:
        """Nobody touches anything: processor time and memory; gives the frames that were drawn."""
        time.sleep(SETTLE_S)
        front = self.fronts["kiosk"]
        frames = front.ask("frames")
        for _ in range(LEAST_REPEATS):
            before = {name: one.cpu_s() for name, one in self.fronts.items()}
            time.sleep(QUIET_S)
            for name, one in self.fronts.items():
                self.measured[name].idle_cpu.append((one.cpu_s() - before[name]) / QUIET_S * 100)
                self.measured[name].pss_kb.append(one.pss_kb())
        after = front.ask("frames")
        return {kind: after[kind] - frames[kind] for kind in frames}

    def speaking(self) -> tuple[list[float], dict[str, int]]:
        """Shares of a core, in %, while clauses are lit, and the frames that were drawn for it."""
        front, shares = self.fronts["kiosk"], []
        frames = front.ask("frames")
        for _ in range(LEAST_REPEATS):
            before, began = front.cpu_s(), time.perf_counter()
            front.ask(f"clauses {SPEAKS_S}")
            shares.append((front.cpu_s() - before) / (time.perf_counter() - began) * 100)
        after = front.ask("frames")
        return shares, {kind: after[kind] - frames[kind] for kind in frames}

    def close(self) -> None:
        for front in self.fronts.values():
            front.close()
        for screen in self._screens.values():
            screen.close()


def _blank(screen: Screen) -> None:
    """The next start must not find the picture of the last."""
    root = screen.display.screen().root
    root.clear_area(0, 0, 0, 0)
    screen.display.sync()


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="front-") as folder:
        bench = Bench(Path(folder))
        try:
            bench.starts()
            bench.presses()
            idle_frames = bench.quiet()
            speaking, spoken_frames = bench.speaking()
            bench.first_visits()
            return _rows(bench.measured, idle_frames, speaking, spoken_frames)
        finally:
            bench.close()


def _in_order(names: Iterable[str], at: int) -> list[str]:
    """Forwards and backwards by turns, so that none always follows the same other."""
    return list(names)[:: 1 if at % 2 == 0 else -1]


def _p90(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.9)]


def _against(name: str, one: list[float], other: list[float], at_most: float | None = None, note: str = "") -> Row:
    """Each with the other of its round."""
    ratios = [mine / theirs for mine, theirs in zip(one, other, strict=True)]
    times = f"{statistics.median(one) * 1000:.1f} / {statistics.median(other) * 1000:.1f} ms"
    return repeated(name, ratios, at_most=at_most, note=times + note)


def _rows(
    measured: dict[str, Measured], idle_frames: dict[str, int], speaking: list[float], spoken: dict[str, int]
) -> list[Row]:
    ours, theirs, stock = measured["kiosk"], measured["browser"], measured["stock"]
    memory = [mine / other for mine, other in zip(ours.pss_kb, theirs.pss_kb, strict=True)]
    slow = _p90(ours.press_s) / statistics.median(theirs.press_s)
    slow_loaded = _p90(ours.loaded_press_s) / statistics.median(theirs.loaded_press_s)
    loaded = "front: press to pixel beside a busy process"
    return [
        _against("front: start to the first screen / browser", ours.start_s, theirs.start_s, 0.8),
        repeated("front: memory (PSS) / browser", memory, at_most=0.4, note=f"{ours.pss_kb[0] // 1024} MB"),
        _against("front: press to pixel / browser, median", ours.press_s, theirs.press_s, 1.0),
        Row("front: press to pixel p90 / browser's median", slow, at_most=2.0),
        _against(f"{loaded} / browser, median", ours.loaded_press_s, theirs.loaded_press_s, 1.0),
        Row(f"{loaded} p90 / browser's median", slow_loaded, at_most=2.0),
        _against("front: to a prebuilt screen / browser", ours.there_s, theirs.there_s, 1.0),
        _against("front: back to a prebuilt screen / browser", ours.back_s, theirs.back_s, 1.0),
        _against("front: first visit of a screen / browser", ours.first_s, theirs.first_s, 2.0),
        repeated("front: idle, % of a core", ours.idle_cpu, at_most=0.2),
        Row(f"front: frames drawn in {QUIET_S * LEAST_REPEATS:.0f} idle seconds", sum(idle_frames.values()), at_most=0),
        repeated("front: a clause lit every 400 ms, % of a core", speaking, at_most=1.5),
        Row("front: whole frames drawn for clauses", spoken["whole"], at_most=0, note=f"{spoken['partial']} in part"),
        _against("front: press to pixel / the toolkit as it comes", ours.press_s, stock.press_s),
        _against("front: start / the toolkit as it comes", ours.start_s, stock.start_s),
        repeated("front: idle of the toolkit as it comes, % of a core", stock.idle_cpu),
    ]
