"""The top bar (where you are, which language) and the bottom bar (five fixed places)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.domain.speech import Lang, Line
from kiosk.domain.visit.machine import Ev, Event
from kiosk.ui import semantics, ui_keys
from kiosk.ui.drawing.theme import GAP_MIN_MM, ICON_MM, Tokens
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.button import BigButton, Style, alarm, plain
from kiosk.ui.widgets.fill import Ground
from kiosk.ui.widgets.picture import Picture
from kiosk.ui.widgets.text import Text
from kiosk.ui.widgets.voice_row import VoiceRow

_PAD_MM = 6.0
_KEY_GAP_MM = 4.0
_RULE_MM = 0.8


def _half_style(colour: Tokens, chosen: bool) -> Style:
    fill = colour.chosen if chosen else colour.bar
    return Style(fill, colour.edge, colour.edge, colour.mark)


class LanguageHalf(BigButton):
    """One language; the one that is on has a tick, a tint and a thicker foot, not colour alone."""

    def __init__(self, stage: Stage, lang: Lang, fire: Callable[[], None]):
        line = Line(ui_keys.LANGUAGES[lang])
        self.is_on = stage.lang is lang
        super().__init__(stage, _half_style(stage.look.colour, self.is_on), line, fire)
        self.is_selected, self.event = self.is_on, Event(Ev.LANGUAGE, lang)
        mm = stage.look.mm
        words = self.words(line, mm(90), stage.look.framed(), self.is_on)
        height = int(words.height) + mm(5)
        self.size = (int(words.width) + mm(8), height)
        self.put(words, mm(4), mm(1.2) if self.is_on else mm(2))
        if self.is_on:
            foot = self.stage.look.mm(1.6)
            with self.canvas:
                Color(*self.style.edge, 1)
                self._foot = Rectangle(size=(self.width - mm(14), foot))
            self.bind(pos=self._set_foot)

    def _set_foot(self, *_: object) -> None:
        mm = self.stage.look.mm
        self._foot.pos = (self.x + mm(7), self.y + mm(2.9))


class TopBar(Widget):
    """:param languages: technician mode has one language and offers none. :param top: its upper edge, in pixels."""

    def __init__(self, stage: Stage, post: Callable[[Event], None], languages: bool, top: int):
        super().__init__(size_hint=(None, None))
        mm, colour = stage.look.mm, stage.look.colour
        width, pad = stage.screen.width_px, mm(_PAD_MM)
        halves = [LanguageHalf(stage, lang, _language(post, lang)) for lang in (Lang.NAN, Lang.CMN)]
        gap = mm(GAP_MIN_MM) + 1
        left_of_halves = width - pad - sum(int(half.width) for half in halves) - gap
        house = Picture(
            stage, "house", mm(15), {"line": colour.mark, "fill": colour.mark, "soft": colour.bar, "accent": colour.bar}
        )
        room = left_of_halves - 2 * pad
        place = self._place(stage, room - int(house.width) - mm(4))
        with_house = len(place.rows) == 1 and place.fits()
        if not with_house:
            place = self._place(stage, room)
        height = max(int(halves[0].height), int(place.height)) + mm(6)
        self.size = (width, height)
        self.y = top - height
        self.canvas.add(Ground(colour.bar, (0, int(self.y), width, top)))
        self.canvas.add(Ground(colour.rule, (0, int(self.y), width, int(self.y) + mm(_RULE_MM))))
        middle = self.y + mm(_RULE_MM) + (height - mm(_RULE_MM)) // 2
        x = pad
        if with_house:
            house.pos = (x, middle - int(house.height) // 2)
            self.add_widget(house)
            x += int(house.width) + mm(4)
        place.pos = (x, middle - int(place.height) // 2)
        self.add_widget(place)
        x = left_of_halves
        for half in halves if languages else ():
            half.pos = (x, middle - int(half.height) // 2)
            self.add_widget(half)
            x += int(half.width) + gap

    @staticmethod
    def _place(stage: Stage, width: int) -> Text:
        return Text(stage, stage.place, width=max(width, 1), bold=True, role=semantics.TEXT, key="place")


def _language(post: Callable[[Event], None], lang: Lang) -> Callable[[], None]:
    return lambda: post(Event(Ev.LANGUAGE, lang))


@dataclass(frozen=True, slots=True)
class BarPlace:
    """One of the five places of the bottom bar, from left to right."""

    name: str
    key: str
    icon: str


PLACES = (
    BarPlace("leave", ui_keys.LEAVE, "leave"),
    BarPlace("back", ui_keys.BACK, "back"),
    BarPlace("again", ui_keys.AGAIN, "again"),
    BarPlace("access", ui_keys.ACCESS, "access"),
    BarPlace("call", ui_keys.CALL, "bell"),
)


class BarKey(BigButton):
    """Icon above one line of words, or beside two lines where the words are long."""

    def __init__(self, stage: Stage, place: BarPlace, fire: Callable[[], None]):
        colour = stage.look.colour
        style = alarm(colour, filled=False) if place.name == "call" else plain(colour)
        super().__init__(stage, style, Line(place.key), fire)
        mm = stage.look.mm
        self._icon = self.icon(place.icon, mm(ICON_MM))
        # The two words of the access key stand under each other: the stroke between them would be a third sign.
        shown = self.name.replace("/", " ")
        longest = max((part for part in shown.split(" ")), key=len)
        ems = stage.look.framed()
        widest = stage.look.em(ems * (len(longest) + 0.2))
        self._words = Text(
            stage,
            shown,
            width=widest,
            ems=ems,
            bold=True,
            align="center",
            colour=style.ink,
            line=Line(place.key),
            role="",
        )
        self.beside = len(self._words.rows) > 1
        if self.beside:
            self.least = int(self._words.width + self._icon.width) + mm(8)
            self.natural = int(max(self._words.height, self._icon.height)) + mm(5)
        else:
            self.least = int(max(self._words.width, self._icon.width)) + mm(3)
            self.natural = int(self._words.height + self._icon.height) + mm(5)

    def settle(self, width: int, height: int) -> None:
        mm = self.stage.look.mm
        self.size = (width, height)
        room = height - self._sink
        if self.beside:
            left = (width - int(self._words.width + self._icon.width) - mm(2)) // 2
            self.put(self._icon, left, (room - int(self._icon.height)) // 2)
            self.put(self._words, left + int(self._icon.width) + mm(2), (room - int(self._words.height)) // 2)
        else:
            top = (room - int(self._words.height + self._icon.height)) // 2
            self.put(self._icon, (width - int(self._icon.width)) // 2, top + mm(1.2))
            self.put(self._words, (width - int(self._words.width)) // 2, top + int(self._icon.height) + mm(0.4))


class BottomBar(Widget):
    """Places never move: a key that has no meaning on a screen leaves its place empty. Above them stands the voice.

    :param voice: technician mode has none. :param bottom: its lower edge, in pixels.
    """

    def __init__(self, stage: Stage, fires: dict[str, Callable[[], None]], voice: VoiceRow | None, bottom: int):
        super().__init__(size_hint=(None, None), y=bottom)
        mm, colour = stage.look.mm, stage.look.colour
        self.keys = {place.name: BarKey(stage, place, fires[place.name]) for place in PLACES}
        width, gap = stage.screen.width_px, mm(_KEY_GAP_MM)
        key_height = max(key.natural for key in self.keys.values())
        height = key_height + 2 * mm(4)
        self.voice = voice
        if voice is not None:
            voice.pos = (mm(_KEY_GAP_MM), bottom + height)
            height += int(voice.height) + gap
        self.size = (width, height)
        self.canvas.add(Ground(colour.bar, (0, bottom, width, bottom + height)))
        spare = width - 2 * mm(_KEY_GAP_MM) - 4 * gap - sum(key.least for key in self.keys.values())
        x = mm(_KEY_GAP_MM)
        for key in self.keys.values():
            key.settle(key.least + max(spare, 0) // 5, key_height)
            key.pos = (x, bottom + mm(4))
            x += int(key.width) + gap
        self.show({})

    def show(self, events: Mapping[str, Event]) -> None:
        """:param events: what each place posts that has a meaning now."""
        for name, key in self.keys.items():
            key.event = events.get(name)
        wanted = [key for name, key in self.keys.items() if name in events]
        if self.voice is not None:
            wanted.insert(0, self.voice)
        # Kivy keeps the last added child first. What stands there already is not drawn again.
        if self.children != wanted[::-1]:
            self.clear_widgets()
            for widget in wanted:
                self.add_widget(widget)
