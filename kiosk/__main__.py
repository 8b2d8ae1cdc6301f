"""The `kiosk` command."""

from __future__ import annotations

import argparse
import logging
import resource
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from kiosk import quick_start

EXIT_CONFIG = 78
"""sysexits EX_CONFIG: the service manager must not restart until somebody has looked."""


def _run(arguments: argparse.Namespace) -> int:
    from kiosk import bootstrap, closed_terminal
    from kiosk.adapters import paths
    from kiosk.adapters.settings.config import ConfigError
    from kiosk.adapters.signing import SigningUnavailable
    from kiosk.domain.outbox import StoreError
    from kiosk.ui.drawing import fonts
    from kiosk.ui.window import EXIT_NO_WINDOW

    folder = Path(arguments.config) if arguments.config else paths.config_dir()
    try:
        # Before anything is opened: without them no screen can be drawn.
        fonts.load(fonts.default_dir())
        kiosk = bootstrap.load(folder, arguments.clock_offset_s)
    except (ConfigError, StoreError, SigningUnavailable, fonts.FontsMissing) as error:
        print(f"kiosk: {error}", file=sys.stderr)
        code = closed_terminal.show(folder, error)
        # Without a display nobody sees it: only settings that are wrong wait for somebody to mend them.
        return EXIT_CONFIG if code == EXIT_NO_WINDOW and isinstance(error, ConfigError) else code
    return bootstrap.run(kiosk)


def _supervise(arguments: argparse.Namespace) -> int:
    from kiosk import supervise

    return supervise.run(arguments.config, frozenset({EXIT_CONFIG}))


def _play(arguments: argparse.Namespace) -> int:
    from kiosk.play import main as play

    return play(arguments.rest)


def _demo(arguments: argparse.Namespace) -> int:
    from kiosk.play.demo import main as demo

    return demo(Path(arguments.out))


def _keys(arguments: argparse.Namespace) -> int:
    from kiosk.adapters import paths
    from kiosk.app.keys import generate as prompt_keys

    return _written(prompt_keys.generate(paths.share_dir() / "config"), "config/schema/prompt_keys.json", arguments.out)


def _manual(arguments: argparse.Namespace) -> int:
    from kiosk.app.technician import manual

    return _written(manual.generate(), "docs/technician.md", arguments.out)


def _written(text: str, place: str, out: str) -> int:
    """Into `out`, or into its place in a checkout. What is installed is nobody's to write: there it is printed."""
    from kiosk.adapters import paths

    if out == "-" or not (out or paths.is_checkout()):
        sys.stdout.write(text)
        return 0
    target = Path(out) if out else paths.share_dir() / place
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"kiosk: {target} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    print(target)
    return 0


class _ShowVersion(argparse.Action):
    """Looks the version up only when it is asked for: a start does without."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"{parser.prog} {version('tshu-pinn')}")
        parser.exit()


def _parser(*, with_technician: bool) -> argparse.ArgumentParser:
    """:param with_technician: also the commands of whoever opens the cabinet: the terminal starts without theirs."""
    parser = argparse.ArgumentParser(prog="kiosk", description=__doc__)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="what is installed")
    commands = parser.add_subparsers(required=True)

    def command(name: str, run: Callable[[argparse.Namespace], int], help_text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help_text)
        made.set_defaults(run=run)
        return made

    terminal = command("run", _run, "the terminal")
    terminal.add_argument("--config", help="folder of terminal.toml and devices.toml")
    terminal.add_argument("--clock-offset-s", type=float, default=0.0, help="its clock shows so much more: for trials")
    command(
        "supervise", _supervise, "the terminal, started again when it dies or its screen stands still"
    ).add_argument("--config", help="folder of terminal.toml and devices.toml")
    command("demo", _demo, "the demo visit, or the kiosk to touch when there is a display").add_argument(
        "--out", default="out/demo"
    )
    for name, run, text in (
        ("keys", _keys, "write config/schema/prompt_keys.json"),
        ("manual", _manual, "write docs/technician.md from both fault catalogues"),
    ):
        command(name, run, f"{text}; outside a checkout: print it").add_argument("--out", default="", help="file, or -")
    if with_technician:
        from kiosk.technician import commands as technician
        from kiosk.technician import enrol_command, outbox_command, staff_command

        technician.add_commands(command)
        staff_command.add_commands(command)
        enrol_command.add_commands(command)
        outbox_command.add_commands(command)
    command("play", _play, "a scripted visit (kiosk play --help)")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    # What lies in this process' memory, and in those that it starts, is never written into a core file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["play"]:
        return _play(argparse.Namespace(rest=words[1:]))
    is_terminal = words[:1] == ["run"]
    if is_terminal:
        quick_start.begin()
    arguments = _parser(with_technician=not is_terminal).parse_args(words)
    from kiosk.adapters.journal import formatter_for

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter_for(sys.stderr))
    logging.basicConfig(level=logging.INFO if arguments.verbose else logging.WARNING, handlers=[handler])
    run: Callable[[argparse.Namespace], int] = arguments.run
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
