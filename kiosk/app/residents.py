"""Who a card says stands here. A number of 18 characters is taken over only with its right check character.

To the 15 characters of a foreigner's card of 2017 no published check is applied: only their form is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from drivers.api import CompletionCode, DeviceError, HolderLock, IdCard, IdFace, SocialCard
from drivers.faults import CHP_DATA, CHP_LOCKED, FAC_NUMBER_WRONG, Fault
from kiosk.domain.identity import Identity, IdentityError, parse_identity
from kiosk.domain.visit import Resident

Today = Callable[[], date]


def of_id_card(card: IdCard) -> Resident:
    return Resident(
        document=card.document.value,
        name=card.name,
        number=card.number,
        sex=card.sex,
        birth=card.birth.isoformat(),
        address=card.new_address or card.address,
        valid_until=card.valid_until.isoformat() if card.valid_until else "",
    )


def of_social_card(card: SocialCard, today: date) -> Resident:
    """
    :raises DeviceError: CHP_LOCKED when the holder is closed (no PIN is ever asked for), CHP_DATA when it is wrong.
    """
    if card.holder is None or card.lock is not HolderLock.OPEN:
        raise DeviceError(CHP_LOCKED, card.lock.value, CompletionCode.USER_ERROR)
    holder = card.holder
    identity = _checked(holder.number, today, CHP_DATA)
    birth = identity.birth or holder.birth
    if birth is None or not holder.name:
        raise DeviceError(CHP_DATA, "no name or birth", CompletionCode.INVALID_DATA)
    return Resident(
        document=identity.kind.value,
        name=holder.name,
        number=identity.number.reveal(),
        sex=identity.sex.value,
        birth=birth.isoformat(),
        address="",
        valid_until=card.valid_until.isoformat() if card.valid_until else "",
        source="social_card",
    )


def of_id_face(face: IdFace, today: date) -> Resident:
    """The driver promises a number that is one; this does not rely on it. :raises DeviceError: FAC_NUMBER_WRONG."""
    identity = _checked(face.number, today, FAC_NUMBER_WRONG)
    if identity.birth != face.birth:
        raise DeviceError(FAC_NUMBER_WRONG, "birth", CompletionCode.INVALID_DATA)
    return Resident(
        document=identity.kind.value,
        name=face.name,
        number=identity.number.reveal(),
        sex=identity.sex.value,
        birth=face.birth.isoformat(),
        address=face.address,
        source="ocr",
        uncertain=face.uncertain,
    )


def _checked(number: str, today: date, fault: Fault) -> Identity:
    try:
        return parse_identity(number, today)
    except IdentityError as error:
        raise DeviceError(fault, error.problem.value, CompletionCode.INVALID_DATA) from error
