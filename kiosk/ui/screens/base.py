"""The anatomy that every screen shares: what is said, then the thing itself, then the answers.

A screen renders a View and posts the Events of its choices; it decides nothing. Sizes come from the
rule in its `.kv`; when space is short pictures shrink first, then answers, then a page is turned. Words
never shrink.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.widget import Widget

from kiosk.domain.speech import Line
from kiosk.domain.view import Choice, View
from kiosk.domain.visit import Ev, Event
from kiosk.ui import semantics, ui_keys
from kiosk.ui.screens.flow import Item, Spacing, pages, total
from kiosk.ui.stage import Stage
from kiosk.ui.theme import ANSWER_MM, CARD_MM, GAP_MM, GAP_TIGHT_MM, MARGIN_MM, QUESTION
from kiosk.ui.widgets.answers import AnswerButton, RedBar, ServiceCard
from kiosk.ui.widgets.picture import Picture
from kiosk.ui.widgets.scale import ScaleRow
from kiosk.ui.widgets.small import GoodNews, Panel, Progress, SoundMark, case_rows, fact_rows
from kiosk.ui.widgets.text import Text

_MARK_MM = 18.0
MARK_COLUMN_MM = 22.0
_PICTURE_MIN_MM = 30.0
PICTURE_STEP_MM = 10.0
_CARD_MAX_MM = 112.0


class Screen(Widget):
    """One instance a step, built once; `render` fills it for the present view."""

    columns = NumericProperty(2)
    answer_mm = NumericProperty(ANSWER_MM)
    card_mm = NumericProperty(CARD_MM)
    picture_mm = NumericProperty(110)
    stack_big = BooleanProperty(False)
    """Big values below their label, not beside it."""
    list_answers = BooleanProperty(False)
    """Icons of the answers under each other, at the left."""

    def __init__(self, stage: Stage):
        super().__init__(size_hint=(None, None))
        self.stage = stage
        self.page = 0
        self.page_count = 1
        self.texts: list[Text] = []
        self.mark: SoundMark | None = None
        self._view: View | None = None
        self._changed: Callable[[], None] = lambda: None

    # building

    def render(self, view: View, bottom: int, top: int, changed: Callable[[], None]) -> None:
        """Fill the sheet between the bars. `changed` is called when a page is turned."""
        if self._view is None or _subject(self._view) != _subject(view):
            self.page = 0
        self._view, self._changed = view, changed
        self.pos, self.size = (0, bottom), (self.stage.screen.width_px, top - bottom)
        self._build(view)

    def leave(self) -> None:
        """Drop what the last view showed."""
        if self.mark is not None:
            self.mark.speak(False)
        self.mark = None
        self.texts = []
        self.clear_widgets()

    def turn(self, step: int) -> None:
        """Another page of the same view."""
        view = self._view
        if view is not None:
            self.page += step
            self._build(view)
            self._changed()

    def _build(self, view: View) -> None:
        """With the usual gaps; with narrow ones before a page must be turned."""
        wanted = self.page
        for gap_mm in (GAP_MM, GAP_TIGHT_MM):
            self.page = wanted  # The wide gaps may make fewer pages than the narrow ones, and have held it back.
            self.leave()
            self._build_with(view, self.stage.look.mm(gap_mm))
            if self.page_count == 1:
                return

    def _build_with(self, view: View, gap: int) -> None:
        mm = self.stage.look.mm
        self._left, self._width = mm(MARGIN_MM), self.stage.screen.width_px - 2 * mm(MARGIN_MM)
        self._spacing = Spacing(gap, 2 * mm(5))
        top = self._place_head(view, int(self.y + self.height) - gap)
        items = self._items(view)
        answers = [self._answer(choice) for choice in view.choices]
        floor = int(self.y) + gap
        self._fill(view, items, answers, floor, top)

    def _answer(self, choice: Choice) -> AnswerButton:
        post, event = self.stage.service.post, choice.event
        return AnswerButton(self.stage, choice, self._width, lambda: post(event), self.list_answers)

    def _place_head(self, view: View, y: int) -> int:
        """Progress, good news and question; gives the upper edge of what follows."""
        gap = self._spacing.gap
        if view.progress is not None:
            y = self._add(Progress(self.stage, *view.progress, self._width), self._left, y) - gap // 2
        if view.banner is not None:
            news = GoodNews(self.stage, view.banner, self._width)
            self.texts.append(news.text)
            y = self._add(news, self._left, y) - gap
        column = self.stage.look.mm(MARK_COLUMN_MM)
        question = self._text(view.question, self._width - column, QUESTION, True)
        below = self._add(question, self._left + column, y)
        self.mark = SoundMark(self.stage, self.stage.look.mm(_MARK_MM))
        self.add_widget(self.mark)
        self._set_mark(question)
        return below

    def _text(self, line: Line, width: int, ems: float, bold: bool) -> Text:
        colour = self.stage.look.colour.ink if bold else self.stage.look.colour.ink_soft
        text = Text(self.stage, self.stage.show(line), width=width, ems=ems, bold=bold, colour=colour, line=line)
        self.texts.append(text)
        return text

    def _add(self, widget: Any, x: int, top: int) -> int:
        """Put a widget below `top`; gives its lower edge."""
        widget.pos = (x, top - int(widget.height))
        self.add_widget(widget)
        return top - int(widget.height)

    def _set_mark(self, text: Text) -> None:
        assert self.mark is not None
        self.mark.pos = (self._left, round(text.y + text.height / 2 - self.mark.height / 2))

    # what may turn a page

    def _items(self, view: View) -> list[Item]:
        column = self.stage.look.mm(MARK_COLUMN_MM)
        items = [self._item("text", self._text(line, self._width - column, 1.0, False)) for line in view.body]
        items += self.extras(view)
        post = self.stage.service.post
        scales = [ScaleRow(self.stage, scale, self._width, self._spacing.gap, post) for scale in view.scales]
        items += [Item("choice", row.natural, row) for row in scales]
        for fact in view.facts:
            rows = fact_rows(self.stage, fact, self._width, self.stack_big)
            items.append(Item("fact", sum(max(int(part.height) for part in row) for row in rows), rows))
        if view.case_no:
            rows = case_rows(self.stage, view.case_no, self._width)
            items.append(Item("case", sum(max(int(part.height) for part in row) for row in rows), rows))
        return items + self._card_rows(view)

    def picture(self, view: View) -> str:
        """Name of the picture, empty when there is none."""
        return view.picture

    def extras(self, view: View) -> list[Item]:
        """What one screen adds to the anatomy."""
        return []

    @staticmethod
    def _item(kind: str, widget: Any) -> Item:
        return Item(kind, int(widget.height), widget)

    def _card_rows(self, view: View) -> list[Item]:
        """Large words wrap less in one wide column than in two narrow ones."""
        return self._grid(view, int(self.columns) if self.stage.look.size == 0 else 1)

    def _grid(self, view: View, columns: int) -> list[Item]:
        width = (self._width - (columns - 1) * self._spacing.gap) // columns
        post = self.stage.service.post
        cards = [ServiceCard(self.stage, card, width, _poster(post, card.event)) for card in view.cards]
        rows = [cards[at : at + columns] for at in range(0, len(cards), columns)]
        return [Item("cards", max(card.natural for card in row), row) for row in rows]

    # filling the sheet

    def _fill(self, view: View, items: list[Item], answers: list[AnswerButton], floor: int, top: int) -> None:
        gap = self._spacing.gap
        red = self._red_bar(view)
        fixed = [red] if red else []
        need = total(items, self._spacing) + (gap if items else 0)
        foot = _stack([*fixed, *answers], gap)
        pager = bool(view.pager)
        pager_height = self.stage.look.mm(34) + gap
        room = top - floor
        if need + foot + (pager_height if pager else 0) <= room:
            shown, self.page, self.page_count = items, 0, 1
        else:
            pager = True
            highest = max((item.height for item in items), default=0) + self._spacing.panel + pager_height + gap
            if foot + highest > room:
                items = [*items, *(Item("choice", answer.natural, answer) for answer in answers)]
                answers = []
                foot = _stack(fixed, gap)
            if red and foot + highest > room:
                items, red, foot = [*items, Item("choice", red.natural, red)], None, 0
            # Where the largest words leave no room below the question, it stands on the first page alone.
            whole = int(self.y + self.height) - gap
            alone = foot + highest > room
            less = foot + pager_height + gap
            paged = pages(items, room - less, self._spacing, whole - floor - less if alone else None)
            self.page_count = len(paged)
            self.page = min(max(self.page, 0), len(paged) - 1)
            shown = paged[self.page]
            if alone and self.page:
                self.leave()
                top = whole
                room = top - floor
        used = total(shown, self._spacing) + (gap if shown else 0) + (pager_height if pager else 0)
        top = self._place_foot(answers, red, room - used, floor, top, pager, view, shown)

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
        reserve = mm(self.picture_mm * 0.6) if self.picture(view) else 0
        heights = _grown(
            [answer.natural for answer in answers],
            mm(self.answer_mm),
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
        filled = not any(choice.likely for choice in view.choices)
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
            fire = _turner(self, step) if inside else _poster(post, outer[key])
            choice = Choice(Line(key), Event(Ev.PAGE), icon=icon)
            button = AnswerButton(self.stage, choice, width, fire, ems=self.stage.look.framed())
            button.settle(mm(34))
            button.pos = (x, y)
            self._pager_buttons.append(button)
        return y + mm(34) + gap

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
        height = min(room, mm(self.picture_mm)) // mm(PICTURE_STEP_MM) * mm(PICTURE_STEP_MM)
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

    def see(self) -> None:
        """What a camera sees has changed. Of no concern to most screens."""

    # the voice

    def light(self, key: str | None, index: int) -> None:
        """The clause that is being said; None = silence."""
        spoken = None
        for text in self.texts:
            hit = key is not None and text.key == key and text.parent is not None
            text.highlight(index if hit else None)
            spoken = text if hit else spoken
        if self.mark is not None:
            moving = spoken is not None and self.stage.service.state.access.rate_percent >= 100
            self.mark.speak(moving)
            if spoken is not None and spoken.parent is self:
                self._set_mark(spoken)


def _subject(view: View) -> tuple[object, ...]:
    return (
        view.step,
        view.overlay,
        view.question,
        view.body,
        view.cards,
        tuple(choice.line for choice in view.choices),
    )


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


def _poster(post: Callable[[Event], None], event: Event) -> Callable[[], None]:
    return lambda: post(event)


def _turner(screen: Screen, step: int) -> Callable[[], None]:
    return lambda: screen.turn(step)
