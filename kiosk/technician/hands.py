"""The technician's hands and eyes: asked on the terminal in plain words; a key that is no answer is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from kiosk.app.technician.diagnostics import JUDGEMENTS, Reply, Task

WORDS: Mapping[Task, str] = {
    Task.LAY_CARD: "Lay an identity card flat on the reader and leave it there.",
    Task.LIFT_CARD: "Take the card off the reader.",
    Task.SHOW_CODE: "Hold the code of the printer's test slip in front of the scanner (within ten seconds).",
    Task.PLUG_HEADPHONE: "Plug a headphone into the jack.",
    Task.UNPLUG_HEADPHONE: "Pull the headphone out of the jack.",
    Task.ALLOW_SLIP: "A test slip will be printed.",
    Task.JUDGE_SLIP: "Is the slip black, whole and cut off?",
    Task.INSERT_CHIP_CARD: "Push a social security card into the slot, chip first, and leave it there.",
    Task.PULL_CHIP_CARD: "Pull the card out of the slot.",
    Task.ALLOW_PAGE: "A test page will be printed on A4.",
    Task.JUDGE_PAGE: "Is the page black, straight, and its frame whole on all four sides?",
    Task.LAY_PAGE: "Lay a printed page flat under the scanner's eye (or on its glass) and take your hand away.",
    Task.LAY_FACE: "Lay an identity card under the camera, printed front up, and take your hand away.",
    Task.SIT_DOWN: "Sit down before the camera for faces and look at it.",
    Task.PRESS_ENTER: "Press the keypad's confirming key once.",
    Task.JUDGE_LIGHTS: "Does every guide light shine, and the terminal's two lamps?",
    Task.OPEN_DOOR: "Open the cabinet's service door.",
    Task.CLOSE_DOOR: "Close the cabinet's service door.",
    Task.JUDGE_FAN: "Does the cabinet's fan turn?",
    Task.CUT_MAINS: "Pull the supply's own mains plug; the terminal goes on from the battery.",
    Task.RESTORE_MAINS: "Plug the supply into the mains again.",
    Task.UNPLUG_OLD: "Unplug the old device (if it is still plugged in).",
    Task.PLUG_NEW: "Plug the new device in and switch it on.",
}
_DO = {"": Reply.DONE, "s": Reply.SKIP}
_JUDGE = {"y": Reply.DONE, "n": Reply.NO, "s": Reply.SKIP}
WRONG_KEYS_MOST = 5
NO_TERMINAL = "guided: needs somebody at a terminal"


class TerminalHands:
    """`kiosk.app.technician.diagnostics.TechnicianActions` on a pair of text streams."""

    def __init__(self, source: TextIO, out: TextIO) -> None:
        self._source, self._out = source, out

    def why_not(self) -> str:
        return "" if self._source.isatty() and self._out.isatty() else NO_TERMINAL

    def ask(self, task: Task) -> Reply:
        """The end of the input and five wrong keys count as skipped, never as done."""
        keys, choice = (_JUDGE, "y yes, n no, s skip") if task in JUDGEMENTS else (_DO, "Enter when done, s skip")
        self._say(f"\n{WORDS[task]}\n")
        for _ in range(WRONG_KEYS_MOST):
            self._say(f"  [{choice}] ")
            line = self._source.readline()
            if not line:
                return Reply.SKIP
            reply = keys.get(line.strip().lower())
            if reply is not None:
                return reply
            self._say("  That is none of the keys.\n")
        return Reply.SKIP

    def _say(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
