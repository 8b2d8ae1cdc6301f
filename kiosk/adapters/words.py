"""The resident words of `voices/` behind the port `Words`; the one file of the kiosk that imports `voices.prompts`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kiosk.domain.speech import Args, Lang
from voices.prompts import load_words


class VoicesWords:
    """Port `Words`. Texts are read once a process."""

    def __init__(self) -> None:
        self._words = load_words()

    def show(self, lang: Lang, key: str, args: Args) -> str:
        """The text as shown, values formatted. :raises KeyError: unknown key or missing value."""
        return self._words.show(lang.value, key, args)

    def clauses(self, lang: Lang, key: str, args: Args) -> Sequence[str]:
        """The shown text cut at the same places as the spoken clauses."""
        return self._words.clauses(lang.value, key, args)

    def inside(self, text: str) -> Collection[int]:
        """Where a new row would tear a word apart, as offsets."""
        return self._words.inside(text)
