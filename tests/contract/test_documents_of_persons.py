"""The kiosk names the cards of persons as the back office does."""

from __future__ import annotations

from typing import get_args

from backoffice.api.models import Document
from backoffice.casework.delivery import Shown
from drivers.api import IdDocument
from kiosk.domain.identity import IdentityKind


def test_every_card_that_the_kiosk_reads_is_one_that_the_office_takes_and_no_other() -> None:
    read = {document.value for document in IdDocument}
    assert read == {kind.value for kind in IdentityKind}
    assert set(get_args(Document)) == read


def test_with_every_such_card_a_paper_can_be_collected() -> None:
    assert {document.value for document in IdDocument} <= {shown.value for shown in Shown}
