"""The anatomy that every screen shares: what is said, then the thing itself, then the answers.

A screen renders a View and posts the Events of its choices; it decides nothing. Sizes come from
its row in `table.py`; when space is short pictures shrink first, then answers, then a page is turned. Words
never shrink.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from kiosk.domain.screens.compose import WORD_COLUMNS, Choice, View
from kiosk.domain.speech import RATE_DEFAULT, Line
from kiosk.domain.typing.state import Ink
from kiosk.domain.visit.machine import Access, Ev, Event
from kiosk.ui import semantics
from kiosk.ui.drawing.theme import GAP_MM, GAP_TIGHT_MM, MARGIN_MM, QUESTION, TITLE
from kiosk.ui.input.reach import NOWHERE, Above
from kiosk.ui.screens.anatomy import Anatomy
from kiosk.ui.screens.flow import Item, Spacing, total
from kiosk.ui.screens.sheet import MARK_COLUMN_MM, PAGER_MM, Sheet, poster
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.answers import AnswerButton, ServiceCard
from kiosk.ui.widgets.button import BigButton
from kiosk.ui.widgets.ink import InkPad
from kiosk.ui.widgets.pad import Pad
from kiosk.ui.widgets.scale import ScaleRow
from kiosk.ui.widgets.small import GoodNews, Panel, Progress, SoundMark, case_rows, fact_rows
from kiosk.ui.widgets.text import Text

_MARK_MM = 18.0
_HUGE_EMS = (4.2, 3.6, 3.0, 2.6, 2.1, 1.8, 1.4)
_PAD_SHARE = 0.5
"""Of the sheet's height; a higher pad is cut between its rows."""
_HUGE_ROWS = 3
_HUGE_BESIDE = 4
"""Where keys stand below it, it begins at this one."""
_HUGE_SHARE = 0.4
"""Of the sheet's height, at most."""
_ONLY_READ = ("text", "fact", "case")
"""Kinds of items without a target."""
_FEW_PAGES = 2


class _Try(NamedTuple):
    """One way to lay a sheet out."""

    gap_mm: float
    typed_above: bool = False
    """What was typed stands above its keys."""
    low_keys: bool = False
    terse: bool = False
    """The question in the body's letters, without the way so far, and on the first page alone."""


