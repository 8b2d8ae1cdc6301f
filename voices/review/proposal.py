"""A better reading as a reviewer types it: checked before it is heard, and heard before it is taken."""

from __future__ import annotations

import re

from voices.pipeline import tailo
from voices.pipeline.tailo import TailoError
from voices.reading import Reading

LONGEST = 200
_HAN = re.compile(r"[㐀-鿿]")
_NO_TONE = re.compile("[069]")
"""Tones that neither accent has."""
_PAUSES = " ,。?!、,?!"


class ProposalError(ValueError):
    """It cannot be said; the message is for the reviewer."""


def reading(lang: str, han: str, sound: str) -> Reading:
    """:raises ProposalError: too long, not Han, no Tâi-lô, or another number of syllables than characters."""
    han, sound = han.strip(), " ".join(sound.split())
    if len(han) > LONGEST or len(sound) > 4 * LONGEST:
        raise ProposalError("太长了。一次只改一句。")
    odd = [letter for letter in han if not _HAN.match(letter) and letter not in _PAUSES]
    if odd or not _HAN.search(han):
        raise ProposalError(f"汉字这一栏只写汉字和逗号、句号(多了「{''.join(odd)[:10]}」)。" if odd else "请写汉字。")
    if lang == "cmn":
        return Reading(han, han)
    syllables = _syllables(sound)
    characters = len(_HAN.findall(han))
    if syllables != characters:
        raise ProposalError(f"汉字有 {characters} 个,台罗有 {syllables} 个音节,要一样多。")
    return Reading(han, sound)


def _syllables(sound: str) -> int:
    parts = [part for part in re.split(r"[\s|-]+", sound) if part]
    if not parts:
        raise ProposalError("请写台罗拼音,例如 li2 ho2。")
    for part in parts:
        if _NO_TONE.search(part):
            raise ProposalError(f"「{part[:20]}」没有这个声调。声调只有 1、2、3、4、5、7、8。")
        try:
            tailo.syllable(part)
        except TailoError as error:
            raise ProposalError(
                f"「{part[:20]}」读不出来。每个音节写字母加一个声调数字,例如 ban5;"
                "带 -p -t -k -h 尾的只能是 4 或 8 声,别的不能是 4、8 声。"
            ) from error
    try:
        return sum(len(group) for group in tailo.groups(sound))
    except TailoError as error:
        raise ProposalError("每一组(| 隔开)要有音节;轻声的记号 -- 前面要有一个音节。") from error
