"""Putting items, answers, pager and picture on a sheet: when space is short pictures shrink first, then answers, then a
page is turned. Words never shrink.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kivy.uix.widget import Widget

from kiosk.domain.event import EventKind
from kiosk.domain.screens.compose import Choice, View
from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import Ev, Event
from kiosk.ui import semantics, ui_keys
from kiosk.ui.drawing.theme import EM_MM
from kiosk.ui.screens.anatomy import Anatomy
from kiosk.ui.screens.flow import Item, Spacing, pages, total
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.answers import AnswerButton, RedBar
from kiosk.ui.widgets.pad import Pad
from kiosk.ui.widgets.picture import Picture
from kiosk.ui.widgets.small import Panel, SoundMark, fact_rows
from kiosk.ui.widgets.text import Text

MARK_COLUMN_MM = 22.0
PAGER_MM = 34.0
_PICTURE_MIN_MM = 30.0
PICTURE_STEP_MM = 10.0
_CARD_MAX_MM = 112.0
_OWN_PAGE = Event(EventKind[None]())
"""Of a button that turns a page of the sheet itself: it is posted to nobody."""
_ECHO_EMS = (1.4, 1.2, 1.0, 0.85, 0.7, 0.6, 0.5)
"""Of the chosen text size; never smaller than the common size's words."""