class Screen(Sheet):
    """`render` fills it for the present view; one whose anatomy says so is kept as it is when another screen comes."""

    def __init__(self, stage: Stage, anatomy: Anatomy):
        super().__init__(stage, anatomy)
        self._view: View | None = None
        self._made_for: tuple[object, ...] = ()
        self.is_somebodys = False
        """True when it shows a visit in which somebody is known."""
        self._changed: Callable[[], None] = lambda: None
        self.ink: InkPad | None = None
        """The square that is written in, once one was shown; on the screen while it has a parent."""
        self._ink_look = stage.look
        self._above = NOWHERE
        self._low_keys = self._typed_above = self._terse = False
        self._tried = 0
        """Which try stands there."""
        self._low_for: Line | None = None
        """The question whose keys are low."""

    # building

    def render(self, view: View, bottom: int, top: int, changed: Callable[[], None], head: Above = NOWHERE) -> None:
        """Fill the sheet between the bars. `changed` is called when a page is turned.

        :param head: where the question may stand above everything that can be touched.
        """
        if self._view is None or self.subject(self._view) != self.subject(view):
            self.page = 0
        held = self.holds(view) and (bottom, top, head) == (self.y, self._content_top, self._above)
        self._view, self._changed = view, changed
        self._made_for = self._circumstances(view)
        if held:
            return
        self._content_top, self._above = top, head
        self.pos, self.size = (0, bottom), (self.stage.screen.width_px, max(top, head.ceiling) - bottom)
        self._build(view)

    def _circumstances(self, view: View) -> tuple[object, ...]:
        """What a sheet is built from; voice and light change nothing of it."""
        by_ear = view.spotlight is not None and view.spotlight.on
        still = replace(view, say=(), spotlight=None)
        return (still, by_ear, self.stage.look, self.stage.lang, self.stage.screen)

    @property
    def is_filled(self) -> bool:
        return bool(self.children)

    def holds(self, view: View) -> bool:
        """Whether this view stands on the sheet as it would be built now."""
        return self.anatomy.is_kept and self.is_filled and self._made_for == self._circumstances(view)

    def rest(self) -> None:
        """Another screen comes: a kept one stays as it is, without what voice and keys had marked."""
        if not self.anatomy.is_kept:
            self.leave()
            return
        self.light(None, 0)
        for widget in semantics.described(self):
            if isinstance(widget, BigButton):
                widget.focus(False)
                widget.light(False)

    def turn(self, step: int) -> None:
        """Another page of the same view."""
        view = self._view
        if view is not None:
            self.page += step
            self._build(view, turned=True)
            self._changed()

    def _build(self, view: View, turned: bool = False) -> None:
        """With the usual gaps; with narrow ones, then with low keys, before a page must be turned; tersely, where that
        is wanted, before two are.

        :param turned: another page of what stands there, laid out as it is.
        """
        wanted = self.page
        tries = self._tries(view)
        turning = next((at for at, one in enumerate(tries) if one.terse), len(tries)) - 1
        for at in range(self._tried if turned and self.page_count > 1 else 0, len(tries)):
            gap_mm, self._typed_above, self._low_keys, self._terse = tries[at]
            self.page = wanted  # The wide gaps may make fewer pages than the narrow ones, and have held it back.
            self._must_turn = at >= turning
            self._tried = at
            self.leave()
            self._build_with(view, self.stage.look.mm(gap_mm))
            if self.page_count == 1 or (self._must_turn and self.page_count <= _FEW_PAGES):
                break
        self._low_for = view.question if self._typed_above and self._low_keys else None

    def _tries(self, view: View) -> tuple[_Try, ...]:
        """Keys that stay where they are have the narrow gaps from the beginning, and are low for as long as the same is
        asked once they had to be: none slips from under a finger because something is said above.
        """
        terse = (_Try(GAP_TIGHT_MM, terse=True),) if self.anatomy.few_pages else ()
        plain = (_Try(GAP_MM), _Try(GAP_TIGHT_MM), *terse)
        if not (self.anatomy.pad_below and view.pad):
            return plain
        tall = () if self._low_for == view.question else (_Try(GAP_TIGHT_MM, typed_above=True),)
        return (*tall, _Try(GAP_TIGHT_MM, typed_above=True, low_keys=True), *plain)

    def _build_with(self, view: View, gap: int) -> None:
        mm = self.stage.look.mm
        self._left, self._width = mm(MARGIN_MM), self.stage.screen.width_px - 2 * mm(MARGIN_MM)
        self._spacing = Spacing(gap, 2 * mm(5))
        items = self._items(view)
        of_items = self.texts
        self.texts = []
        top = self._head(view, gap, items)
        self.texts += of_items
        answers = [self._answer(choice) for choice in view.choices]
        floor = int(self.y) + gap
        self._fill(view, items, answers, floor, top)

    def _head(self, view: View, gap: int, items: list[Item]) -> int:
        """Above all that can be touched where that is wanted and there is room, else first of the sheet.

        What is only read follows the question as far as there is room above, and is taken out of `items`.
        """
        if self._above is NOWHERE:
            return self._place_head(view, self._content_top - gap)
        floor = self._above.floor + gap
        below = self._place_head(view, self._above.ceiling - gap)
        if below < floor:
            self._unplace_head()
            return self._place_head(view, self._content_top - gap)
        read = self._readable_above(items, below - floor - gap)
        self._place_items(items[:read], below, floor)
        del items[:read]
        return self._content_top - gap

    def _readable_above(self, items: list[Item], room: int) -> int:
        """How many of the first items fit there; what shares a card stays together."""
        read = 0
        for at, item in enumerate(items):
            if item.kind not in _ONLY_READ or total(items[: at + 1], self._spacing) > room:
                break
            if at + 1 == len(items) or item.kind == "text" or items[at + 1].kind != item.kind:
                read = at + 1
        return read

    def _unplace_head(self) -> None:
        """There is no room for it above: as if it had never stood there."""
        self.texts, self.mark = [], None
        self.clear_widgets()

    def _answer(self, choice: Choice) -> AnswerButton:
        post, event = self.stage.service.post, choice.event
        return AnswerButton(self.stage, choice, self._width, lambda: post(event), self.anatomy.list_answers)

    def _place_head(self, view: View, y: int) -> int:
        """Progress, good news and question; gives the upper edge of what follows."""
        gap = self._spacing.gap
        if view.progress is not None and not self._terse:
            y = self._add(Progress(self.stage, *view.progress, self._width), self._left, y) - gap // 2
        if view.banner is not None:
            news = GoodNews(self.stage, view.banner, self._width)
            self.texts.append(news.text)
            y = self._add(news, self._left, y) - gap
        column = self.stage.look.mm(MARK_COLUMN_MM)
        question = self._question(view.question, self._width - column, y - int(self.y))
        below = self._add(question, self._left + column, y)
        self.mark = SoundMark(self.stage, self.stage.look.mm(_MARK_MM))
        self.add_widget(self.mark)
        self._set_mark(question)
        return below

    def _question(self, line: Line, width: int, room: int) -> Text:
        """In the largest letters that leave room to turn the page below it; never in smaller ones than the body's."""
        least = self.stage.look.mm(PAGER_MM) + 3 * self._spacing.gap
        for ems in (1.0,) if self._terse else (QUESTION, TITLE, 1.0):
            question = self._text(line, width, ems, True)
            if question.height + least <= room:
                break
            self.texts.pop()
        else:
            self.texts.append(question)
        return question

    def _text(self, line: Line, width: int, ems: float, bold: bool) -> Text:
        colour = self.stage.look.colour.ink if bold else self.stage.look.colour.ink_soft
        text = Text(self.stage, self.stage.show(line), width=width, ems=ems, bold=bold, colour=colour, line=line)
        self.texts.append(text)
        return text

    def _set_mark(self, text: Text) -> None:
        assert self.mark is not None
        self.mark.pos = (self._left, round(text.y + text.height / 2 - self.mark.height / 2))

    # what may turn a page

    def _items(self, view: View) -> list[Item]:
        column = self.stage.look.mm(MARK_COLUMN_MM)
        items = [self._item("text", self._text(line, self._width - column, 1.0, False)) for line in view.body]
        items += self.extras(view)
        post = self.stage.service.post
        if view.huge is not None:
            items.append(self._item("huge", self._huge(view, view.huge)))
        if self._typed_above:
            items += [*self._fact_items(view), *self._pads(view)]
        else:
            items += self._pads(view)
        scales = [ScaleRow(self.stage, scale, self._width, self._spacing.gap, post) for scale in view.scales]
        items += [Item("choice", row.natural, row) for row in scales]
        items += [] if self._typed_above else self._fact_items(view)
        if view.case_no:
            rows = case_rows(self.stage, view.case_no, self._width)
            items.append(Item("case", sum(max(int(part.height) for part in row) for row in rows), rows))
        return items + self._card_rows(view)

    def _fact_items(self, view: View) -> list[Item]:
        inner = self._width - 2 * self.stage.look.mm(Panel.PAD_MM)
        told = [[[self._text(line, inner, 1.0, True)]] for line in view.rows]
        made = [*told, *(fact_rows(self.stage, fact, self._width, self.anatomy.stack_big) for fact in view.facts)]
        return [Item("fact", sum(max(int(part.height) for part in row) for row in rows), rows) for rows in made]

    def extras(self, view: View) -> list[Item]:
        """What one screen adds to the anatomy."""
        return []

    def _huge(self, view: View, line: Line) -> Text:
        """As large as it stands in few rows; the words themselves never shrink below the question's."""
        beside = view.words or view.pad or view.ink is not None
        for ems in _HUGE_EMS[_HUGE_BESIDE:] if beside else _HUGE_EMS:
            text = self._text(line, self._width, ems, True)
            self.texts.pop()
            if len(text.rows) <= _HUGE_ROWS and text.height <= self.height * _HUGE_SHARE and text.fits():
                break
        self.texts.append(text)
        return text

    def _pads(self, view: View) -> list[Item]:
        """Suggestions, the square to write in, keys."""
        items: list[Item] = []
        for keys, columns in ((view.words, WORD_COLUMNS), (view.pad, view.pad_columns)):
            items += [Item("choice", pad.natural, pad) for pad in self._pad_parts(keys, columns)]
        if view.ink is not None:
            items.insert(1 if view.words else 0, self._ink_item(view.ink))
        return items

    def _pad_parts(self, keys: Sequence[Choice], columns: int) -> list[Any]:
        """One pad; where it would fill a page by itself, parts of it that pages can break between."""
        if not keys:
            return []
        gap, post, width = self._spacing.gap, self.stage.service.post, self._width
        whole = Pad(self.stage, keys, columns, width, gap, post, self._low_keys)
        rows = (len(keys) + columns - 1) // columns
        most = int(self.height * _PAD_SHARE)
        if whole.natural <= most or rows == 1:
            return [whole]
        each = columns * max(most * rows // (whole.natural + gap), 1)
        parts = [keys[at : at + each] for at in range(0, len(keys), each)]
        return [Pad(self.stage, part, columns, width, gap, post, low=True) for part in parts]

    def _ink_item(self, ink: Ink) -> Item:
        if self.ink is None or self.ink.stage.look != self._ink_look:
            self.ink, self._ink_look = InkPad(self.stage), self.stage.look
        self.ink.show(ink)
        return Item("ink", self.ink.natural, self.ink)

    @staticmethod
    def _item(kind: str, widget: Any) -> Item:
        return Item(kind, int(widget.height), widget)

    def _card_rows(self, view: View) -> list[Item]:
        """Large words wrap less in one wide column than in two narrow ones."""
        return self._grid(view, self.anatomy.columns if self.stage.look.size == 0 else 1)

    def _grid(self, view: View, columns: int) -> list[Item]:
        width = (self._width - (columns - 1) * self._spacing.gap) // columns
        post = self.stage.service.post
        cards = [ServiceCard(self.stage, card, width, poster(post, card.event)) for card in view.cards]
        rows = [cards[at : at + columns] for at in range(0, len(cards), columns)]
        return [Item("cards", max(card.natural for card in row), row) for row in rows]

    def see(self) -> None:
        """What a camera sees has changed. Of no concern to most screens."""

    def draw(self, uid: int, x: float, y: float, *, begins: bool) -> bool:
        """A finger writes at this place, in pixels. True on a screen that is written on, and where it may be."""
        return self.ink is not None and self.ink.parent is not None and self.ink.follow(uid, x, y, begins=begins)

    def lift(self, uid: int) -> bool:
        """The finger that wrote is lifted. True when it did."""
        stroke = self.ink.lift(uid) if self.ink is not None else ()
        if stroke:
            self.stage.service.post(Event(Ev.DRAWN, stroke))
        return bool(stroke)

    def subject(self, view: View) -> tuple[object, ...]:
        """What it is about: while that stays, so does the page."""
        return (
            view.step,
            view.overlay,
            view.question,
            view.body,
            view.rows,
            view.cards,
            tuple(choice.line for choice in view.choices),
        )

    # the voice

    def light(self, key: str | None, index: int) -> None:
        """The clause that is being said; None = silence."""
        spoken = None
        for text in self.texts:
            hit = key is not None and text.key == key and text.parent is not None
            text.highlight(index if hit else None)
            spoken = text if hit else spoken
        if self.mark is not None:
            moving = spoken is not None and _may_move(self.stage.service.state.access)
            self.mark.speak(moving)
            if spoken is not None and spoken.parent is self:
                self._set_mark(spoken)


def _may_move(access: Access) -> bool:
    """Nothing moves by itself for somebody who wants it slow."""
    return access.rate_percent >= RATE_DEFAULT and not access.slow
