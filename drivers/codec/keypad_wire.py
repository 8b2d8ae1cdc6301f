"""A keypad's events told to a technician: that a key was pressed and released, never which digit it was.

Digits may be a resident's number; keys that move and confirm are nobody's secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drivers.codec.input_event import (
    EV_KEY,
    EV_SYN,
    LAYOUT,
    PRESSED,
    RELEASED,
    REPEATED,
    SYN_DROPPED,
    EventParser,
    InputEvent,
    encode_event,
)
from drivers.codec.keypad_keys import CODE_OF_NAME
from drivers.codec.wire import Direction, Passage, Sign, WireLine, hexed, hidden, stray

_NAME_OF_CODE: Mapping[int, str] = {code: name for name, code in CODE_OF_NAME.items()}
BOUNCE_S = 0.03
"""A worn contact closes twice within this time; no finger does."""
_DONE = {PRESSED: "pressed", RELEASED: "released", REPEATED: "held"}


def describe(passages: Sequence[Passage]) -> list[WireLine]:
    lines: list[WireLine] = []
    told, parser, discarded, at_s = _Told(), EventParser(), 0, 0.0
    for passage in passages:
        at_s = passage.at_s
        events = parser.feed(passage.data)
        if parser.discarded_bytes > discarded:
            lines.append(stray(at_s, passage.direction, bytes(parser.discarded_bytes - discarded), "no input event"))
            discarded = parser.discarded_bytes
        lines += [told.line(at_s, event) for event in events]
    if parser.held_bytes:
        lines.append(stray(at_s, Direction.FROM_DEVICE, bytes(parser.held_bytes), "half an input event"))
    if told.open_report:
        lines.append(stray(at_s, Direction.FROM_DEVICE, bytes(LAYOUT.size), "a report without its end"))
    if told.held:
        lines.append(WireLine(at_s, Direction.FROM_DEVICE, hidden(0), "a key is still down", Sign.TROUBLE, 0))
    return lines


class _Told:
    """What a sound kernel never does: press a key twice, release one that is up, or leave a report open."""

    def __init__(self) -> None:
        self.open_report = False
        self._down: dict[int, bool] = {}
        self._released_s: dict[int, float] = {}

    @property
    def held(self) -> bool:
        """Whether a key that was pressed has not been released."""
        return any(self._down.values())

    def line(self, at_s: float, event: InputEvent) -> WireLine:
        if event.type == EV_SYN:
            self.open_report = False
            fine = (event.code, event.value) == (0, 0)
            lost = "events were lost (SYN_DROPPED)" if event.code == SYN_DROPPED else "a spoiled end of a report"
            return self._made(at_s, event, "end of a report" if fine else lost, Sign.EVENT if fine else Sign.STRAY)
        self.open_report = True
        if event.type != EV_KEY:
            return self._made(at_s, event, f"event type {event.type}", Sign.EVENT)
        return self._key(at_s, event)

    def _key(self, at_s: float, event: InputEvent) -> WireLine:
        if event.value not in _DONE:
            return self._made(at_s, event, "key with an impossible value", Sign.STRAY)
        again = event.value != REPEATED and self._down.get(event.code, event.value == RELEASED) == bool(event.value)
        again = again and event.code in self._down
        self._down[event.code] = event.value != RELEASED
        name = _NAME_OF_CODE.get(event.code, "unknown")
        shown = "digit" if name[-1].isdigit() and name[0] != "F" else name
        twice = ", told twice" if again else ""
        if event.value == PRESSED and at_s - self._released_s.get(event.code, at_s - 2 * BOUNCE_S) < BOUNCE_S:
            return self._made(at_s, event, f"key {shown} pressed again at once: its contact bounces", Sign.TROUBLE)
        if event.value == RELEASED:
            self._released_s[event.code] = at_s
        return self._made(at_s, event, f"key {shown} {_DONE[event.value]}{twice}", Sign.STRAY if again else Sign.EVENT)

    def _made(self, at_s: float, event: InputEvent, meaning: str, sign: Sign) -> WireLine:
        # A scan code (EV_MSC) names the key as well as its key code does: only the end of a report is shown.
        shown = hexed(encode_event(event)) if event.type == EV_SYN else hidden(LAYOUT.size)
        return WireLine(at_s, Direction.FROM_DEVICE, shown, meaning, sign, LAYOUT.size)
