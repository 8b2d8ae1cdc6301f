"""The talk with the process that sees, told to a technician: what was asked, how the camera is, that a code or a
picture came and how long it was; never what it says or shows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from drivers.codec.wire import Direction, Passage, Sign, WireLine, hidden, stray

FEW_PER_S = 1.5
"""With fewer pictures a hand must hold still for longer than anyone does."""
_SIGN_OF_REQUEST = {"look": Sign.QUESTION, "start": Sign.COMMAND, "stop": Sign.COMMAND}


def describe(passages: Sequence[Passage]) -> list[WireLine]:
    """One line a message."""
    return [_describe(passage) for passage in passages]


def _describe(passage: Passage) -> WireLine:
    try:
        message = json.loads(passage.data)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        return stray(passage.at_s, passage.direction, passage.data)
    meaning, sign = (_asked if passage.direction is Direction.TO_DEVICE else _said)(message)
    # Not even a request is shown: it may name whom a picture is compared with one day.
    return WireLine(passage.at_s, passage.direction, hidden(len(passage.data)), meaning, sign, len(passage.data))


def _asked(message: Mapping[str, object]) -> tuple[str, Sign]:
    what = str(message.get("do"))
    name = f" {message['op']}" if isinstance(message.get("op"), str) else ""
    return f"{what}{name}", _SIGN_OF_REQUEST.get(what, Sign.STRAY)


def _said(message: Mapping[str, object]) -> tuple[str, Sign]:
    event = str(message.get("ev"))
    if event in ("camera", "looked"):
        fault = message.get("fault")
        if isinstance(fault, str):
            return f"the camera: {fault}", Sign.TROUBLE if event == "looked" else Sign.EVENT
        rate = message.get("per_s")
        if isinstance(rate, int | float) and rate < FEW_PER_S and event == "looked":
            return f"the camera: {rate:g} pictures a second are too few", Sign.TROUBLE
        return "the camera sees", Sign.ANSWER if event == "looked" else Sign.EVENT
    if event == "code":
        raw = message.get("raw")
        length = len(raw) * 3 // 4 - raw.count("=") if isinstance(raw, str) else 0
        return f"a code of {length} bytes, symbology {message.get('symbology')}", Sign.EVENT
    if event == "failed":
        return f"refused: {message.get('what')}", Sign.TROUBLE
    return event, Sign.EVENT
