"""What hands, voice and settings can do to a screen, drawn from a seed; and whether the picture is still the whole one.

`make press-stress` runs 2,000 actions on a real X screen; the window tests run some on the buffer alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from kiosk.domain.screens.compose import TEXT_SIZES, THEMES
from kiosk.domain.speech import Lang

KEYS = (273, 274, 275, 276, 9)
"""Arrows and Tab."""
LONG = "陈" * 60


@dataclass
class Stress:
    """Random actions on a rig; `describe` of each is kept for the failure's text."""

    rig: Any
    scenes: dict[str, Any]
    chance: random.Random
    touches: list[Any] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def actions(self) -> dict[str, tuple[int, Callable[[], str]]]:
        """Name -> how often, what it does."""
        return {
            "press": (30, self._press),
            "slide off": (8, self._slide),
            "second finger": (6, self._second),
            "lift": (24, self._lift),
            "screen": (10, self._screen),
            "theme": (3, self._theme),
            "size": (3, self._size),
            "language": (3, self._language),
            "clause": (20, self._clause),
            "silence": (4, self._silence),
            "key": (10, self._key),
            "page": (5, self._page),
            "beat": (6, self._beat),
            "overlong": (2, self._overlong),
        }

    def run(self, count: int) -> Iterator[str]:
        table = self.actions()
        names, weights = list(table), [weight for weight, _ in table.values()]
        for name in self.chance.choices(names, weights, k=count):
            done = f"{name}: {table[name][1]()}"
            self.done.append(done)
            yield done

    def _press(self) -> str:
        buttons = self.rig.shell.buttons()
        if not buttons:
            return "no button"
        button = self.chance.choice(buttons)
        self.touches.append(
            self.rig.down(button.x + button.width / 2, button.y + button.height / 2, f"f{len(self.done)}")
        )
        return str(button.key)

    def _slide(self) -> str:
        if not self.touches:
            return "nothing"
        touch = self.touches[-1]
        touch.touch_move(self.chance.uniform(0, self.rig.pane.width), self.chance.uniform(0, self.rig.pane.height))
        return "away"

    def _second(self) -> str:
        self._press()
        return self._press()

    def _lift(self) -> str:
        if not self.touches:
            return "nothing"
        self.touches.pop(self.chance.randrange(len(self.touches))).touch_up()
        self.rig.clock.now_s += 1.0
        return "a finger"

    def _screen(self) -> str:
        name = self.chance.choice(sorted(self.scenes))
        access = getattr(self.rig.service.state, "access", None)
        state = self.scenes[name]
        keep = access is not None and not hasattr(state, "vendor") and self.chance.random() < 0.7
        self.rig.service.show(replace(state, access=access) if keep else state)
        return name

    def _change(self, **access: object) -> str:
        state = self.rig.service.state
        if hasattr(state, "vendor"):
            return "technician mode has none"
        self.rig.service.show(replace(state, access=replace(state.access, **access)))
        return str(access)

    def _theme(self) -> str:
        return self._change(theme=self.chance.choice(THEMES))

    def _size(self) -> str:
        return self._change(size=self.chance.randrange(TEXT_SIZES))

    def _language(self) -> str:
        lang = self.chance.choice(list(Lang))
        self.rig.service.show(replace(self.rig.service.state, lang=lang))
        return lang.value

    def _clause(self) -> str:
        texts = self.rig.shell.screen.texts
        if not texts:
            return "no text"
        key, at = self.chance.choice(texts).key, self.chance.randrange(3)
        self.rig.service.clause(key, at)
        return f"{key} {at}"

    def _silence(self) -> str:
        self.rig.service.clause(None, 0)
        return ""

    def _key(self) -> str:
        code = self.chance.choice(KEYS)
        self.rig.key(code)
        return str(code)

    def _page(self) -> str:
        screen = self.rig.shell.screen
        step = self.chance.choice((-1, 1))
        if 0 <= screen.page + step < screen.page_count:
            screen.turn(step)
        return str(step)

    def _beat(self) -> str:
        mark = self.rig.shell.screen.mark
        if mark is not None:
            mark.speak(True)
            mark._step(0.5)
        return "sound mark"

    def _overlong(self) -> str:
        state = self.rig.service.state
        if getattr(state, "resident", None) is None:
            return "nobody"
        self.rig.service.show(replace(state, resident=replace(state.resident, name=LONG)))
        return "a name of 60"
