"""`backoffice audit`: are the chains whole, and are they still the ones whose heads somebody else keeps?"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backoffice.identity.terminal_chains import Standing
    from backoffice.office import Office


def add_command(
    parser: argparse.ArgumentParser,
    data: Callable[[argparse.ArgumentParser], None],
    opened: Callable[[argparse.Namespace], Office],
) -> None:
    """:param data: adds the options that name data folder and database. :param opened: opens what they name."""
    data(parser)
    parser.add_argument(
        "--anchor", type=Path, metavar="FILE", help="signed heads of an earlier day: they must be there"
    )
    parser.add_argument("--write-anchor", type=Path, metavar="FILE", help="sign today's heads, for another holder")
    parser.add_argument(
        "--looked-into",
        metavar="DEVICE",
        help="end a terminal's alarm once it is known why its chain did not follow",
    )
    parser.set_defaults(run=lambda options: _audit(options, opened))


def _audit(options: argparse.Namespace, opened: Callable[[argparse.Namespace], Office]) -> int:
    from backoffice.clock import iso
    from backoffice.identity.terminal_chains import looked_into, standings
    from backoffice.store.audit import heads, verify
    from backoffice.store.chain_key import AnchorError
    from backoffice.store.durable import write_whole

    office = opened(options)
    try:
        kept = None
        if options.anchor is not None:
            try:
                kept = office.chain_key.heads_of(json.loads(options.anchor.read_text(encoding="utf-8")))
            except (OSError, ValueError) as cause:
                if not isinstance(cause, AnchorError | OSError):
                    cause = AnchorError("it is not JSON")
                sys.stderr.write(f"backoffice: {options.anchor}: {cause}; nothing was compared with it\n")
                return 2
        if options.looked_into is not None and not looked_into(office, options.looked_into, "command line"):
            sys.stderr.write(f"backoffice: terminal {options.looked_into} has no alarm; nothing was changed\n")
            return 2
        with office.database.read() as connection:
            count, broken = verify(connection, office.chain_key, kept or {})
            now = heads(connection)
            terminals = standings(connection)
        if options.write_anchor is not None and not broken:
            anchor = office.chain_key.sign(now, iso(office.clock.now()))
            write_whole(options.write_anchor, (json.dumps(anchor, indent=1) + "\n").encode(), 0o644)
    finally:
        office.close()
    for link in broken:
        sys.stdout.write(f"town {link.town}, link {link.n}: {link.what}\n")
    sys.stdout.write(f"{count} links, {len(broken)} broken\n")
    if kept is not None:
        sys.stdout.write(f"{len(kept)} heads of {options.anchor} compared\n")
    if options.write_anchor is not None:
        told = "no anchor was written: a broken chain is not signed" if broken else f"anchor in {options.write_anchor}"
        sys.stdout.write(f"{told}\n")
    alarms = [line for standing in terminals for line in _alarms(standing)]
    for line in alarms:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{len(terminals)} chains of terminals held, {len(alarms)} alarms\n")
    return 1 if broken or alarms else 0


def _alarms(standing: Standing) -> Iterator[str]:
    if not standing.agrees:
        yield f"terminal {standing.device}: the head that is held is not the one that its town's chain noted"
    if standing.alarm:
        yield (
            f"terminal {standing.device}: its chain was {standing.alarm} at {standing.alarm_at}. Its store was "
            "replaced, or somebody wrote it anew; when it is known which: "
            f"backoffice audit --looked-into {standing.device}"
        )
