"""`backoffice catalogue …`: publish a release, tell an item's history, write a guide."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backoffice.office import Office

Open = Callable[[argparse.Namespace], "Office"]


def add_commands(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    data: Callable[[argparse.ArgumentParser], None],
    opened: Open,
) -> None:
    """:param data: adds the options that say which office.
    :param opened: opens that office."""
    publish = commands.add_parser("publish", help="publish a folder as the next release")
    publish.add_argument("folder", type=Path)
    publish.add_argument("--author", required=True, metavar="POST", help="who wrote it")
    publish.add_argument("--signer", required=True, metavar="POST", help="who releases it; never the author")
    publish.add_argument("--effective-from", required=True, type=date.fromisoformat, metavar="DATE")
    data(publish)
    publish.set_defaults(run=lambda options: _publish(options, opened))

    history = commands.add_parser("history", help="tell every version of an item")
    history.add_argument("item")
    history.add_argument("--json", action="store_true")
    data(history)
    history.set_defaults(run=lambda options: _history(options, opened))

    guide = commands.add_parser("guide", help="write the guide of an item as the window and the paper have it")
    guide.add_argument("item")
    data(guide)
    guide.set_defaults(run=lambda options: _guide(options, opened))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _publish(options: argparse.Namespace, opened: Open) -> int:
    from backoffice.publishing.publishing import publish_folder

    office = opened(options)
    try:
        release = publish_folder(office, options.folder, options.author, options.signer, options.effective_from)
    finally:
        office.close()
    _say(f"release {release.release}, in force from {release.effective_from}, {len(release.items)} items")
    return 0


def _history(options: argparse.Namespace, opened: Open) -> int:
    from backoffice.publishing.publishing import history

    office = opened(options)
    try:
        changes = history(office, options.item)
    finally:
        office.close()
    if options.json:
        _say(json.dumps([change.to_json() for change in changes], ensure_ascii=False, indent=1))
        return 0
    for change in changes:
        changed = ", ".join(change.changed) or "first version"
        _say(f"version {change.version}  release {change.release}  from {change.effective_from}  {change.signer}")
        _say(f"  {changed}")
    return 0


def _guide(options: argparse.Namespace, opened: Open) -> int:
    from backoffice.catalogue.release import CatalogueError
    from backoffice.publishing.guide import guide_of

    office = opened(options)
    try:
        release = office.release
    finally:
        office.close()
    if options.item not in release.items:
        raise CatalogueError(f"{options.item} is no item of release {release.release}")
    _say(guide_of(release, options.item).plain_text())
    return 0
