"""How many touches an item may take: `config/catalogue/effort.toml`, a line an item.

It is a file of its own because an item's table is published, signed and compared version by version: a key in it would
change what the office serves and demand a new version of every item, for a figure that only those who build need.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from backoffice.catalogue.place import CatalogueError, Place, toml
from effort_support.figures import Effort
from effort_support.world import CONFIG, World

FILE = CONFIG / "effort.toml"
Budgets = Mapping[str, Mapping[World, int]]
"""Item id -> world -> touches at most."""


def read_budgets(carried: Iterable[str], file: Path = FILE) -> Budgets:
    """
    :param carried: ids of the items that must have a line, and no others may.
    :raises CatalogueError: names file, item and key of what is missing, unknown or no number of touches.
    """
    wanted, head = list(carried), Place(file.name, toml(file))
    head.only(*wanted)
    return {item_id: _of_item(head.table(item_id)) for item_id in wanted}


def _of_item(place: Place) -> Mapping[World, int]:
    place.only(*(world.value for world in World))
    found = {world: place.number(world.value) for world in World}
    for world, touches in found.items():
        if touches < 1:
            raise place.wrong(world.value, "1 touch or more")
    return found


def complaints(efforts: Iterable[Effort], budgets: Budgets) -> list[str]:
    """A sentence for each item that takes more than its budget, or less: then the budget is to be lowered."""
    out = []
    for one in efforts:
        budget = budgets[one.item_id][one.world]
        if one.touches != budget:
            more = "more" if one.touches > budget else "fewer: lower it"
            path = " > ".join(map(str, one.path))
            out.append(f"{one.item_id} {one.world} {one.lang}: {one.touches} touches, budget {budget}, {more}; {path}")
    return out


def lowered(text: str, efforts: Iterable[Effort]) -> str:
    """The file's text with each budget that is looser than what was measured brought down to it; none rises.

    An item without a line gets one.
    """
    most: dict[str, dict[World, int]] = {}
    for one in efforts:
        found = most.setdefault(one.item_id, {})
        found[one.world] = max(found.get(one.world, 0), one.touches)
    for item_id, found in most.items():
        line = re.search(rf"^{item_id} = .*$", text, re.MULTILINE)
        old = dict(re.findall(r"(\w+) = (\d+)", line[0].partition("=")[2])) if line else {}
        kept = {world: min(int(old.get(world.value, touches)), touches) for world, touches in found.items()}
        new = f"{item_id} = {{ " + ", ".join(f"{world} = {kept[world]}" for world in World if world in kept) + " }"
        text = text.replace(line[0], new) if line else f"{text.rstrip()}\n{new}\n"
    return text


__all__ = ["FILE", "Budgets", "CatalogueError", "complaints", "lowered", "read_budgets"]