class Sheet(Widget):
    """What a screen puts between the bars; knows where things go, not which they are."""

    def __init__(self, stage: Stage, anatomy: Anatomy):
        super().__init__(size_hint=(None, None))
        self.stage = stage
        self.anatomy = anatomy
        self.page = 0
        self.page_count = 1
        self.texts: list[Text] = []
        self.mark: SoundMark | None = None
        self._left, self._width = 0, 0
        self._spacing = Spacing(0, 0)
        self._pages: list[list[Item]] = []
        self._content_top = 0
        self._terse = False
        self._must_turn = True
        """Whether a page is turned where not all has room; otherwise it is left to the next try, and nothing placed."""

    def page_with(self, choice: Choice) -> int:
        """The page on which it stands; the present one when it stands outside the pages."""
        for at, items in enumerate(self._pages):
            shown = (button for item in items for button in _buttons(item.content))
            if any((button.event, button.key) == (choice.event, choice.line.key) for button in shown):
                return at
        return self.page

    def turn(self, step: int) -> None:
        """Another page of the same view."""

    def leave(self) -> None:
        """Drop what the last view showed."""
        self._take_off()

    def _take_off(self) -> None:
        """Nothing stands on the sheet; what was made for this view stays, and may be put somewhere else."""
        if self.mark is not None:
            self.mark.speak(False)
        self.mark = None
        self.texts = []
        self.clear_widgets()

    def _add(self, widget: Any, x: int, top: int) -> int:
        """Put a widget below `top`; gives its lower edge."""
        widget.pos = (x, top - int(widget.height))
        self.add_widget(widget)
        return top - int(widget.height)

    def picture(self, view: View) -> str:
        """Name of the picture, empty when there is none."""
        return view.picture

    def _fill(self, view: View, items: list[Item], answers: list[AnswerButton], floor: int, top: int) -> None:
        gap = self._spacing.gap
        red = self._red_bar(view)
        fixed = [red] if red else []
        need = total(items, self._spacing) + (gap if items else 0)
        foot = _stack([*fixed, *answers], gap)
        pager = bool(view.pager)
        pager_height = self.stage.look.mm(PAGER_MM) + gap
        room = top - floor
        if need + foot + (pager_height if pager else 0) <= room:
            shown, self.page, self.page_count = items, 0, 1
            self._pages = [items]
        else:
            pager = True
            highest = self._highest(items) + pager_height
            if foot + highest > room:
                items = [*items, *(Item("choice", answer.natural, answer, is_answer=True) for answer in answers)]
                answers = []
                foot, highest = _stack(fixed, gap), self._highest(items) + pager_height
            if red and foot + highest > room:
                items, red, foot = [*items, Item("choice", red.natural, red)], None, 0
                highest = self._highest(items) + pager_height
            # Where the largest words leave no room below the question, it stands on the first page alone.
            whole = self._content_top - gap
            alone = self._terse or foot + highest > room
            less = foot + pager_height + gap
            paged = pages(items, room - less, self._spacing, whole - floor - less if alone else None)
            self.page_count, self._pages = len(paged), paged
            if self.page_count > 1 and not self._must_turn:
                return
            self.page = min(max(self.page, 0), len(paged) - 1)
            shown = paged[self.page]
            if alone and self.page:
                self._take_off()
                top = whole
                room = top - floor
        spent = foot + (pager_height if pager else 0) + gap
        echo = self._echo(view, shown, room - spent)
        if echo is None and self.page:
            # What is asked was read on the first page: what she types is worth more here.
            echo = self._echo(view, shown, self._content_top - gap - floor - spent)
            if echo is not None:
                self._take_off()
                top = self._content_top - gap
                room = top - floor
        if echo is not None:
            keys = next(at for at, item in enumerate(shown) if isinstance(item.content, Pad))
            shown = [*shown[:keys], echo, *shown[keys:]]
        used = total(shown, self._spacing) + (gap if shown else 0) + (pager_height if pager else 0)
        top = self._place_foot(answers, red, room - used, floor, top, pager, view, shown)

    def _echo(self, view: View, shown: list[Item], room: int) -> Item | None:
        """Keys that had to go to another page than what they type show it again above them.

        None: they stand together, or there is no room for it even in the smallest words there are.
        """
        has_keys = any(isinstance(item.content, Pad) for item in shown)
        if not has_keys or {"huge", "fact"} & {item.kind for item in shown}:
            return None
        fitting = (item for item in self._echoes(view) if total([item, *shown], self._spacing) <= room)
        return next(fitting, None)

    def _echoes(self, view: View) -> Iterator[Item]:
        """What was typed in one row, from the largest letters down to those of the common size."""
        for fact in view.facts[:1] if view.huge is None else ():
            rows = fact_rows(self.stage, fact, self._width, self.anatomy.stack_big)
            yield Item("fact", sum(max(int(part.height) for part in row) for row in rows), rows)
        if view.huge is None:
            return
        line = self.stage.show(view.huge)
        for ems in _ECHO_EMS:
            text = Text(self.stage, line, width=self._width, ems=ems, bold=True, line=view.huge)
            if text.font_px >= self.stage.look.mm(EM_MM[0]) and len(text.rows) == 1:
                yield Item("huge", int(text.height), text)

    def _highest(self, items: list[Item]) -> int:
        """Room for the highest one on a page of its own."""
        return max((item.height for item in items), default=0) + self._spacing.panel + self._spacing.gap

    def _place_foot(
        self,
        answers: list[AnswerButton],
        red: RedBar | None,
        room: int,
        floor: int,
        top: int,
        pager: bool,
        view: View,
        shown: list[Item],
    ) -> int:
        """Answers grow into what is left, at the bottom; then the flow from the top; then the picture between."""
        mm, gap = self.stage.look.mm, self._spacing.gap
        reserve = mm(self.anatomy.picture_mm * 0.6) if self.picture(view) else 0
        still = self.anatomy.pad_below and bool(view.pad) and self.page_count == 1
        heights = _grown(
            [answer.natural for answer in answers],
            0 if still else mm(self.anatomy.answer_mm),
            room - reserve - (red.natural + gap if red else 0),
            gap,
        )
        y = floor
        for answer, height in reversed(list(zip(answers, heights, strict=True))):
            answer.settle(height)
            answer.pos = (self._left, y)
            y += height + gap
        if red:
            red.settle(red.natural)
            red.pos = (self._left, y)
            y += red.natural + gap
        if pager:
            y = self._place_pager(view, y)
        if still:
            read = next((at for at, item in enumerate(shown) if item.kind != "text"), len(shown))
            self._place_items(shown[:read], top, y)
            shown, top = shown[read:], y + total(shown[read:], self._spacing) + gap
        bottom = self._place_items(shown, top, y)
        for answer in answers:
            self.add_widget(answer)
        if pager:
            for button in self._pager_buttons:
                self.add_widget(button)
        if red:
            self.add_widget(red)
        if self.picture(view):
            self._place_picture(self.picture(view), y, bottom)
        return y

    def _red_bar(self, view: View) -> RedBar | None:
        if not view.red_bar:
            return None
        post = self.stage.service.post
        by_ear = view.spotlight is not None and view.spotlight.on
        filled = not by_ear and not any(choice.likely for choice in view.choices)
        return RedBar(self.stage, self._width, lambda: post(Event(Ev.CANNOT)), filled)

    def _place_pager(self, view: View, y: int) -> int:
        """Previous on the left, next on the right; our own pages first, then the view's."""
        mm, gap = self.stage.look.mm, self._spacing.gap
        outer = {choice.line.key: choice.event for choice in view.pager}
        post = self.stage.service.post
        self._pager_buttons: list[AnswerButton] = []
        width = (self._width - gap) // 2
        for key, icon, step, x in (
            (ui_keys.PREVIOUS, "back", -1, self._left),
            (ui_keys.NEXT, "next", 1, self._left + width + gap),
        ):
            inside = 0 <= self.page + step < self.page_count
            if not inside and key not in outer:
                continue
            fire = _turner(self, step) if inside else poster(post, outer[key])
            choice = Choice(Line(key), _OWN_PAGE if inside else outer[key], icon=icon)
            button = AnswerButton(self.stage, choice, width, fire, ems=self.stage.look.framed())
            button.settle(mm(PAGER_MM))
            button.pos = (x, y)
            self._pager_buttons.append(button)
        return y + mm(PAGER_MM) + gap

    def _place_items(self, items: list[Item], top: int, floor: int) -> int:
        gap, column = self._spacing.gap, self.stage.look.mm(MARK_COLUMN_MM)
        extra = self._card_growth(items, top - floor)
        before: Item | None = None
        at = 0
        while at < len(items):
            item = items[at]
            if before is None or (before.kind, item.kind) != ("text", "text"):
                top -= gap if (before is not None or item.kind != "text") else gap // 2
            if item.kind in ("fact", "case"):
                group = [other for other in items[at:] if other.kind == item.kind]
                at += len(group) - 1
                rows = [row for one in group for row in one.content]
                top = self._add(Panel(self.stage, self._width, rows), self._left, top)
            elif item.kind == "cards":
                top = self._place_cards(item, top, extra)
            elif item.kind == "choice":
                item.content.settle(item.height)
                top = self._add(item.content, self._left, top)
            elif item.kind in ("huge", "ink"):
                top = self._add(item.content, self._left + (self._width - int(item.content.width)) // 2, top)
            else:
                top = self._add(item.content, self._left + column, top)
            before = item
            at += 1
        return top

    def _card_growth(self, items: list[Item], room: int) -> int:
        """Cards share what is left over, up to a largest height."""
        rows = [item for item in items if item.kind == "cards"]
        if not rows:
            return 0
        spare = (room - total(items, self._spacing) - self._spacing.gap) // len(rows)
        largest = self.stage.look.mm(_CARD_MAX_MM) - max(item.height for item in rows)
        return max(min(spare, largest), 0)

    def _place_cards(self, item: Item, top: int, extra: int) -> int:
        x = self._left
        for card in item.content:
            card.settle(item.height + extra)
            self._add(card, x, top)
            x += int(card.width) + self._spacing.gap
        return top - item.height - extra

    def _place_picture(self, name: str, floor: int, top: int) -> None:
        mm, colour = self.stage.look.mm, self.stage.look.colour
        room = top - floor - self._spacing.gap
        # In steps, so that the drawings that are kept serve many screens.
        height = min(room, mm(self.anatomy.picture_mm)) // mm(PICTURE_STEP_MM) * mm(PICTURE_STEP_MM)
        if height < mm(_PICTURE_MIN_MM):
            return
        while self.stage.raster.width_for(name, height) > self._width:
            height -= mm(PICTURE_STEP_MM)
        inks = {"line": colour.ink, "accent": colour.mark, "fill": colour.mark, "soft": colour.spoken}
        if name == "house":
            inks = {"line": colour.edge, "accent": colour.ground, "fill": colour.mark, "soft": colour.bar}
        picture = Picture(self.stage, name, height, inks, role=semantics.IMAGE)
        picture.pos = ((self.stage.screen.width_px - int(picture.width)) // 2, floor + (top - floor - height) // 2)
        self.add_widget(picture)


def _buttons(content: Any) -> list[Any]:
    """The targets in a row of cards, a scale, or an answer that stands alone."""
    parts = content if isinstance(content, list) else [content, *getattr(content, "buttons", ())]
    return [part for part in parts if getattr(part, "event", None) is not None]


def _stack(buttons: list[Any], gap: int) -> int:
    return sum(button.natural + gap for button in buttons)


def _grown(natural: list[int], wanted: int, room: int, gap: int) -> list[int]:
    """Equal heights between what the words need and what is wanted, as far as there is room."""
    if not natural:
        return []
    equal = max(natural)
    most = (room - gap * len(natural)) // len(natural)
    if most >= equal:
        return [max(equal, min(wanted, most))] * len(natural)
    return natural


def poster(post: Callable[[Event], None], event: Event) -> Callable[[], None]:
    return lambda: post(event)


def _turner(sheet: Sheet, step: int) -> Callable[[], None]:
    return lambda: sheet.turn(step)
