"""Kernel input events told to a technician. A plug in a socket is nobody's secret: everything is shown."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.codec.input_event import EV_SW, EV_SYN, LAYOUT, SW_HEADPHONE_INSERT, SYN_DROPPED, EventParser, InputEvent
from drivers.codec.input_event import encode_event as encoded
from drivers.codec.wire import Direction, Passage, Sign, WireLine, hexed, stray


def describe(passages: Sequence[Passage]) -> list[WireLine]:
    lines: list[WireLine] = []
    parser, discarded, at_s = EventParser(), 0, 0.0
    for passage in passages:
        at_s = passage.at_s
        events = parser.feed(passage.data)
        if parser.discarded_bytes > discarded:
            lines.append(stray(at_s, passage.direction, bytes(parser.discarded_bytes - discarded), "no input event"))
            discarded = parser.discarded_bytes
        for event in events:
            meaning, sign = _meaning(event)
            lines.append(WireLine(at_s, passage.direction, hexed(encoded(event)), meaning, sign, LAYOUT.size))
    if parser.held_bytes:
        lines.append(stray(at_s, Direction.FROM_DEVICE, bytes(parser.held_bytes), "half an input event"))
    return lines


def _meaning(event: InputEvent) -> tuple[str, Sign]:
    if (event.type, event.code) == (EV_SW, SW_HEADPHONE_INSERT):
        return f"headphone {'plugged' if event.value else 'unplugged'}", Sign.EVENT
    if (event.type, event.code) == (EV_SYN, SYN_DROPPED):
        return "events were lost (SYN_DROPPED)", Sign.TROUBLE
    if event.type == EV_SYN:
        return "end of a report", Sign.EVENT
    return f"event type {event.type}, code {event.code}, value {event.value}", Sign.EVENT
