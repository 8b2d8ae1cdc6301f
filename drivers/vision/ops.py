"""What the worker can do with pictures: the table of operations, and what each one is.

An operation lives from a client's `start` to its `stop` and sees every frame between. A light one runs in the
worker's frame loop and has a few milliseconds; a heavy one (text recognition) runs on a thread of its own and
sees the newest frame whenever it is ready for one.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import ClassVar, Protocol

from drivers.vision.frames import Frame

Action = Callable[[], None]
Reply = Mapping[str, object]
"""JSON-able fields; `ev` names what happened ("code", "hint", "page" …). Pictures are base64 JPEG within."""


class BadRequest(ValueError):
    """A request that the operation cannot carry out; its text goes back, so it names keys, never contents."""


class Op(Protocol):
    """One running operation. All calls come from one thread."""

    heavy: ClassVar[bool]
    """True: `on_frame` may take longer than a few milliseconds."""

    def start(self, request: Mapping[str, object]) -> None:
        """Take the client's settings and load what is needed. :raises BadRequest:"""

    def on_frame(self, frame: Frame) -> list[Reply]:
        """Look at one frame; what to tell the client, mostly nothing. :raises NoPicture: a spoiled frame."""

    def stop(self) -> None:
        """Forget everything that was seen."""


OPS: Mapping[str, str] = {
    "codes": "drivers.vision.codes.operation:CodesOp",
    "face": "drivers.vision.faces.operation:FaceOp",
    "page": "drivers.vision.papers.operation:PageOp",
    "picture": "drivers.vision.looking:PictureOp",
    "portrait": "drivers.vision.portraits.operation:PortraitOp",
}
"""Name -> module:class, imported at the first start: reading codes must not load a text recogniser."""


def make(name: str) -> Op:
    """A new operation of that name. :raises BadRequest: when there is none."""
    if name not in OPS:
        raise BadRequest(f"no operation {name!r}; known: {', '.join(sorted(OPS))}")
    module, _, kind = OPS[name].partition(":")
    op: Op = getattr(importlib.import_module(module), kind)()
    return op
