"""`kiosk enrol CODE --server URL`: this terminal gets its key, its name and its site, all into its state folder.

terminal.toml belongs to whoever installs and is not touched: what the office told outranks it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from kiosk.adapters import enrolment, paths
from kiosk.adapters.settings.config import ENROLLED, ConfigError, load_terminal, state_dir_of
from kiosk.adapters.settings.durable import write_durably

FILE = "terminal.toml"
KEY_FILE = "device.key"
EXIT_WRONG, EXIT_USAGE = 1, 2


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
    enrol.add_argument("--config", help="folder of terminal.toml")


def run(arguments: argparse.Namespace) -> int:
    folder = Path(arguments.config) if arguments.config else paths.config_dir()
    try:
        # Read first: a code is good once, and what cannot be used or written must not cost one.
        config = load_terminal(folder / FILE)
        link, state_dir = config.backoffice, state_dir_of(config).absolute()
        _check_folder(state_dir)
        url = arguments.server or link.url
        authority = arguments.ca_file or link.ca_file
        enrolled = enrolment.enrol(url, arguments.code, folder / authority if authority else None)
        key_file = state_dir / KEY_FILE
        layer = _layer(enrolled, key_file, url, authority)
        load_terminal(folder / FILE, layer)
        # The key first: without it the code would be lost; with it a repeated run only writes the names again.
        _put(key_file, enrolment.key_line(enrolled.key), state_dir)
        _put(state_dir / ENROLLED, _toml(layer).encode(), state_dir)
    except enrolment.NotAsked as error:
        sys.stderr.write(f"kiosk: {error}\n")
        return EXIT_USAGE
    except (enrolment.EnrolmentError, ConfigError, OSError) as error:
        sys.stderr.write(f"kiosk: {error}\n")
        return EXIT_WRONG
    _tell(enrolled, key_file)
    return 0


def _check_folder(state_dir: Path) -> None:
    """:raises NotAsked: what would be written there is nobody's, or cannot be written."""
    if not state_dir.is_dir():
        if os.geteuid() == 0:
            raise enrolment.NotAsked(
                f"The state folder {state_dir} is not there yet, and root does not know whose it will be. "
                "Start the terminal once (`systemctl start tshu-pinn`), then run this again. The code was not used"
            )
        state_dir.mkdir(parents=True, mode=0o700)
    if not os.access(state_dir, os.W_OK | os.X_OK):
        raise enrolment.NotAsked(
            f"The state folder {state_dir} cannot be written by this user. Run this as the user that the terminal "
            "runs as, or as root. The code was not used"
        )


def _put(path: Path, content: bytes, state_dir: Path) -> None:
    """Written by root, a file belongs to whom the state folder belongs to: the user that the terminal runs as."""
    write_durably(path, content, 0o600, owner_like=state_dir)


def _layer(enrolled: enrolment.Enrolled, key_file: Path, url: str, authority: str) -> dict[str, dict[str, str]]:
    return {
        "terminal": {"device": enrolled.device, "site": enrolled.site, "site_no": enrolled.site_no},
        "backoffice": {"key_file": str(key_file), "url": url, "ca_file": authority},
    }


def _toml(layer: Mapping[str, Mapping[str, str]]) -> str:
    lines = ["# Written by `kiosk enrol`; it outranks terminal.toml."]
    for section, table in layer.items():
        lines += ["", f"[{section}]"]
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


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
