"""`python -m kiosk.screen_reader`: JSON lines in, JSON lines out, until the input ends.

    {"seq": 7, "screen": "choose", "lang": "nan", "width_px": 1080, "height_px": 1920, "nodes": […]}  -> {"shown": 7}

`nodes` are those of the observer socket (`kiosk.ui.semantics`). First of all: {"ready": true, "lacking": ""}, where
`lacking` says why no screen reader can hear. When one begins to listen: {"heard": true}, and the tree must come again.
When one presses or moves the focus: {"act": "press", "screen": "choose", "key": "item.XA032.name", "nth": 0}.

It is a process of its own because AccessKit's binding for Python can come to wait for itself (`bridge`): the one who
started this process then ends it and starts another, and no screen waits.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from threading import Lock
from typing import BinaryIO

from kiosk.screen_reader.bridge import Bridge
from kiosk.screen_reader.tree import BadTree, Target, read_tree

MOST_BYTES = 1_000_000
_BUS = ("DBUS_SESSION_BUS_ADDRESS", "AT_SPI_BUS_ADDRESS")


def main() -> int:
    serve(sys.stdin.buffer, sys.stdout.buffer)
    return 0


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """One answer for each tree, in their order."""
    alone = Lock()

    def tell(message: Mapping[str, object]) -> None:
        with alone:
            sink.write(json.dumps(message).encode() + b"\n")
            sink.flush()

    def act(what: str, target: Target) -> None:
        tell({"act": what, "screen": target.screen, "key": target.key, "nth": target.nth})

    bridge = Bridge(act, lambda: tell({"heard": True}))
    lacking = "" if any(map(os.environ.get, _BUS)) else "no session bus: DBUS_SESSION_BUS_ADDRESS is not set"
    tell({"ready": True, "lacking": lacking})
    while line := source.readline(MOST_BYTES):
        try:
            seq, tree = read_tree(line)
        except BadTree as bad:
            tell({"error": str(bad)})
            continue
        bridge.show(tree)
        tell({"shown": seq})


if __name__ == "__main__":
    sys.exit(main())
