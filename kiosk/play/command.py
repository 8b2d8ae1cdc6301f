"""`kiosk play FILE.toml [--lang nan|cmn] [--ladder SEED] [--out DIR]`.

Exit code 0: all expectations hold. 1: one fails. 2: the journey cannot be read, or its evidence not be kept.
3: the stage cannot be set.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from kiosk.play.ladder import draw, on_the_ladder
from kiosk.play.player import Player, write_report
from kiosk.play.process import StageError
from kiosk.play.run_folder import OutUnusable, make_folder
from kiosk.play.schema import ScriptError
from kiosk.play.script import LANGS, Script, load_script

HOLDS, FAILS, BAD_SCRIPT, NO_STAGE = 0, 1, 2, 3
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(argv: Sequence[str]) -> int:
    """Play one journey and print a line for each step."""
    options = _options(argv)
    try:
        script = load_script(options.file, options.lang)
    except ScriptError as error:
        _say(f"kiosk play: {error}")
        return BAD_SCRIPT
    if options.ladder is not None:
        rungs = draw(script, options.ladder)
        _say(f"ladder of seed {options.ladder}: {', '.join(rungs) or 'nothing'}")
        script = on_the_ladder(script, rungs)
    with _leaving_in_order():
        return _play(script, options)


def _play(script: Script, options: argparse.Namespace) -> int:
    try:
        folder = make_folder(options.out)
    except OutUnusable as error:
        sys.stderr.write(f"kiosk play: {error}\n")
        return BAD_SCRIPT
    try:
        result = Player(script, folder, _say, pictures=not options.no_pictures).play()
    except StageError as error:
        _say(f"kiosk play: the stage could not be set: {error}")
        return NO_STAGE
    else:
        write_report(folder, result.report)
        _say(f"{script.journey}: {result.report['outcome'] or 'no visit'}, {_count(result.failed)}")
        if options.out is not None:
            _say(f"see {folder.out}")
        return FAILS if result.failed else HOLDS
    finally:
        if not options.keep:
            folder.remove()


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="kiosk play", description="Play a scripted visit on the real kiosk.")
    add_arguments(parser)
    return parser.parse_args(argv)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the journey, see tests/journeys/README.md")
    parser.add_argument("--lang", choices=LANGS, help="language of the visit; outranks the journey's own")
    parser.add_argument("--ladder", metavar="SEED", help="with small faults of devices and clock, drawn from this seed")
    parser.add_argument("--out", type=Path, help="keep report.json, screens, slips, speech.jsonl and logs here")
    parser.add_argument(
        "--no-pictures", action="store_true", help="leave out screens/: a picture a screen takes its time"
    )
    parser.add_argument("--keep", action="store_true", help="leave the folder of the run (settings, store) behind")


@contextlib.contextmanager
def _leaving_in_order() -> Iterator[None]:
    """SIGINT by name, too: a shell starts what runs in the background with SIGINT ignored. Whoever calls this in a
    process of its own has its handlers back afterwards.
    """
    before = {number: signal.signal(number, _leave) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _leave(number: int, _frame: FrameType | None) -> None:
    """A signal unwinds like an error, so that everything that was started is ended; 128 + its number, as shells say."""
    raise SystemExit(128 + number)


def _count(failed: Sequence[str]) -> str:
    if not failed:
        return "everything holds"
    return f"{len(failed)} expectation{'s' if len(failed) > 1 else ''} failed"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
