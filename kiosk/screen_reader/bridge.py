"""The tree as AccessKit's nodes, which its adapter shows on the AT-SPI bus (freedesktop.org, AT-SPI2)."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import accesskit

from kiosk.screen_reader.tree import ShownNode, ShownTree, Target

TITLE = "Tshù-pinn"
_ROOT = 1
_ROLES = {
    "text": accesskit.Role.LABEL,
    "button": accesskit.Role.BUTTON,
    "image": accesskit.Role.IMAGE,
    "progress": accesskit.Role.PROGRESS_INDICATOR,
}
_ACTS = ((accesskit.Action.CLICK, "press"), (accesskit.Action.FOCUS, "focus"))


class Bridge:
    """Shows one tree at a time.

    Its adapter holds a lock of its own while it calls back, and each of its methods waits for that lock while it holds
    Python's: they are called only between the callbacks that begin and end somebody's listening.
    """

    def __init__(self, act: Callable[[str, Target], None], on_heard: Callable[[], None]) -> None:
        """Both are called in a thread of AccessKit's.

        :param act: told `press` or `focus` and the target.
        :param on_heard: somebody listens from now on: what is shown must be told once more.
        """
        self._act, self._on_heard = act, on_heard
        self._ids: dict[Target, int] = {}
        self._targets: dict[int, Target] = {}
        self._tree = ShownTree("", 0, 0, ())
        self._heard = Event()
        """A screen reader has been given the tree."""
        self._adapter = accesskit.unix.Adapter(self._begin, self._asked, self._heard.clear)

    def show(self, tree: ShownTree) -> None:
        self._tree = tree
        if self._heard.is_set():
            whole = accesskit.Rect(0, 0, tree.width_px, tree.height_px)
            self._adapter.set_root_window_bounds(whole, whole)
            self._adapter.update_window_focus_state(True)
            self._adapter.update_if_active(self._update)

    def _begin(self) -> accesskit.TreeUpdate:
        update = self._update()
        self._heard.set()
        self._on_heard()
        return update

    def _update(self) -> accesskit.TreeUpdate:
        tree = self._tree
        ids = [self._id(node.target) for node in tree.nodes]
        root = accesskit.Node(accesskit.Role.WINDOW)
        root.set_label(TITLE)
        root.set_language(tree.lang)
        root.set_children(ids)
        focused = (number for number, node in zip(ids, tree.nodes, strict=True) if "focused" in node.states)
        update = accesskit.TreeUpdate(next(focused, _ROOT))
        update.tree = accesskit.Tree(_ROOT)
        update.nodes = [(_ROOT, root), *((number, _node(node)) for number, node in zip(ids, tree.nodes, strict=True))]
        return update

    def _id(self, target: Target) -> int:
        """A node keeps its number for good, so that a reader sees what changed and what stayed."""
        number = self._ids.setdefault(target, len(self._ids) + _ROOT + 1)
        self._targets[number] = target
        return number

    def _asked(self, request: accesskit.ActionRequest) -> None:
        target = self._targets.get(request.target)
        for action, act in _ACTS:
            if request.action == action and target is not None:
                self._act(act, target)


def _node(shown: ShownNode) -> accesskit.Node:
    node = accesskit.Node(_ROLES.get(shown.target.role, accesskit.Role.UNKNOWN))
    left, top, width, height = shown.box_px
    node.set_bounds(accesskit.Rect(left, top, left + width, top + height))
    if shown.target.role == "text":
        node.set_value(shown.name)
        node.set_live(accesskit.Live.POLITE)
    else:
        node.set_label(shown.name)
    if shown.target.role == "button":
        node.add_action(accesskit.Action.CLICK)
        node.add_action(accesskit.Action.FOCUS)
        node.set_author_id(shown.target.key)
        if "selected" in shown.states:
            node.set_selected(True)
    return node
