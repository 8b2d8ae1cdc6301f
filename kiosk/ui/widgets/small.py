"""Progress, sound mark, facts, good news: the small things that are not buttons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from kivy.clock import Clock
from kivy.uix.widget import Widget

from kiosk.domain.screens.compose import Fact
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.ui import semantics, ui_keys
from kiosk.ui.drawing.theme import BIG, BODY, EDGE_MM, QUESTION, RADIUS_MM, TITLE
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.picture import Picture
from kiosk.ui.widgets.plate import Frame, Plate
from kiosk.ui.widgets.text import Text


class Progress(semantics.Described, Widget):
    """第3步 ▬▬▬▭▭ 共5步"""

    def __init__(self, stage: Stage, at: int, total: int, width: int):
        super().__init__(size_hint=(None, None))
        mm, colour = stage.look.mm, stage.look.colour
        line = ui_keys.counted(ui_keys.PROGRESS, n=at, total=total)
        shown = stage.show(line)
        self.describe(semantics.PROGRESS, shown, line.key, stage.spoken(line))
        here, _, whole = shown.partition(" ")
        left = Text(stage, here, width=width // 3, colour=colour.ink_soft, role="")
        right = Text(stage, whole, width=width // 3, colour=colour.ink_soft, role="")
        self.size = (width, left.height)
        self._left, self._right = left, right
        self.add_widget(left)
        self.add_widget(right)
        self._gap, self._thick = mm(3), mm(3.4)
        self._bars = [
            Plate(stage.raster, self._thick // 2, colour.edge if i < at else colour.track) for i in range(total)
        ]
        for bar in self._bars:
            self.canvas.add(bar)
        self.bind(pos=self._arrange)

    def _arrange(self, *_: object) -> None:
        self._left.pos = self.pos
        self._right.pos = (self.x + self.width - self._right.width, self.y)
        start = int(self.x + self._left.width) + 2 * self._gap
        room = int(self._right.x) - 2 * self._gap - start
        each = (room - self._gap * (len(self._bars) - 1)) // len(self._bars)
        y = int(self.y + self.height / 2 - self._thick / 2)
        for at, bar in enumerate(self._bars):
            bar.place(start + at * (each + self._gap), y, each, self._thick)


class SoundMark(Widget):
    """Five bars beside what is being said. They change with the clause, in its frame, and now and then in a long one;
    never sooner than half a second after the last time.
    """

    BEAT_S = 0.5
    LONG_CLAUSE_S = 1.0
    _SHAPES = ((0.3, 0.65, 1.0, 0.65, 0.3), (0.55, 0.95, 0.5, 0.95, 0.55))

    def __init__(self, stage: Stage, height: int):
        super().__init__(size_hint=(None, None), size=(round(height * 0.95), height))
        thick = round(height * 0.11)
        self._thick = thick
        self._bars = [Plate(stage.raster, thick // 2, stage.look.colour.mark) for _ in range(5)]
        for bar in self._bars:
            self.canvas.add(bar)
        self._shape = 0
        self._beat: Any = None
        self._changed_s = -math.inf
        self.bind(pos=self._arrange)
        self._arrange()

    def speak(self, on: bool) -> None:
        """Move while `on`, at once when a clause begins; else stand still."""
        if on and Clock.get_time() - self._changed_s >= self.BEAT_S:
            self._step()
        elif on and self._beat is None:
            self._beat = Clock.schedule_once(self._step, self.LONG_CLAUSE_S)
        elif not on and self._beat is not None:
            self._beat.cancel()
            self._beat = None
            self._shape = 0
            self._arrange()

    def _step(self, *_: object) -> None:
        self._shape = 1 - self._shape
        self._arrange()
        self._changed_s = Clock.get_time()
        if self._beat is not None:
            self._beat.cancel()
        self._beat = Clock.schedule_once(self._step, self.LONG_CLAUSE_S)

    def _arrange(self, *_: object) -> None:
        step = (self.width - self._thick) / 4
        for at, (bar, share) in enumerate(zip(self._bars, self._SHAPES[self._shape], strict=True)):
            high = round(self.height * share)
            bar.place(round(self.x + at * step), round(self.y + (self.height - high) / 2), self._thick, high)


class Panel(Widget):
    """A card that cannot be pressed: rows of text on it, left aligned."""

    PAD_MM = 7.0

    def __init__(self, stage: Stage, width: int, rows: Sequence[Sequence[Text]], good: bool = False):
        super().__init__(size_hint=(None, None))
        mm, colour = stage.look.mm, stage.look.colour
        self._pad, self._gap = mm(self.PAD_MM), mm(6)
        self._rows = rows
        for row in rows:
            for part in row:
                self.add_widget(part)
        edge = colour.good if good else colour.card_edge
        fill = colour.good_card if good else colour.card
        self._frame = Frame(stage.raster, mm(RADIUS_MM), max(mm(EDGE_MM * 0.6), 2), edge, fill)
        self._frame.add_to(self.canvas.before)
        self.size = (width, sum(_height(row) for row in rows) + 2 * mm(5))
        self._above = mm(5)
        self.bind(pos=self._arrange)

    def _arrange(self, *_: object) -> None:
        self._frame.place(int(self.x), int(self.y), int(self.width), int(self.height))
        top = int(self.y + self.height) - self._above
        for row in self._rows:
            high, x = _height(row), int(self.x) + self._pad
            for part in row:
                part.pos = (x, top - high + (high - int(part.height)) // 2)
                x += int(part.width) + self._gap
            top -= high


def _height(row: Sequence[Text]) -> int:
    return max(int(part.height) for part in row)


def fact_rows(stage: Stage, fact: Fact, width: int, stack_big: bool) -> list[list[Text]]:
    """Label and value in one row when they fit, else the value below; big ones below when there is room."""
    mm, colour = stage.look.mm, stage.look.colour
    inner = width - 2 * mm(Panel.PAD_MM)
    label = Text(stage, stage.show(Line(fact.label)), width=inner, colour=colour.ink_soft, line=Line(fact.label))
    value = _value(stage, fact, inner)
    beside = not (fact.big and stack_big)
    if beside and int(label.width) + mm(6) + int(value.width) <= inner and len(value.rows) == 1:
        return [[label, value]]
    return [[label], [value]]


def _value(stage: Stage, fact: Fact, width: int) -> Text:
    shown = stage.show(fact.words) if fact.words is not None else value_text(stage, fact.value)
    ems = BIG if fact.big and fact.value.kind is ArgKind.DIGITS else (QUESTION if fact.big else BODY)
    return Text(stage, shown, width=width, ems=ems, bold=True, colour=stage.look.colour.ink, key=f"{fact.label}.value")


def value_text(stage: Stage, value: Arg) -> str:
    """A value on a card: texts of other keys and amounts through the words, all else as it is (masked already)."""
    if value.kind is ArgKind.KEY:
        return stage.show(Line(value.value))
    return stage.show(Line(ui_keys.AMOUNT, {"amount": value})) if value.kind is ArgKind.MONEY else value.value


def grouped(case_no: str) -> str:
    """The last 16 digits as four groups of four."""
    last = case_no[-16:]
    return " ".join(last[at : at + 4] for at in range(0, len(last), 4))


def case_rows(stage: Stage, case_no: str, width: int) -> list[list[Text]]:
    inner = width - 2 * stage.look.mm(Panel.PAD_MM)
    label = Line(ui_keys.CASE_LABEL)
    number = Text(
        stage,
        grouped(case_no),
        width=inner,
        ems=QUESTION if stage.look.size == 0 else TITLE,
        bold=True,
        key="case.number",
    )
    return [[Text(stage, stage.show(label), width=inner, colour=stage.look.colour.ink_soft, line=label)], [number]]


class GoodNews(semantics.Described, Widget):
    """The one big line that says it is done, with a tick."""

    def __init__(self, stage: Stage, line: Line, width: int):
        super().__init__(size_hint=(None, None))
        mm, colour = stage.look.mm, stage.look.colour
        self._tick = Picture(stage, "tick", mm(24), {"line": colour.good})
        inner = width - int(self._tick.width) - mm(30)
        self.text = Text(stage, stage.show(line), width=inner, ems=1.6, bold=True, colour=colour.good, line=line)
        self._frame = Frame(stage.raster, mm(RADIUS_MM), mm(EDGE_MM), colour.good, colour.good_card)
        self._frame.add_to(self.canvas)
        self.add_widget(self._tick)
        self.add_widget(self.text)
        self.size = (width, max(int(self.text.height), int(self._tick.height)) + mm(12))
        self._left, self._gap = mm(12), mm(8)
        self.bind(pos=self._arrange)

    def _arrange(self, *_: object) -> None:
        self._frame.place(int(self.x), int(self.y), int(self.width), int(self.height))
        middle = int(self.y + self.height // 2)
        self._tick.pos = (int(self.x) + self._left, middle - int(self._tick.height) // 2)
        self.text.pos = (int(self._tick.x + self._tick.width) + self._gap, middle - int(self.text.height) // 2)
