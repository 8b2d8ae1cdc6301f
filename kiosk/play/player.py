"""Plays one journey: sets the stage, walks the steps, watches, and writes down what happened."""

from __future__ import annotations

import contextlib
import functools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.play.actions import Actions, CannotPlay
from kiosk.play.checks.expect import Moment, problems
from kiosk.play.checks.residue import PICTURES, Hit, needles, search_bytes, search_files
from kiosk.play.checks.verdict import Ending, verdict
from kiosk.play.deferred import Deferred
from kiosk.play.display import Display, NoSuchKey
from kiosk.play.json_socket import SocketGone
from kiosk.play.observer import Follower, SeenEvent, Tree
from kiosk.play.photographer import Photographer
from kiosk.play.process import StageError
from kiosk.play.report import Account, Delivery, build, compare
from kiosk.play.run_folder import RunFolder
from kiosk.play.script import PlayStep, Script
from kiosk.play.slips import Page
from kiosk.play.speech_log import SpeechLog
from kiosk.play.stage import Stage

WITHIN_S = 15.0
"""How long an expectation may take to become true when the journey does not say."""
SETTLE_S = 10.0
"""The last visit must be over and wiped by then (the product's own limit is 2 s)."""
FAILED_SETTLE_S = 0.5
DEFAULT_SPEED = 20.0

Say = Callable[[str], None]


@dataclass(slots=True)
class Result:
    """What a journey came to."""

    report: dict[str, Any]
    failed: list[str] = field(default_factory=list)


