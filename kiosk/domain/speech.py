"""What is to be said: a text key with typed values, never resident words.

The words, shown and spoken, live in `voices/`; this module only names them. Values carry their
kind so that each language can read them by its own number grammar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

RATES = (50, 63, 80, 100, 125, 160, 200)
"""Speaking rates in per cent of the common one, each about a quarter faster than the one before."""
RATE_DEFAULT = 100
VOLUME_STEPS = 15
"""4 dB apart, from hardly heard to as loud as the loudspeaker may be; the speech process knows the decibels."""
VOLUME_DEFAULT = 13
"""The calibrated level."""


class ArgKind(StrEnum):
    """How a value is read aloud."""

    TEXT = "text"
    """Resident-facing text taken from a register or the catalogue, e.g. a bank's name."""
    KEY = "key"
    """Another text key, e.g. `item.XA032.name`."""
    DIGITS = "digits"
    """Digit by digit, in groups of four; 幺 for 1 in Mandarin."""
    COUNT = "count"
    MONEY = "money"
    """Integer fen, as a decimal string."""
    DATE = "date"
    """ISO 8601 date."""
    TIME = "time"
    """ISO 8601 time, minutes."""
    PHONE = "phone"
    NAME = "name"
    """A person's name, already masked."""
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Arg:
    """One value of a text: `value` is always a string, its meaning is the kind's."""

    kind: ArgKind
    value: str


Args = Mapping[str, Arg]


class Privacy(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"
    """Only to a headphone; on the loudspeaker it is withheld and the screen says so."""
    ASKED = "asked"
    """Private, and the resident asked for it to be read aloud here and now."""


class Priority(IntEnum):
    NORMAL = 0
    NOW = 1
    """Stops what is being said, e.g. a device asking for the card to be lifted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One text: a key and its values."""

    key: str
    args: Args = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Utterance:
    """One text to be spoken."""

    line: Line
    privacy: Privacy = Privacy.PUBLIC
    priority: Priority = Priority.NORMAL


class Lang(StrEnum):
    NAN = "nan"
    """Minnan, accent by the pack's data (default Tong'an)."""
    CMN = "cmn"
    """Mandarin."""
