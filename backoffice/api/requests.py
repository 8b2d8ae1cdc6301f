"""A raw request of the server interface: its headers, its whole body, and the body handed on once more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass

from starlette.types import Message, Receive, Scope

from backoffice.problems.problem import Problem, busy


def single_headers(scope: Scope, once: Collection[str], code: str) -> dict[str, str]:
    """Lower-case names. :raises Problem: `code`, when one of `once` stands twice: two readers could differ."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        if key in once and key in headers:
            raise Problem(code, f"{key.title()} stands twice")
        headers[key] = value.decode("latin-1")
    return headers


@dataclass(slots=True)
class BodyRoom:
    """Memory for bodies that are being received, of all requests together."""

    most_bytes: int
    taken_bytes: int = 0

    def take(self, size: int) -> None:
        """:raises Problem: busy; what is under way ends first."""
        if self.taken_bytes + size > self.most_bytes:
            raise busy()
        self.taken_bytes += size

    def give_back(self, size: int) -> None:
        self.taken_bytes -= size


@dataclass(frozen=True, slots=True)
class Pace:
    """How slowly a body may come: a slow line is served, one that stands still is not."""

    window_s: float = 10.0
    least_bytes: int = 4096
    """In each window, until the body is whole."""


class CallerGone(Exception):
    """The connection ended before the body was whole: nobody is there to be answered."""


def declared_length(scope: Scope) -> int:
    """Content-Length; 0 without one, or with one that is no number: then only what comes is counted."""
    found = (value for name, value in scope["headers"] if name == b"content-length")
    return next((int(value) for value in found if value.isdigit() and len(value) < 19), 0)


async def read_body(receive: Receive, limit_bytes: int, room: BodyRoom, pace: Pace) -> bytes:
    """The whole body; what it takes of `room` is given back here, for then it is the request's own.

    :raises Problem: too_large, as soon as it is; body_slow; busy, when there is no room.
    :raises CallerGone:
    """
    parts: list[bytes] = []
    size, counted, ends_s = 0, 0, time.monotonic() + pace.window_s
    try:
        while True:
            try:
                async with asyncio.timeout(ends_s - time.monotonic()):
                    message = await receive()
            except TimeoutError:
                raise Problem("body_slow", headers={"Retry-After": "2"}) from None
            if message["type"] == "http.disconnect":
                raise CallerGone
            part = bytes(message.get("body", b""))
            if size + len(part) > limit_bytes:
                raise Problem("too_large", f"at most {limit_bytes} bytes")
            room.take(len(part))
            size += len(part)
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)
            if size - counted >= pace.least_bytes:
                counted, ends_s = size, time.monotonic() + pace.window_s
    finally:
        room.give_back(size)


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that has been read already, then what the connection says."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
