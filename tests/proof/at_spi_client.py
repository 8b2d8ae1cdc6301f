"""A client of AT-SPI by libatspi, as a screen reader is one: JSON lines in, JSON lines out. Run by the system's Python.

What is shown may change while it is read: then there are no nodes, and it is read again.

    {"op": "read"}                       -> {"nodes": [{"role": "button", "name": "…", "focused": false, "box": […]}]}
    {"op": "press", "nth": 2}            -> {"pressed": true}: the nth of those that `read` gave last
    {"op": "focus", "nth": 2}            -> {"focused": true}
"""

import json
import sys
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402  # only after its version


def enable() -> None:
    """What a screen reader does first: programs show themselves only to somebody who listens."""
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    wanted = GLib.Variant("(ssv)", ("org.a11y.Status", "IsEnabled", GLib.Variant("b", True)))
    where = ("org.a11y.Bus", "/org/a11y/bus", "org.freedesktop.DBus.Properties", "Set")
    bus.call_sync(*where, wanted, None, Gio.DBusCallFlags.NONE, 10_000)


def walk(node: Any) -> Any:
    node.clear_cache_single()
    yield node
    for at in range(node.get_child_count()):
        child = node.get_child_at_index(at)
        if child is not None:
            yield from walk(child)


def told(node: Any) -> dict[str, object]:
    extents = node.get_component_iface()
    box = extents.get_extents(Atspi.CoordType.SCREEN) if extents else None
    return {
        "role": node.get_role_name(),
        "name": node.get_name(),
        "focused": node.get_state_set().contains(Atspi.StateType.FOCUSED),
        "box": [box.x, box.y, box.width, box.height] if box else [],
    }


def main() -> None:
    enable()
    Atspi.init()
    found: list[Any] = []
    for line in sys.stdin:
        asked = json.loads(line)
        answer: dict[str, object]
        if asked["op"] == "read":
            try:
                desktop = Atspi.get_desktop(0)
                desktop.clear_cache()
                found = list(walk(desktop))[1:]
                answer = {"nodes": [told(node) for node in found]}
            except GLib.Error:  # a node has gone while it was read
                answer = {"nodes": []}
        elif asked["op"] == "press":
            answer = {"pressed": found[asked["nth"]].get_action_iface().do_action(0)}
        else:
            answer = {"focused": found[asked["nth"]].get_component_iface().grab_focus()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
