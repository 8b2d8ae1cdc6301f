"""For `kiosk report`: the terminal's own processes started once, to hear what they do not find on this machine."""

from __future__ import annotations

from pathlib import Path

from kiosk.adapters.pipes.input_pipe import COMMAND
from kiosk.adapters.pipes.line_pipe import told_at_once
from kiosk.adapters.pipes.speech_pipe import command_of
from kiosk.app.parts import codes_of

START_S = 30.0
"""The keys of pinyin are compiled at the first start of a machine."""


def lacking(voice_dir: Path, accent: str) -> dict[str, str]:
    """Fault's code -> what is not there; empty when all is. :raises OSError, subprocess.TimeoutExpired:"""
    found: dict[str, str] = {}
    for command, ending in ((COMMAND, ""), (command_of(voice_dir, "null", accent), '{"op": "quit"}\n')):
        for line in told_at_once(command, ending, START_S):
            named = line.get("lacking")
            if isinstance(named, dict):
                found |= codes_of({str(name): str(why) for name, why in named.items()})
    return found
