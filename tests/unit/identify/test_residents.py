"""Who a card says stands here: a number that is none is never taken over, whatever the driver let through."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from drivers.api import DeviceError, IdCard, IdDocument
from drivers.faults import CRD_DATA
from kiosk.app.identify.residents import of_id_card

TODAY = date(2026, 12, 3)
CARD = IdCard(
    document=IdDocument.RESIDENT,
    name="陈阿金",
    sex="2",
    nation="01",
    birth=date(1944, 3, 15),
    address="旧址",
    number="350221194403150021",
    issuer="某局",
    valid_from=date(2012, 5, 8),
    valid_until=None,
    new_address="新址",
)
FOREIGNER = replace(
    CARD, document=IdDocument.FOREIGNER_2017, birth=date(1985, 1, 1), number="SAU350285010112", new_address=""
)


def test_a_right_number_is_taken_over() -> None:
    assert of_id_card(CARD, TODAY).number == "350221194403150021"
    assert of_id_card(FOREIGNER, TODAY).birth == "1985-01-01", "the card's own field counts"


@pytest.mark.parametrize(
    "card",
    [
        replace(CARD, number="350221194403150022"),
        replace(CARD, birth=date(1944, 3, 16)),
        replace(CARD, document=IdDocument.HMT),
        replace(FOREIGNER, number="SAU35028501011X"),
        replace(FOREIGNER, number="SA1350285010112"),
    ],
    ids=["check digit", "birth", "kind", "letter", "digit"],
)
def test_a_card_that_contradicts_itself_says_who_nobody_is(card: IdCard) -> None:
    with pytest.raises(DeviceError) as refused:
        of_id_card(card, TODAY)
    assert refused.value.fault is CRD_DATA
    assert card.number not in str(refused.value)
