"""All places where a card can be laid, as one: watched together, and the first that reads counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from kiosk.domain.visit.machine import CardPlace, Event

Post = Callable[[Event], None]


class Watch(Protocol):
    """What `CardWatch` can do."""

    @property
    def is_there(self) -> bool: ...

    def watch(self, post: Post, *, tell_missing: bool = True) -> None: ...

    def watch_removal(self, post: Post) -> None: ...

    def mind(self, post: Post) -> None: ...

    def stop(self) -> None: ...


class CardDesk:
    """
    :param watches: one for each place that this terminal has. The camera for printed cards is asked only when the
        chip has failed.
    """

    def __init__(self, watches: Mapping[CardPlace, Watch]) -> None:
        self._watches = dict(watches)
        self._chips = {place: watch for place, watch in watches.items() if place is not CardPlace.ID_FACE}

    def watch(self, post: Post) -> None:
        """Both readers at once. That one is missing is told only where no other can be used instead."""
        any_there = any(watch.is_there for watch in self._chips.values())
        for place, watch in self._chips.items():
            watch.watch(post, tell_missing=not any_there and place is next(iter(self._chips)))
        self._rest(CardPlace.ID_FACE)

    def watch_face(self, post: Post) -> None:
        for place in self._chips:
            self._rest(place)
        if eye := self._watches.get(CardPlace.ID_FACE):
            eye.watch(post)

    def watch_removal(self, place: CardPlace, post: Post) -> None:
        """Of the card that was read; the other places are not looked at any more."""
        for other in self._watches:
            if other is not place:
                self._rest(other)
        self._watches[place].watch_removal(post)

    def mind(self, post: Post) -> None:
        for watch in self._watches.values():
            watch.mind(post)

    def stop(self) -> None:
        for place in self._watches:
            self._rest(place)

    def _rest(self, place: CardPlace) -> None:
        if watch := self._watches.get(place):
            watch.stop()
