"""Who a card says stands here, whichever way the card was read. Every number passes `domain.identity` once more.

Of 18 characters the check character must be right. Of the 15 on a foreigner's card of 2017 only the form is looked at
(three letters, twelve digits): a rule for its last digit is known to us from no published standard.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from drivers.api import CompletionCode, DeviceError, HolderLock, IdCard, IdFace, SocialCard
from drivers.faults import CHP_DATA, CHP_LOCKED, CRD_DATA, FAC_NUMBER_WRONG, Fault
from kiosk.domain.identity import Identity, IdentityError, parse_identity
from kiosk.domain.visit.machine import Resident

Today = Callable[[], date]


def of_id_card(card: IdCard, today: date) -> Resident:
    """The driver promises a number that is one; this does not rely on it.

    :raises DeviceError: CRD_DATA for a wrong number, or one of another kind or birthday than the card's fields.
    """
    identity = _checked(card.number, today, CRD_DATA)
    if identity.kind.value != card.document.value:
        raise DeviceError(CRD_DATA, "kind of number", CompletionCode.INVALID_DATA)
    if identity.birth not in (None, card.birth):
        raise DeviceError(CRD_DATA, "birth", CompletionCode.INVALID_DATA)
    return Resident(
        document=card.document.value,
        name=card.name,
        number=identity.number.reveal(),
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
