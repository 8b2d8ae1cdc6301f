"""One line from the kiosk, read with every bound there is. No error ever repeats what the line held."""

from __future__ import annotations

import json
from dataclasses import dataclass

MOST_BYTES = 65_536
LONGEST_CODE = 24
MOST_STROKES, MOST_POINTS = 48, 64
SIDE = 1000
"""Of the square that is written in."""
_MOST_ID = 2**53

Ink = tuple[tuple[tuple[int, int], ...], ...]


class BadInputRequest(ValueError):
    def __init__(self, name: str, request_id: int | None = None) -> None:
        super().__init__(name)
        self.name, self.id = name, request_id


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    id: int
    op: str
    code: str = ""
    ink: Ink = ()


def read_request(line: bytes) -> Request:
    """:raises BadInputRequest: json (no object), id, op, code or ink: what is wrong with it."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInputRequest("json") from error
    if not isinstance(data, dict):
        raise BadInputRequest("json")
    request_id = data.get("id")
    if not isinstance(request_id, int) or not _is_number(request_id, _MOST_ID):
        raise BadInputRequest("id")
    match data.get("op"):
        case "pinyin":
            return Request(request_id, "pinyin", code=_code(request_id, data.get("code")))
        case "drawn":
            return Request(request_id, "drawn", ink=_ink(request_id, data.get("ink")))
    raise BadInputRequest("op", request_id)


def _is_number(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _code(request_id: int, value: object) -> str:
    if isinstance(value, str) and 0 < len(value) <= LONGEST_CODE and set(value) <= set("23456789"):
        return value
    raise BadInputRequest("code", request_id)


def _ink(request_id: int, value: object) -> Ink:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_STROKES:
        raise BadInputRequest("ink", request_id)
    for stroke in value:
        if not isinstance(stroke, list) or not 0 < len(stroke) <= MOST_POINTS:
            raise BadInputRequest("ink", request_id)
        for point in stroke:
            if not isinstance(point, list) or len(point) != 2 or not all(_is_number(at, SIDE) for at in point):
                raise BadInputRequest("ink", request_id)
    return tuple(tuple((x, y) for x, y in stroke) for stroke in value)
