"""Card readers and what cards say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from drivers.api.device import Device


class IdDocument(StrEnum):
    """The four text layouts on the chip, by the marker at byte 248 (GA/T 467 text block)."""

    RESIDENT = "resident"
    HMT = "hmt"
    FOREIGNER_2017 = "foreigner_2017"
    FOREIGNER_2023 = "foreigner_2023"


@dataclass(frozen=True, slots=True, repr=False)
class IdCard:
    """What the chip says. The repr shows no content; nothing here may be logged."""

    document: IdDocument
    name: str
    sex: str
    """GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated."""
    nation: str
    """GB/T 3304 two digits for residents, otherwise empty."""
    birth: date
    address: str
    number: str
    issuer: str
    valid_from: date
    valid_until: date | None
    """None for 长期."""
    extras: Mapping[str, str] = field(default_factory=dict)
    """pass_number, issues, nationality, english_name … as the layout has them."""
    photo_wlt: bytes = b""
    new_address: str = ""
    fingerprints: bytes = b""
    """Templates of 512 bytes each, as the chip has them; nothing here looks into them. Empty unless asked for."""

    def __repr__(self) -> str:
        return f"IdCard({self.document.value}, ***)"


class IdCardReader(Device, Protocol):
    """XFS4IoT CardReader for contactless identity cards."""

    def wait_card(self, timeout_s: float) -> bool:
        """Poll until a card lies on the reader; False when none came. :raises DeviceError:"""

    def read(self, timeout_s: float) -> IdCard:
        """Find, select and read the card that lies there. :raises DeviceError:"""

    def wait_removed(self, timeout_s: float) -> bool:
        """Poll until no card answers; False when it still lies there. :raises DeviceError:"""


class HolderLock(StrEnum):
    """Whether a chip card shows its holder. A kiosk never asks for a card's PIN and never tries one."""

    OPEN = "open"
    NEEDS_PIN_OR_MODULE = "needsPinOrModule"
    PIN_BLOCKED = "pinBlocked"


@dataclass(frozen=True, slots=True, repr=False)
class SocialHolder:
    """Whose card it is (EF06). The repr shows no content."""

    name: str
    number: str
    """Social security number; a resident's is the citizen number with its check digit."""
    sex: str = ""
    """GB/T 2261.1; empty where the card says nothing."""
    nation: str = ""
    birthplace: str = ""
    birth: date | None = None

    def __repr__(self) -> str:
        return "SocialHolder(***)"


@dataclass(frozen=True, slots=True, repr=False)
class SocialCard:
    """What a social security card says (EF05, and EF06 where it is open). Nothing here may be logged."""

    card_number: str
    region: str
    """Six digits: the pooling region that issued it, e.g. 350200."""
    identifier: str
    category: str
    version: str
    issuer: str
    issued_on: date | None
    valid_until: date | None
    """None where the card names no end."""
    holder: SocialHolder | None
    """None when `lock` is not OPEN."""
    lock: HolderLock = HolderLock.OPEN

    def __repr__(self) -> str:
        return f"SocialCard({self.lock.value}, ***)"


class ChipCardReader(Device, Protocol):
    """XFS4IoT CardReader with a chip (ChipIO, ChipPower), for social security cards."""

    def wait_card(self, timeout_s: float) -> bool:
        """Wait until a card is in the slot; False when none came. :raises DeviceError:"""

    def read(self, timeout_s: float) -> SocialCard:
        """Power the card in the slot, read it, and switch it off. :raises DeviceError:"""

    def wait_removed(self, timeout_s: float) -> bool:
        """Wait until the slot is empty; False when the card is still in it. :raises DeviceError:"""
