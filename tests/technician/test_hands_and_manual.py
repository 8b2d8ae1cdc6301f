"""Guided checks ask in plain words and take no wrong key; the manual is what the catalogues say."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drivers.faults import CATALOGUE
from drivers.registry import FOLDER_OF_CLASS
from drivers.sim.lifetime import ends_with_us
from kiosk.app.selftest import checks_of
from kiosk.app.technician import manual
from kiosk.app.technician.diagnostics import JUDGEMENTS, Reply, Task
from kiosk.domain.faults import HOUSE_FAULTS
from kiosk.technician.hands import WORDS, TerminalHands

ROOT = Path(__file__).resolve().parents[2]


class Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


def asked(keys: str, task: Task) -> tuple[Reply, str, str]:
    """The reply, what was shown, and the keys that were not used."""
    source, out = Keyboard(keys), Keyboard()
    reply = TerminalHands(source, out).ask(task)
    return reply, out.getvalue(), source.read()


@pytest.mark.parametrize("task", list(Task))
def test_every_task_has_plain_words(task: Task) -> None:
    assert WORDS[task][0].isupper() and WORDS[task].endswith((".", "?"))


def test_a_wrong_key_is_refused_and_asked_again() -> None:
    reply, said, left = asked("x\nyes please\n\nn\n", Task.LAY_CARD)
    assert (reply, left) == (Reply.DONE, "n\n")
    assert said.count("That is none of the keys.") == 2 and WORDS[Task.LAY_CARD] in said


def test_a_judgement_needs_a_yes_or_a_no_and_enter_alone_is_neither() -> None:
    assert asked("\ny\n", Task.JUDGE_SLIP)[0] is Reply.DONE
    assert asked("\nN\n", Task.JUDGE_SLIP)[0] is Reply.NO


@pytest.mark.parametrize("keys", ["", "s\n", "1\n2\n3\n4\n5\n\n"])
def test_the_end_of_the_input_a_skip_and_five_wrong_keys_are_never_a_yes(keys: str) -> None:
    for task in Task:
        if not (task in JUDGEMENTS and keys.startswith("1")):
            assert asked(keys, task)[0] is Reply.SKIP


def test_no_terminal_no_hands() -> None:
    assert "terminal" in TerminalHands(io.StringIO(), io.StringIO()).why_not()
    assert TerminalHands(Keyboard(), Keyboard()).why_not() == ""


def test_the_command_guides_on_a_real_terminal_and_refuses_a_wrong_key(terminal) -> None:
    """The program sits on a pseudo terminal; the test plays the technician with both hands."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "kiosk", "selftest", "headphone", "--config", str(terminal.config)]
    run = subprocess.Popen(ends_with_us(command), cwd=ROOT, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE)
    os.close(theirs)
    heard = ""

    def until(words: str) -> None:
        nonlocal heard
        deadline_s = time.monotonic() + 20
        while words not in heard:
            assert select.select([ours], [], [], deadline_s - time.monotonic())[0], heard
            heard += os.read(ours, 4096).decode()
        heard = heard.partition(words)[2]

    with terminal.twin("headphone") as hand:
        until("Plug a headphone into the jack.")
        os.write(ours, b"q\n")
        until("That is none of the keys.")
        hand("insert")
        os.write(ours, b"\n")
        until("Pull the headphone out of the jack.")
        hand("remove")
        os.write(ours, b"\n")
    output, _ = run.communicate(timeout=20)
    os.close(ours)
    assert run.returncode == 0
    assert re.search(r"plug +pass .* ms", output.decode()) and re.search(r"unplug +pass .* ms", output.decode())


def test_the_manual_in_the_documents_is_what_the_catalogues_say() -> None:
    assert (ROOT / "docs" / "technician.md").read_text(encoding="utf-8") == manual.generate(), "python -m kiosk manual"


def test_the_manual_has_every_fault_with_cause_remedy_and_what_the_kiosk_does() -> None:
    chapters = manual.generate().split("### ")[1:]
    by_code = {chapter.split()[0]: chapter for chapter in chapters if chapter.split()[0] not in FOLDER_OF_CLASS}
    assert set(by_code) == {*CATALOGUE, *HOUSE_FAULTS}
    for code, chapter in by_code.items():
        row = CATALOGUE.get(code) or HOUSE_FAULTS[code]
        assert row.cause in chapter and row.remedy in chapter
        assert "What the kiosk does by itself: " in chapter


def test_the_manual_says_what_every_check_of_every_class_measures_and_titles_every_block() -> None:
    text = manual.generate()
    for device_class in FOLDER_OF_CLASS:
        chapter = text.partition(f"### {device_class}\n")[2].partition("\n#")[0]
        for check in checks_of(device_class):
            assert f"- `{check.name}`" in chapter and check.meaning in chapter
            assert (f"`{check.name}` (guided)" in chapter) is check.guided
    assert {code.partition("-")[0] for code in CATALOGUE} <= set(manual.GROUPS)


def test_every_store_fault_that_the_program_can_raise_stands_in_the_catalogue() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "kiosk" / "adapters").rglob("*.py"))
    raised = set(re.findall(r'"(store\.[a-z_]+)"', sources)) - {"store.key"}
    assert raised and raised <= set(HOUSE_FAULTS)
    named = {code for code in HOUSE_FAULTS if code.startswith("store.")}
    assert named <= raised, "a fault that cannot happen is no help"
