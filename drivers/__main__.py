"""Which models are installed, and the beginning of a new one.

    python -m drivers models                     every class with its models, those of other packages too
    python -m drivers new CLASS MODEL [--out DIR]   a package of its own with a driver to fill in, and its test

Exit code 0 when it was done, 1 when it could not be written, 2 when it makes no sense.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from drivers import registry, scaffold


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m drivers", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--version", action="version", version=f"drivers {version('tshu-pinn')}")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("models", help="every class with its installed models").set_defaults(run=_models)
    new = commands.add_parser("new", help="begin the driver of a new model in a package of its own")
    new.add_argument("device_class", metavar="CLASS", help="the device's table in devices.toml, such as id_card")
    new.add_argument("model", metavar="MODEL", help="such as acme_80")
    new.add_argument("--out", type=Path, metavar="DIR", help="an empty or new folder (tshupinn-MODEL)")
    new.set_defaults(run=_new)
    options = parser.parse_args(arguments)
    return int(options.run(options))


def _models(options: argparse.Namespace) -> int:
    for device_class in sorted(registry.FOLDER_OF_CLASS):
        print(f"{device_class:18}{', '.join(registry.models(device_class))}")
    return 0


def _new(options: argparse.Namespace) -> int:
    folder = options.out or Path(f"tshupinn-{options.model}")
    try:
        made = scaffold.make(options.device_class, options.model, folder)
    except scaffold.CannotMake as error:
        print(f"python -m drivers new: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"python -m drivers new: {folder} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    print("\n".join(map(str, made)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
