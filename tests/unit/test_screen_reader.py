"""The process that tells screen readers what is shown: its lines, and how it is kept alive."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.pipes.screen_reader_pipe import ScreenReaderPipe
from kiosk.screen_reader.__main__ import serve
from kiosk.screen_reader.tree import BadTree, Target, read_tree

YES = {"role": "button", "name": "对", "key": "confirm.yes", "state": ["focused"], "box_px": [40, 900, 500, 160]}
ASKS = {"role": "text", "name": "是您本人吗?", "key": "confirm.who", "state": [], "box_px": [40, 200, 1000, 90]}


def tree(*nodes: Mapping[str, object], **changes: object) -> dict[str, object]:
    size = {"width_px": 1080, "height_px": 1920}
    return {"seq": 1, "screen": "confirm_who", "lang": "nan", **size, "nodes": list(nodes), **changes}


def line(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def answers(*lines: bytes) -> list[dict[str, Any]]:
    sink = io.BytesIO()
    serve(io.BytesIO(b"".join(lines)), sink)
    return [json.loads(told) for told in sink.getvalue().splitlines()]


def test_every_tree_is_answered_by_its_number() -> None:
    ready, *shown = answers(line(tree(ASKS, YES)), line(tree(YES, seq=2)), line(tree(seq=3)))
    assert ready["ready"] is True
    assert shown == [{"shown": 1}, {"shown": 2}, {"shown": 3}]


def test_without_a_session_bus_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("AT_SPI_BUS_ADDRESS", raising=False)
    assert "DBUS_SESSION_BUS_ADDRESS" in answers()[0]["lacking"]


def test_two_buttons_with_one_key_are_two_targets() -> None:
    _, read = read_tree(line(tree(YES, ASKS, YES)))
    assert [node.target for node in read.nodes] == [
        Target("confirm_who", "button", "confirm.yes", 0),
        Target("confirm_who", "text", "confirm.who", 0),
        Target("confirm_who", "button", "confirm.yes", 1),
    ]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"seq": 1}, "'screen' is missing"),
        (tree({**YES, "box_px": [1, 2, 3]}), "no tree: ValueError"),
        (tree({**YES, "state": 7}), "no tree: TypeError"),
        (tree(seq="x"), "no tree: ValueError"),
        (tree(width_px=float("inf")), "no tree: OverflowError"),
        ([], "no tree: TypeError"),
    ],
)
def test_what_is_no_tree_is_refused_without_what_was_on_the_screen(told: object, said: str) -> None:
    with pytest.raises(BadTree) as refused:
        read_tree(line(told))
    assert str(refused.value) == said
    assert [answer.get("error") for answer in answers(line(told), line(tree(YES)))] == [None, said, None]


@given(st.binary(max_size=300).filter(lambda data: b"\n" not in data))
def test_any_line_is_a_tree_or_refused(data: bytes) -> None:
    try:
        read_tree(data)
    except BadTree as refused:
        assert str(refused)


def awaited(holds: Callable[[], bool], what: str) -> None:
    until_s = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until_s, what
        time.sleep(0.01)


COUNTING = """
import json, sys
print(json.dumps({"ready": True, "lacking": ""}), flush=True)
for number, line in enumerate(sys.stdin):
    told = json.loads(line)
    with open(sys.argv[1], "a") as kept:
        kept.write(told["screen"] + "\\n")
    if told["screen"] == "silent":
        continue
    if told["screen"] == "welcome" and number == 0:
        print(json.dumps({"heard": True}), flush=True)
    if told["screen"] == "acting":
        print(json.dumps({"act": "press", "screen": "acting", "key": "confirm.yes", "nth": 0}), flush=True)
        print("no json", flush=True)
    print(json.dumps({"shown": told["seq"]}), flush=True)
"""


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[tuple[ScreenReaderPipe, Callable[[], list[str]]]]:
    """The pipe before a process that writes down the screens that it is told."""
    kept = tmp_path / "told"
    kept.touch()
    made = ScreenReaderPipe(SystemClock(), (sys.executable, "-c", COUNTING, str(kept)))
    yield made, lambda: kept.read_text().split()
    made.close()


Pipe = tuple[ScreenReaderPipe, Callable[[], list[str]]]


def test_what_is_shown_is_told_once_it_is_ready_and_the_last_one_counts(pipe: Pipe) -> None:
    made, told = pipe
    for screen in ("welcome", "choose", "identify"):
        made.publish(tree(screen=screen))
    awaited(lambda: told()[-1:] == ["identify"], "the last screen was not told")


def test_what_a_reader_presses_is_handed_on_and_a_line_that_is_none_stops_nothing(pipe: Pipe) -> None:
    made, told = pipe
    acts: list[tuple[str, str, str, int]] = []
    made.follow(lambda *act: acts.append(act))
    made.publish(tree(YES, screen="acting"))
    awaited(lambda: bool(acts), "the press was not handed on")
    assert acts == [("press", "acting", "confirm.yes", 0)]
    made.publish(tree(screen="choose"))
    awaited(lambda: told()[-1:] == ["choose"], "the next screen was not told")


def test_a_process_that_died_is_started_again_and_told_what_is_shown(pipe: Pipe) -> None:
    made, told = pipe
    made.publish(tree(screen="choose"))
    awaited(lambda: told() == ["choose"], "the screen was not told")
    assert made.pid is not None
    os.kill(made.pid, signal.SIGKILL)
    awaited(lambda: told() == ["choose", "choose"], "the next process was not told the screen")


def test_somebody_who_begins_to_listen_is_told_what_is_shown(pipe: Pipe) -> None:
    made, told = pipe
    made.publish(tree(screen="welcome"))
    awaited(lambda: told() == ["welcome", "welcome"], "the screen was not told once more")


def test_a_process_that_takes_nothing_is_ended_and_the_screen_never_waits(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, told = pipe
    monkeypatch.setattr("kiosk.adapters.pipes.screen_reader_pipe.READER_SILENT_S", 0.2)
    made.publish(tree(screen="silent"))
    awaited(lambda: made.restarts > 0, "a process that hangs was not replaced")
    made.publish(tree(screen="choose"))
    awaited(lambda: told()[-1:] == ["choose"], "the next process was not told the screen")


LATE = """
import json, os, pathlib, sys, time
started = pathlib.Path(sys.argv[1])
if not started.exists():
    started.touch()
    sys.exit(1)
time.sleep(1.5)  # a small board takes its time to begin
print(json.dumps({"ready": True, "lacking": ""}), flush=True)
for line in sys.stdin:
    print(json.dumps({"shown": json.loads(line)["seq"]}), flush=True)
"""


def test_one_that_is_started_after_a_long_wait_has_its_whole_time_to_be_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wait before it was started does not count: else it would be ended before it could ever be ready."""
    monkeypatch.setattr("kiosk.adapters.pipes.screen_reader_pipe.READER_RESTART_S", (3.0,))
    monkeypatch.setattr("kiosk.adapters.pipes.screen_reader_pipe.READER_SILENT_S", 2.5)
    made = ScreenReaderPipe(SystemClock(), (sys.executable, "-c", LATE, str(tmp_path / "started")))
    try:
        made.publish(tree(screen="welcome"))
        awaited(lambda: made.has_worked, "the second process was never ready")
        assert made.restarts == 1
    finally:
        made.close()
