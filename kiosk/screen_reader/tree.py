"""The tree that comes in: read, checked, and each node with a number that stays its own."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any


class BadTree(ValueError):
    """A line that is no tree; the text names what is wrong, never what was on the screen."""


@dataclass(frozen=True, slots=True)
class Target:
    """Which node of which screen: the `nth` of those with this role and key."""

    screen: str
    role: str
    key: str
    nth: int


@dataclass(frozen=True, slots=True)
class ShownNode:
    target: Target
    name: str
    states: frozenset[str]
    box_px: tuple[float, float, float, float]
    """Left, top, width, height; the origin is the screen's upper left corner."""


@dataclass(frozen=True, slots=True)
class ShownTree:
    lang: str
    width_px: int
    height_px: int
    nodes: tuple[ShownNode, ...]


def read_tree(line: bytes) -> tuple[int, ShownTree]:
    """Its number and itself. :raises BadTree:"""
    try:
        told = json.loads(line)
        screen, counted, nodes = str(told["screen"]), Counter[tuple[str, str]](), []
        for node in told["nodes"]:
            role, key = str(node["role"]), str(node["key"])
            target = Target(screen, role, key, counted[role, key])
            counted[role, key] += 1
            nodes.append(ShownNode(target, str(node["name"]), frozenset(map(str, node["state"])), _box(node["box_px"])))
        size = int(told["width_px"]), int(told["height_px"])
        return int(told["seq"]), ShownTree(str(told["lang"]), *size, tuple(nodes))
    except KeyError as missing:
        raise BadTree(f"{missing} is missing") from None
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadTree(f"no tree: {type(error).__name__}") from None


def _box(value: Any) -> tuple[float, float, float, float]:
    left, top, width, height = map(float, value)
    return left, top, width, height
