"""Words that stay whole when a shown text is broken into rows: `voices/cmn/whole.txt`, in both languages.

The screens show simplified Chinese without spaces, and a word that is torn apart (自 | 己的卡) is read twice. A text is
covered from the left by the longest words of the list; what no word covers may break between any two characters.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "cmn" / "whole.txt"


@lru_cache(maxsize=1)
def listed() -> frozenset[str]:
    return frozenset(FILE.read_text(encoding="utf-8").split())


@lru_cache(maxsize=1)
def _longest() -> int:
    return max(map(len, listed()))


def inside(text: str) -> frozenset[int]:
    """Offsets of `text` at which a break would tear a word: never 0, never its end."""
    torn: set[int] = set()
    at = 0
    while at < len(text):
        size = next((size for size in range(_longest(), 1, -1) if text[at : at + size] in listed()), 1)
        torn.update(range(at + 1, at + size))
        at += size
    return frozenset(torn)
