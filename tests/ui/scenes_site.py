"""The life of a site between visits: what is seen from the door, and where else something can be done."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.visit import Overlay, VisitState


def scenes(visit: Callable[..., VisitState], catalogue: Catalogue) -> dict[str, VisitState]:
    return {"attract": VisitState(overlay=Overlay.ATTRACT)}