class Player:
    """One run. `play` may be called once; it ends everything it started, whatever happens."""

    def __init__(self, script: Script, folder: RunFolder, say: Say, *, pictures: bool = True):
        """:param pictures: one of every screen; each takes its time from the visit's machine."""
        self._script = script
        self._pictures = pictures
        self._photographer: Photographer | None = None
        self._folder = folder
        self._say = say
        self._begun_s = time.monotonic()
        stage = script.stage
        self._stage = Stage(
            folder,
            date=script.date,
            clock_s=stage.get("clock_s", 0.0),
            speech_speed=stage.get("speech_speed", DEFAULT_SPEED),
            voice=stage.get("voice", "paced"),
            devices=stage.get("devices", ()),
            staff=stage.get("staff", False),
        )
        self._account = Account()
        self._speech = SpeechLog(folder.speech)
        self._pages: dict[str, Page] = {}
        self._failed: list[str] = []
        self._shown: set[str] = set()
        self._lock = threading.Lock()
        self._clean_up = contextlib.ExitStack()
        self._events_before = 0
        self._spoken_before = 0

    def play(self) -> Result:
        """:raises StageError: the stage could not be set."""
        with self._clean_up:
            self._clean_up.callback(self._stage.stop_all)
            self._set_stage()
            self._walk()
            return self._end()

    # the beginning

    def _set_stage(self) -> None:
        wanted = self._script.stage
        self._stage.set_up(
            backoffice=wanted.get("backoffice", "up") == "up",
            network=wanted.get("network", "up") == "up",
            payments="payments" in wanted,
        )
        if wanted.get("paper", "ok") != "ok":
            self._stage.twin("receipt_printer", "paper", state=wanted["paper"])
        self._display = Display(self._stage.display)
        self._clean_up.callback(self._display.close)
        self._deferred = Deferred(self._fail)
        self._clean_up.callback(self._deferred.close)
        self._follower = Follower(self._folder.observer, self._begun_s, self._saw_tree, self._saw_event)
        self._clean_up.callback(self._follower.close)
        if self._pictures:
            photographer = Photographer(self._stage.display, self._folder.screens, lambda: self._follower.tree)
            self._clean_up.callback(photographer.close)
            self._photographer = photographer
        self._actions = Actions(
            self._stage, self._follower, self._display, self._account, self._collect_pages, self._speech.read
        )
        self._stage.start_kiosk()
        try:
            self._actions.await_kiosk()
        except CannotPlay as error:
            raise StageError(str(error)) from error
        self._untouched = look_of(self._follower.tree, self._display)
        self._say(f"{self._at()} the stage is set: {self._follower.tree.screen}")

    def _saw_tree(self, tree: Tree) -> None:
        self._shown.update(text for node in tree.nodes for text in (node.key, node.name))
        self._deferred.saw_tree(tree)
        if self._photographer is not None:
            self._photographer.saw_tree(tree)

    def _saw_event(self, event: SeenEvent) -> None:
        self._account.take(event)
        if event.kind.startswith("printed"):
            with contextlib.suppress(StageError):
                out = len(self._stage.twin("receipt_printer", "pages")["pages"])
                self._account.came_out(out)
        self._deferred.saw_event(event)

    # the steps

    def _walk(self) -> None:
        total = len(self._script.steps)
        for step in self._script.armed:
            self._say(f"{self._at()} armed: {step.title}")
            self._actions.do(step.verb, dict(step.options))
        for number, step in enumerate(self._script.steps, start=1):
            try:
                self._step(step)
            except (CannotPlay, NoSuchKey, StageError, SocketGone) as error:
                self._fail(f"{step.place}: {error}")
            self._say(f"{self._at()} {number:2d}/{total} {step.title} -> {self._follower.tree.screen or 'dark'}")
            if self._failed:
                return

    def _step(self, step: PlayStep) -> None:
        if step.verb:
            self._events_before = len(self._follower.events)
            self._spoken_before = len(self._speech.read())
            if step.at is not None:
                self._defer(step)
            else:
                self._actions.do(step.verb, dict(step.options))
        if step.expect is not None:
            self._expect(step)

    def _defer(self, step: PlayStep) -> None:
        assert step.at is not None

        def action() -> None:
            self._say(f"{self._at()}       now: {step.title}")
            self._actions.do(step.verb, dict(step.options))

        self._deferred.arm(step.at, action, f"{step.place}: {step.title}", self._follower.tree)

    def _expect(self, step: PlayStep) -> None:
        expect = step.expect or {}
        wrong: list[str] = []

        def holds() -> bool:
            wrong[:] = problems(expect, self._moment())
            return not wrong

        within_s = expect.get("within_s", WITHIN_S)
        held = self._follower.wait(holds, within_s, self._stage.check_alive)
        if held and "unchanged_s" in expect:
            face = self._follower.tree.face
            left = self._follower.wait(lambda: self._follower.tree.face != face, expect["unchanged_s"])
            if left or not holds():
                self._fail(f"{step.place}: the screen did not stay: now {self._follower.tree.screen}")
        if not held:
            for text in wrong:
                self._fail(f"{step.place}: after {within_s:g} s {text}")

    def _moment(self) -> Moment:
        events = self._follower.events
        return Moment(
            tree=self._follower.tree,
            account=self._account,
            events=events[self._events_before :],
            spoken=self._speech.read()[self._spoken_before :],
            faults=self._account.faults,
            pages=lambda: sum(page.complete for page in self._collect_pages()),
            sheets=self._stage.sheets,
            delivered=lambda: self._compare().delivered,
            picture=functools.cache(self._display.picture),
            mount_mm=self._stage.mount_height_mm,
        )

    # the end

    def _end(self) -> Result:
        # After a failure nothing more is hoped for.
        settle_s = FAILED_SETTLE_S if self._failed else SETTLE_S
        self._deferred.settle(settle_s)
        for text in self._deferred.unfired():
            self._fail(text)
        over = self._follower.wait(lambda: self._account.wiped and self._follower.tree.step == "welcome", settle_s)
        self._await_delivery()
        cases, delivery, audit = self._cases()
        pages, sheets = self._collect_pages(), self._stage.sheets()
        left = self._left_on_screen(over) + [str(hit) for hit in self._search(self._clipboard())]
        if self._photographer is not None:
            self._photographer.close()
        self._follower.close()
        self._stage.stop_kiosk()
        left += [str(hit) for hit in self._search([]) if str(hit) not in left]
        ending = Ending(
            account=self._account,
            spoken=self._speech.read(),
            cases=cases,
            audit=audit,
            delivery=delivery,
            pages=pages,
            sheets=sheets,
            sheet_pages=self._stage.sheet_pages(),
            charges=self._stage.charges(),
            touches=self._actions.touches,
            exit_codes=self._stage.exit_codes,
            orphans=self._stage.left_behind,
            wiped=not left,
            left=left,
            shown=sorted(self._shown),
            bare=[str(hit) for hit in self._bare()],
            plugged_s=self._actions.plugged_s,
        )
        for text in verdict(self._script.expect, ending):
            self._fail(text)
        report = build(
            self._script.journey, self._account, ending.spoken, delivery, wiped=not left, failed=self._failed
        )
        return Result(report, self._failed)

    def _await_delivery(self) -> None:
        """The last item may still be on its way: the back office is asked when the network has been quiet."""
        wanted = self._script.expect.get("delivered", 0)
        if wanted and not self._failed:
            within_s = self._script.expect.get("within_s", WITHIN_S)
            self._follower.wait(lambda: self._accepted() >= wanted, within_s, self._stage.check_alive)

    def _accepted(self) -> int:
        """Cases whose acceptance has passed the network whole."""
        return sum(
            one.method == "POST" and one.path == "/v1/cases" and one.status in (200, 201)
            for one in list(self._stage.exchanges)
        )

    def _cases(self) -> tuple[list[dict[str, Any]], Delivery, dict[str, Any]]:
        cases, audit = self._stage.ledger()
        known = [visit.case_no for visit in self._account.visits]
        return cases, compare(self._account.stored, known, cases), audit

    def _compare(self) -> Delivery:
        return self._cases()[1]

    def _left_on_screen(self, over: bool) -> list[str]:
        tree = self._follower.tree
        left = [] if over else [f"a visit that goes on: screen {tree.screen or 'dark'}, wiped {self._account.wiped}"]
        # After two minutes more the screen that waits stands over it, in its one size and theme.
        changed = tree.screen == "welcome" and look_of(tree, self._display) != self._untouched
        if tree.step == "welcome" and (changed or tree.lang != self._untouched[0]):
            left.append("language, size or theme of the visit")
        shown = "\n".join(node.name for node in tree.nodes).encode()
        return left + [str(hit) for hit in search_bytes(shown, "the screen", needles(self._actions.people))]

    def _bare(self) -> list[Hit]:
        return search_bytes("\n".join(sorted(self._shown)).encode(), "a screen", needles(self._actions.people))

    def _clipboard(self) -> list[bytes]:
        return self._display.clipboard_texts()

    def _search(self, clipboard: list[bytes]) -> list[Hit]:
        wanted = {**needles(self._actions.people), **PICTURES}
        hits = search_files(self._folder.searched(), wanted)
        for text in clipboard:
            hits += search_bytes(text, "the clipboard", wanted)
        return hits

    def _collect_pages(self) -> list[Page]:
        """The slips so far, copied out of the printer's hands."""
        with contextlib.suppress(StageError):
            answer = self._stage.twin("receipt_printer", "pages")
            for item in answer.get("pages", []):
                self._keep_page(item)
        return list(self._pages.values())

    def _keep_page(self, item: dict[str, Any]) -> None:
        # After a power cut the printer counts anew.
        name = f"{self._actions.power_cuts}/{item['file']}"
        if name not in self._pages:
            target = self._folder.slips / f"{len(self._pages) + 1:02d}-slip.png"
            target.write_bytes(Path(str(item["png"])).read_bytes())
            self._pages[name] = Page(target, bool(item.get("complete")))

    # small things

    def _fail(self, text: str) -> None:
        with self._lock:
            self._failed.append(text)
        self._say(f"{self._at()} FAILED {text}")

    def _at(self) -> str:
        return f"{time.monotonic() - self._begun_s:6.1f} s"


def look_of(tree: Tree, display: Display) -> tuple[object, ...]:
    """Language, size and theme of a screen: its texts, their boxes, and the ground between them.

    What the first screen tells of its site comes and goes with the hour, and the picture shrinks with it.
    """
    picture = display.picture()
    grounds = [picture.getpixel((4, part * picture.height // 8)) for part in (2, 4, 6)]
    nodes = [node for node in tree.nodes if not node.key.startswith(("site.", "picture."))]
    return tree.lang, tuple((node.key, node.name, node.box_px) for node in nodes), tuple(map(str, grounds))


def write_report(folder: RunFolder, report: dict[str, Any]) -> None:
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (folder.out / "report.json").write_text(text + "\n", encoding="utf-8")
