"""`kiosk enrol CODE --server URL`: this terminal gets its key, and its name and site into terminal.toml."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from kiosk.adapters import enrolment, paths
from kiosk.adapters.config import ConfigError, load_terminal
from kiosk.adapters.durable import write_durably
from kiosk.adapters.terminal_file import put_values

FILE = "terminal.toml"
EXIT_WRONG = 1


def add_commands(command: Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]) -> None:
    """Put the command into the `kiosk` parser; `command(name, run, help)` makes one."""
    enrol = command("enrol", run, "get this terminal's key with an operator's code; an older key ends")
    enrol.add_argument("code", help="ten characters, good once and for a day")
    enrol.add_argument("--server", metavar="URL", help="back office; without: the one of terminal.toml")
    enrol.add_argument(
        "--ca-file",
        metavar="FILE",
        help="certificates (PEM) of its own authority; without: as terminal.toml says",
    )
    enrol.add_argument("--config", help="folder of terminal.toml; the key file is written where it says")


def run(arguments: argparse.Namespace) -> int:
    folder = Path(arguments.config) if arguments.config else paths.config_dir()
    try:
        # Read first: a code is good once, and a file that cannot be used must not cost one.
        link = load_terminal(folder / FILE).backoffice
        url = arguments.server or link.url
        authority = arguments.ca_file or link.ca_file
        enrolled = enrolment.enrol(url, arguments.code, folder / authority if authority else None)
        # The key first: without it the code would be lost; with it a repeated run only writes the names again.
        key_file = folder / link.key_file
        write_durably(key_file, enrolment.key_line(enrolled.key), 0o600)
        _give_to_owner(key_file, folder / FILE)
        put_values(folder / FILE, _values(enrolled, url, arguments.ca_file or ""))
    except (enrolment.EnrolmentError, ConfigError, OSError) as error:
        sys.stderr.write(f"kiosk: {error}\n")
        return EXIT_WRONG
    _tell(enrolled, key_file)
    return 0


def _give_to_owner(key_file: Path, settings: Path) -> None:
    """Run by root, the key belongs to whom the settings belong to: the user that the terminal runs as reads both."""
    owner = settings.stat()
    if os.geteuid() == 0:
        os.chown(key_file, owner.st_uid, owner.st_gid)


def _values(enrolled: enrolment.Enrolled, url: str, authority: str) -> dict[tuple[str, str], str]:
    terminal = {"device": enrolled.device, "site": enrolled.site, "site_no": enrolled.site_no}
    office = {"url": url, **({"ca_file": authority} if authority else {})}
    return {
        **{("terminal", key): value for key, value in terminal.items()},
        **{("backoffice", key): value for key, value in office.items()},
    }


def _tell(enrolled: enrolment.Enrolled, key_file: Path) -> None:
    server = datetime.fromtimestamp(enrolled.server_time_ms / 1000, UTC)
    apart_s = abs((datetime.now(UTC) - server).total_seconds())
    sys.stdout.write(
        f"terminal  {enrolled.device}\nsite      {enrolled.site} ({enrolled.site_no})\n"
        f"key       {enrolment.fingerprint(enrolled.key)} in {key_file}\n"
        f"server    {server.isoformat(timespec='seconds')}\n"
    )
    if apart_s > 60:
        sys.stdout.write(f"This machine's clock is {apart_s:.0f} s off; set it.\n")
    sys.stdout.write(f"See that village and place in {FILE} are this site's, then start the terminal.\n")
