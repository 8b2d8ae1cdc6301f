"""Whatever a reviewer types can be said or is refused with a word for her."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from voices.packs.said import surface, text_hash
from voices.packs.take import RECORDED, RENDERED
from voices.pipeline import accent as accents
from voices.pipeline import tailo
from voices.review import proposal
from voices.review.proposal import ProposalError

_SYLLABLE = st.builds(
    lambda initial, final, tone: f"{initial}{final}{tone}",
    st.sampled_from(tailo.INITIALS),
    st.sampled_from(sorted(tailo.FINALS)),
    st.integers(0, 9),
)
_TYPED = st.lists(_SYLLABLE | st.sampled_from(["|", "--", "-", "a2"]), min_size=1, max_size=6).map(" ".join)


@pytest.mark.parametrize("accent", accents.names())
@settings(max_examples=150, deadline=None)
@example(typed="pa1 | --")
@example(typed="pa6 pa1")
@given(typed=_TYPED | st.text(max_size=20))
def test_what_is_taken_can_be_said(accent: str, typed: str) -> None:
    count = len([part for part in re.split(r"[\s|-]+", typed) if part])
    try:
        reading = proposal.reading("nan", "好" * max(count, 1), typed)
    except ProposalError as error:
        assert str(error)
        return
    assert surface("nan", accent, reading)
    assert text_hash("nan", accent, reading, RECORDED) and text_hash("nan", accent, reading, RENDERED)
