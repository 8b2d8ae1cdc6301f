"""A raw request of the server interface: its headers, its whole body, and the body handed on once more."""

from __future__ import annotations

from collections.abc import Collection

from starlette.types import Message, Receive, Scope

from backoffice.problem import Problem


def single_headers(scope: Scope, once: Collection[str], code: str) -> dict[str, str]:
    """Lower-case names. :raises Problem: `code`, when one of `once` stands twice: two readers could differ."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        if key in once and key in headers:
            raise Problem(code, f"{key.title()} stands twice")
        headers[key] = value.decode("latin-1")
    return headers


async def read_body(receive: Receive, limit_bytes: int) -> bytes:
    """The whole body. :raises Problem: too_large, as soon as it is."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        part = bytes(message.get("body", b""))
        size += len(part)
        if size > limit_bytes:
            raise Problem("too_large", f"at most {limit_bytes} bytes")
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


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
