"""The channel digit of a case number: through which door a case came in."""

from __future__ import annotations

from enum import StrEnum

from backoffice.domain.cases.case_number import KIOSK_CHANNEL, WINDOW_CHANNEL


class Channel(StrEnum):
    WINDOW = WINDOW_CHANNEL
    """Face to face, at a counter."""
    NET = "2"
    HANDHELD = "3"
    KIOSK = KIOSK_CHANNEL


NOT_FACE_TO_FACE = (Channel.NET, Channel.HANDHELD, Channel.KIOSK)
