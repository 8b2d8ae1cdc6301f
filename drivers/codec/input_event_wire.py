"""Kernel input events told to a technician. A plug in a socket is nobody's secret: everything is shown."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.codec.input_event import EV_SW, EV_SYN, LAYOUT, SW_HEADPHONE_INSERT, SYN_DROPPED, EventParser, InputEvent
from drivers.codec.input_event import encode_event as encoded
from drivers.codec.wire import Direction, Passage, Sign, WireLine, hexed, stray


def describe(passages: Sequence[Passage]) -> list[WireLine]:
    lines: list[WireLine] = []
    told, parser, discarded, at_s = _Told(), EventParser(), 0, 0.0
    for passage in passages:
        at_s = passage.at_s
        events = parser.feed(passage.data)
        if parser.discarded_bytes > discarded:
            lines.append(stray(at_s, passage.direction, bytes(parser.discarded_bytes - discarded), "no input event"))
            discarded = parser.discarded_bytes
        for event in events:
            meaning, sign = told.meaning(event)
            lines.append(WireLine(at_s, passage.direction, hexed(encoded(event)), meaning, sign, LAYOUT.size))
    if parser.held_bytes:
        lines.append(stray(at_s, Direction.FROM_DEVICE, bytes(parser.held_bytes), "half an input event"))
    if told.open_report:
        lines.append(stray(at_s, Direction.FROM_DEVICE, bytes(LAYOUT.size), "a report without its end"))
    return lines


class _Told:
    """What a sound kernel never does: tell a switch's state twice, or leave a report open."""

    def __init__(self) -> None:
        self.open_report = False
        self._plugged: int | None = None

    def meaning(self, event: InputEvent) -> tuple[str, Sign]:
        if event.type == EV_SYN:
            self.open_report = False
            return self._end(event)
        self.open_report = True
        if (event.type, event.code) != (EV_SW, SW_HEADPHONE_INSERT):
            return f"event type {event.type}, code {event.code}, value {event.value}", Sign.EVENT
        before, self._plugged = self._plugged, event.value
        if event.value not in (0, 1):
            return "headphone switch with an impossible value", Sign.STRAY
        again = before == event.value
        state = "plugged" if event.value else "unplugged"
        return f"headphone {state}{', told twice' if again else ''}", Sign.STRAY if again else Sign.EVENT

    def _end(self, event: InputEvent) -> tuple[str, Sign]:
        if event.code == SYN_DROPPED:
            return "events were lost (SYN_DROPPED)", Sign.STRAY
        fine = (event.code, event.value) == (0, 0)
        return ("end of a report", Sign.EVENT) if fine else ("a spoiled end of a report", Sign.STRAY)
