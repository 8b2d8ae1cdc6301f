"""A better reading as a reviewer types it: checked before it is heard, and heard before it is taken."""

from __future__ import annotations

from voices import languages
from voices.reading import NotationError, Reading

LONGEST = 200
_PAUSES = " ,。?!、,?!"


class ProposalError(ValueError):
    """It cannot be said; the message is for the reviewer."""


def reading(lang: str, han: str, sound: str) -> Reading:
    """:raises ProposalError: too long, not in its script or notation, or not one syllable a character."""
    language = languages.of(lang)
    han, sound = han.strip(), " ".join(sound.split())
    if len(han) > LONGEST or len(sound) > 4 * LONGEST:
        raise ProposalError("太长了。一次只改一句。")
    odd = [letter for letter in han if not language.letter.match(letter) and letter not in _PAUSES]
    if odd or not language.letter.search(han):
        raise ProposalError(f"汉字这一栏只写汉字和逗号、句号(多了「{''.join(odd)[:10]}」)。" if odd else "请写汉字。")
    if not language.notation:
        return Reading(han, han)
    try:
        syllables = language.syllables(sound)
    except NotationError as error:
        raise ProposalError(str(error)) from error
    characters = len(language.letter.findall(han))
    if syllables != characters:
        raise ProposalError(f"汉字有 {characters} 个,台罗有 {syllables} 个音节,要一样多。")
    return Reading(han, sound)
