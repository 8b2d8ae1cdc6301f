"""Mandarin characters to the voice's symbols, and its own natural way of saying them.

Words by jieba, readings by pypinyin, symbols by misaki (the set this voice was trained with). The tone changes of
third tones, 不 and 一 are ours (GB/T 16159-2012 leaves them unwritten; Duanmu, The Phonology of Standard Chinese,
2nd ed., ch. 11): the libraries give citation tones.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import jieba
import numpy as np
from misaki.zh import ZHG2P
from pypinyin import Style, lazy_pinyin

from voices.neural.engine import Engine, NaturalVoiceError
from voices.neural.synth import Samples

STYLE = "zm_yunjian"
"""Low and clear, for ears that have lost the high tones: of seven styles on four sentences the lowest voice but one
(113 Hz; the women's lie at 230 to 295), 2-4 kHz at -16 dB of the low bands as the clearest woman's, and even enough
(17 dB from loudness to peak; zm_yunyang 23) to need no hard limiting."""
SPEED = 0.82
"""About four syllables a second, as the live voice speaks."""
_MARKS = str.maketrans({",": ",", "、": ",", "。": ".", "?": "?", "!": "!", ";": ";", ":": ":"})
_HAN = "一-鿿"
_IGNORED = re.compile(r"[\s“”‘’《》()·…—-]+")
_CITATION = {"一": "yi1", "不": "bu4"}
"""The dictionary has them changed in some phrases and not in others."""
_IN_ROW = frozenset("零幺一二三四五六七八九十百千万亿第")

# The dictionary's messages would stand between the lines that this program prints.
jieba.setLogLevel(logging.WARNING)


class MandarinError(ValueError):
    """A character without reading; the message names it."""


@dataclass(slots=True)
class _Syllable:
    han: str
    pinyin: str
    """With a tone digit at its end, 5 for neutral."""
    starts: bool
    """Whether a word begins with it."""

    @property
    def tone(self) -> str:
        return self.pinyin[-1]

    def retoned(self, tone: str) -> None:
        self.pinyin = self.pinyin[:-1] + tone


def symbols(text: str) -> str:
    """:raises MandarinError: the text holds something that is neither Han nor known punctuation."""
    plain = _IGNORED.sub("", text.translate(_MARKS))
    found = []
    for run in re.findall(f"[{_HAN}]+|[^{_HAN}]", plain):
        if re.match(f"[{_HAN}]", run):
            found.append(_run(run))
        elif run in ",.?!;:":
            found.append(run)
        else:
            raise MandarinError(f"{run!r} in {text!r} cannot be read; write it in Han characters")
    return "".join(found)


def _run(han: str) -> str:
    syllables = list(_syllables(han))
    changed(syllables)
    spoken = ((" " if each.starts and at else "") + ZHG2P.py2ipa(each.pinyin) for at, each in enumerate(syllables))
    return "".join(spoken).replace(chr(815), "")


def _syllables(han: str) -> Iterator[_Syllable]:
    for word in jieba.lcut(han):
        readings = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, errors=_unknown)
        for at, (letter, pinyin) in enumerate(zip(word, readings, strict=True)):
            yield _Syllable(letter, _CITATION.get(letter, pinyin), at == 0)


def _unknown(han: str) -> str:
    raise MandarinError(f"{han!r} has no reading")


def changed(syllables: Sequence[_Syllable]) -> None:
    """Tone changes within a stretch without punctuation, in place."""
    for at, this in enumerate(syllables):
        following = syllables[at + 1] if at + 1 < len(syllables) else None
        if following is None:
            continue
        if this.han == "不" and following.tone == "4":
            this.retoned("2")
        elif this.han == "一" and not _counts(syllables, at):
            this.retoned("2" if following.tone in "45" else "4")
    third = [each.tone == "3" for each in syllables]
    for at, this in enumerate(syllables[:-1]):
        # In a row of third tones all but the last rise.
        if third[at] and third[at + 1]:
            this.retoned("2")


def _counts(syllables: Sequence[_Syllable], at: int) -> bool:
    """一 as a number in a row of numerals, as an ordinal or a month keeps its tone."""
    before = syllables[at - 1].han if at else ""
    after = syllables[at + 1].han if at + 1 < len(syllables) else ""
    # Not before a hundred or a thousand, where it changes like before any measure.
    return before in _IN_ROW or after in ("月", "号") or (after in _IN_ROW and after not in "百千万亿")


class Mandarin:
    """The voice's own Mandarin: durations, pitch and energy as it was trained to make them."""

    def __init__(self, engine: Engine, style: str = STYLE, speed: float = SPEED) -> None:
        self._engine, self.style, self._speed = engine, style, speed

    def speak(self, text: str) -> Samples:
        """Samples at 24 kHz.

        :raises MandarinError: a character that cannot be read.
        :raises NaturalVoiceError: a symbol that the voice does not know.
        """
        spoken = symbols(text)
        if not spoken:
            raise NaturalVoiceError("there is nothing to say")
        engine = self._engine
        tokens = engine.tokens(["", *spoken, ""])
        style = engine.style(self.style, len(spoken) - 1)
        frames = engine.durations(tokens, style, self._speed)
        pitch, energy = engine.predict(tokens, style, frames)
        each = np.repeat(engine.text(tokens), frames[0], axis=1)
        return engine.decode(each, pitch, energy, style).astype(np.float64)
