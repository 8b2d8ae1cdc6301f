"""A text asks one thing: who hears "where is the shop, is that right?" has two answers to give and one key to press.

For `python -m voices check` and the tests, like `voices.lint`. Nothing of it runs while the kiosk speaks.
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^?\uff1f。!\uff01]+[?\uff1f。!\uff01]*")
_PAUSE = re.compile(r"[,\uff0c、‖]")
_END = "?\uff1f。!\uff01 "
_GOES_ON = re.compile(r"还是|抑")
"""The second of two answers to choose from belongs to the question before it."""
_NO_QUESTION = re.compile(r"若无|抑无|几[样项日天]|是[不毋]是您")
"""If not; some of several; some days; what a picture is looked at for: none of these waits for an answer."""


def asked(asks: re.Pattern[str], text: str) -> list[str]:
    """The questions of a text that asks, in their order; nothing for one that only says.

    :param asks: what makes a clause a question in the text's language.
    """
    if not re.search(r"[?\uff1f]", text):
        return []
    return [question for sentence in _SENTENCE.findall(text) for question in _of_sentence(asks, sentence)]


def _of_sentence(asks: re.Pattern[str], sentence: str) -> list[str]:
    parts = [part.strip() for part in _PAUSE.split(sentence.strip("‖ ").rstrip(_END)) if part.strip()]
    found: list[str] = []
    for part in parts:
        if asks.search(_NO_QUESTION.sub("", part)) and not (found and _GOES_ON.match(part)):
            found.append(part)
    if not found and sentence.rstrip("‖ ").endswith(("?", "\uff1f")):
        return parts[-1:]
    return found
