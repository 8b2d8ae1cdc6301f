"""What a terminal says that somebody agreed to is what the office takes."""

from __future__ import annotations

import pytest

from backoffice.api.models import GivenConsent
from kiosk.adapters.words import VoicesWords
from kiosk.domain.speech import Lang
from kiosk.wiring.effects import version_of


@pytest.mark.parametrize("lang", list(Lang))
def test_the_version_of_what_was_read_out_is_one_that_the_office_keeps(lang: Lang) -> None:
    versions = {key: version_of(VoicesWords())(lang, key) for key in ("sign.by_key", "sign.question")}
    for version in versions.values():
        assert GivenConsent(purpose="sign.by_key", text_version=version).text_version == version
    assert len(set(versions.values())) == len(versions), "another text is another version"
