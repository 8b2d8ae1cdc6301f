"""Write how much there is to hear and to record into the guide for teachers, after texts were added or changed."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from voices.cmn import grammar
from voices.prompts import load_words
from voices.recording.script import lines
from voices.review.items import of_texts

LANG, ACCENT = "nan", "tongan"
"""What the guide's examples are about."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("guide", type=Path, help="docs/voice.zh-CN.md of a checkout")


def run(options: argparse.Namespace) -> int:
    try:
        before = options.guide.read_text(encoding="utf-8")
        after = counted(before, *counts())
    except (OSError, ValueError) as error:
        print(f"voices guide: {error}; nothing was written", file=sys.stderr)
        return 1
    if after != before:
        options.guide.write_text(after, encoding="utf-8")
    print(f"{options.guide}: {'new numbers' if after != before else 'as it was'}")
    return 0


def counts() -> tuple[int, int]:
    """How many there are to hear on the review page, and how many to record."""
    words = load_words()
    return len(of_texts(words, LANG, ACCENT)), len(lines(words, LANG, ACCENT))


def counted(guide: str, to_hear: int, to_record: int) -> str:
    """The guide with these numbers where it has others.

    :raises ValueError: it has none of some number, so the guide is another than this knows.
    """
    hundreds = to_record // 100 * 100
    for pattern, number in (
        (r"^\d+(?= 条要听。)", str(to_hear)),
        (r"(?<=已录 0 句,还差 )\d+(?= 句。)", str(to_record)),
        (r"(?<=^\[1/)\d+(?=\] )", str(to_record)),
        (r"^[㐀-鿿]+(?=多句,同样的话只念一次)", grammar.read("count", str(hundreds)).script),
    ):
        guide, found = re.subn(pattern, number, guide, flags=re.MULTILINE)
        if found != 1:
            raise ValueError(f"the guide has {found} places for {pattern}, not one")
    return guide
