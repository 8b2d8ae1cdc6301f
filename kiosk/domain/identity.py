"""Identity numbers and how they are shown. GB 11643, GB 32100."""

from __future__ import annotations


def mask_name(name: str) -> str:
    """First character, stars, and the last one when there are three or more: 陈*婆."""
    if len(name) <= 1:
        return "*" * len(name)
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_number(number: str) -> str:
    """Three digits, stars, the last two."""
    if len(number) < 8:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 5) + number[-2:]
