"""Nothing of a resident is left in clear, however her visit ends.

The kiosk is led without its window (`visit_console.py`): store, outbox, voice, printer, network and every file are the
real ones. Her name, number, address and what was typed are planted; then whatever the kiosk can write to is searched:
state, home, temporary files, settings, logs. The encrypted store is searched for clear text as any other file.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest

from drivers.sim.lifetime import ends_with_us
from kiosk.play.checks.residue import needles, search_files
from kiosk.play.process import descendants, kill_at_once
from kiosk.play.run_folder import environment, make_folder
from kiosk.play.stage import Stage

SCRIPT = Path(__file__).parent / "visit_console.py"
ITEM = "item.XA032.name"
PRINTED_S = 120.0
TYPED = "4539578763621486"
KIM = {"document": "resident", "name": "陈阿金", "number": "350221194403150021", "sex": "2", "birth": "1944-03-15"}
OLD = {"document": "resident", "name": "林水木", "number": "350221194703050014", "sex": "1", "birth": "1947-03-05"}
ADDRESS = "厦门市翔安区金海街道后村社区下厝12号"


class Engine:
    """A kiosk without a window, and all that belongs to it."""

    def __init__(self) -> None:
        self.folder = make_folder(None)
        self.stage = Stage(self.folder, date=None, speech_speed=100, voice="null", display=":none")
        self.process: subprocess.Popen[str] | None = None
        self._log: TextIO | None = None

    def start(self) -> None:
        self._log = (self.folder.logs / "kiosk.log").open("a", encoding="utf-8")
        self.process = subprocess.Popen(
            ends_with_us([sys.executable, str(SCRIPT), str(self.folder.config)]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env=environment(self.folder, ""),
            start_new_session=True,
        )

    def tell(self, **order: Any) -> dict[str, Any]:
        assert self.process is not None and self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({name.rstrip("_"): value for name, value in order.items()}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline() or '{"error": "it has ended"}')
        assert "error" not in answer, answer["error"]
        return answer

    def press(self, *keys: str, then: str | None = None) -> None:
        for key in keys:
            self.tell(press=key)
        self.tell(await_=then)

    def kill(self) -> None:
        assert self.process is not None and self._log is not None
        kill_at_once([self.process.pid, *descendants(self.process.pid)])
        self._gone()

    def end(self) -> int:
        """As by SIGTERM: it finishes what is under way."""
        assert self.process is not None and self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)
        return self._gone()

    def _gone(self) -> int:
        assert self.process is not None and self._log is not None
        code = self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout, self._log):
            if pipe is not None:
                pipe.close()
        self.process = None
        return code

    def close(self) -> None:
        if self.process is not None:
            self.kill()
        self.stage.stop_all()
        self.folder.remove()

    # the way to a question

    def identify(self, who: dict[str, str] = KIM) -> None:
        self.press("welcome.start_nan", ITEM, then="identify")
        self.tell(read={**who, "address": ADDRESS}, await_="confirm_who")

    def ask(self, who: dict[str, str] = KIM) -> None:
        self.identify(who)
        self.press("confirm.yes", then="take_card")
        self.tell(event="CARD_REMOVED", await_="ask")

    def review(self, who: dict[str, str] = KIM) -> None:
        self.ask(who)
        self.press("ask.account.yes", then="review")

    def leave(self) -> None:
        self.tell(event="LEAVE", await_="leave")
        self.tell(event="LEAVE_SURE", await_="welcome")

    def rate(self) -> None:
        self.press("rate.4", "rate.done", then="welcome")


def finished(engine: Engine) -> None:
    engine.review()
    engine.press("review.send", "result.print", "print.taken", then="rate")
    engine.rate()


def refused(engine: Engine) -> None:
    """By a notice: he is too young."""
    engine.review(OLD)
    engine.press("review.send", "result.no_paper", then="rate")
    engine.rate()


def typed_and_left(engine: Engine) -> None:
    engine.ask()
    engine.tell(answer=TYPED)
    engine.leave()


def called_for_help(engine: Engine) -> None:
    engine.ask()
    engine.tell(event="HELP", await_="help")
    engine.tell(event="CALL", await_="called")
    engine.tell(event="CLOSE")
    engine.leave()


def idle(engine: Engine) -> None:
    engine.ask()
    engine.tell(event="IDLE_WARN", await_="idle")
    engine.tell(event="IDLE_END", await_="welcome")


def card_removed(engine: Engine) -> None:
    engine.identify()
    engine.tell(event="CARD_REMOVED")
    engine.leave()


def killed(engine: Engine) -> None:
    engine.review()
    engine.kill()
    engine.start()


def power_cut(engine: Engine) -> None:
    engine.stage.proxy.set_state("cut")
    engine.review()
    engine.press("review.send", then="submit")
    engine.kill()
    engine.stage.proxy.set_state("up")
    engine.start()


def kept_offline(engine: Engine) -> None:
    engine.stage.proxy.set_state("cut")
    engine.review()
    engine.press("review.send", "result.no_paper", then="rate")
    engine.rate()
    engine.stage.proxy.set_state("up")


def printer_failed(engine: Engine) -> None:
    engine.stage.twin("receipt_printer", "paper_after", rows=200)
    engine.review()
    engine.press("review.send", "result.print", then="print")
    end_s = time.monotonic() + PRINTED_S
    while engine.tell()["printing"] == "busy":
        assert time.monotonic() < end_s, "the print that fails never ends"
        time.sleep(0.1)  # the printer keeps its own pace
    engine.stage.twin("receipt_printer", "paper", state="ok")
    engine.leave()


def ended_by_staff(engine: Engine) -> None:
    """The service is stopped in the middle of a visit and started again."""
    engine.review()
    assert engine.end() == 0
    engine.start()


def voice_crashed(engine: Engine) -> None:
    engine.ask()
    assert engine.process is not None
    worker = next(
        pid for pid in descendants(engine.process.pid) if b"voices" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )
    os.kill(worker, signal.SIGKILL)
    engine.leave()


ENDINGS = (
    *(finished, refused, called_for_help, typed_and_left, idle, card_removed, killed, power_cut, kept_offline),
    *(printer_failed, ended_by_staff, voice_crashed),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine()
    try:
        made.stage.set_up()
        made.start()
        yield made
    finally:
        made.close()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("ending", ENDINGS, ids=[ending.__name__ for ending in ENDINGS])
def test_nothing_of_her_is_left(
    ending: Callable[[Engine], None], engine: Engine, record_property: Callable[[str, object], None]
) -> None:
    ending(engine)
    hits = found(engine)
    record_property("figure", f"{ending.__name__}: {len(hits)} hits in {count_files(engine)} files")
    assert hits == []


@pytest.mark.parametrize("place", ["state/draft.tmp", "home/.cache/x", "tmp/page.png", "config/note.toml"])
def test_what_lies_there_in_clear_is_found(engine: Engine, place: str) -> None:
    planted = engine.folder.root / place
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_bytes(b"\0" * 70 + KIM["name"].encode("gbk") + TYPED.encode())
    try:
        assert len(found(engine)) == 2
    finally:
        planted.unlink()


def found(engine: Engine) -> list[str]:
    people = [{**who, "address": ADDRESS} for who in (KIM, OLD)]
    wanted = needles([*people, {"number": TYPED}])
    return [str(hit) for hit in search_files(engine.folder.searched(), wanted)]


def count_files(engine: Engine) -> int:
    return sum(path.is_file() for root in engine.folder.searched() for path in root.rglob("*"))
