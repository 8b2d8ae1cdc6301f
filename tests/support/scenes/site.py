"""The life of a site between visits: what is seen from the door, and where else something can be done."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.site.state import Nearest, NearSite
from kiosk.domain.visit.machine import Overlay, Step, VisitState
from kiosk.domain.visit.readiness import Capabilities, Capability


def scenes(visit: Callable[..., VisitState], catalogue: Catalogue) -> dict[str, VisitState]:
    now = NearSite("金海街道便民服务中心", "金海街道金海路12号", "000-0000-0001", 2300)
    later = NearSite("大嶝街道便民服务中心", "大嶝街道环嶝路8号", "000-0000-0002", 0, "2026-11-25", "08:00")
    nobody = {"resident": None, "capabilities": Capabilities(frozenset()), "plan": ()}
    nearest = {
        "now": Nearest("XA032", now),
        "later": Nearest("XA032", None, later),
        "nowhere": Nearest("XA032"),
    }
    slips = Capability.PRINT_SLIP
    low = Capabilities(paper={slips: "paper_low"})
    out = Capabilities(frozenset(Capability) - {slips}, {slips: "PRN-002"}, {slips: "paper_out"})
    return {
        "choose_paper_low": visit(Step.CHOOSE, resident=None, capabilities=low, plan=()),
        "choose_paper_out": visit(Step.CHOOSE, resident=None, capabilities=out, plan=()),
        "attract": VisitState(overlay=Overlay.ATTRACT),
        **{f"nearest_{name}": visit(Step.GUIDE, nearest=near, **nobody) for name, near in nearest.items()},
    }
