"""Every state of the screens for papers, commitments and signatures that differs to the eye."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import replace

from PIL import Image, ImageDraw

from kiosk.domain.catalogue import Catalogue, ServiceItem
from kiosk.domain.deputy.state import Typed
from kiosk.domain.papers.rows import ASK_FACE, ASK_PAPERS, LAST_POINT
from kiosk.domain.papers.state import (
    FACE_SUBJECT,
    TOLD_POINTS,
    KeptPage,
    Papers,
    Phase,
    Shot,
    Signed,
    captures,
    signing,
)
from kiosk.domain.visit.machine import Step, VisitState
from kiosk.domain.visit.plan import Action, ActionKind
from kiosk.domain.visit.readiness import Capabilities

CROSS = (((30.0, 20.0), (70.0, 60.0)), ((70.0, 20.0), (30.0, 60.0)))


def _page() -> Shot:
    """A sheet with lines, as a document camera gives it."""
    sheet = Image.new("RGB", (1240, 1754), (250, 249, 244))
    draw = ImageDraw.Draw(sheet)
    for y in range(200, 1500, 60):
        draw.rectangle((150, y, 1090 - y % 7 * 40, y + 22), fill=(60, 60, 66))
    draw.ellipse((800, 1300, 1050, 1550), outline=(200, 40, 40), width=14)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=80)
    return Shot(out.getvalue())


def scenes(visit: Callable[..., VisitState], catalogue: Catalogue) -> dict[str, VisitState]:
    return {**_captures(visit, catalogue), **_commitments(visit, catalogue)}


def _captures(visit: Callable[..., VisitState], catalogue: Catalogue) -> dict[str, VisitState]:
    item = catalogue.item("XA027")
    steps = captures(item, {})
    history = next(action for action in steps if action.most > 1)
    base = visit(Step.CAPTURE, item_id=item.item_id, plan=(history, Action(ActionKind.SUBMIT, "")), index=0)
    face = replace(base, plan=(Action(ActionKind.CAPTURE, FACE_SUBJECT), Action(ActionKind.SUBMIT, "")))

    def at(state: VisitState, phase: Phase, **changes: object) -> VisitState:
        subject = state.action.subject if state.action else ""
        made = Papers(at=subject, phase=phase, consents=(ASK_PAPERS, ASK_FACE))
        return replace(state, papers=replace(made, **changes))  # type: ignore[arg-type]

    return {
        "capture_may": replace(base, papers=Papers()),
        "capture_may_face": replace(face, papers=Papers()),
        "capture_lay": at(base, Phase.LOOKING),
        "capture_change": at(base, Phase.CHANGE),
        "capture_glare": at(base, Phase.LOOKING, hint="picture_glare"),
        "capture_failed": at(base, Phase.FAILED, hint="picture_blurred", tries=1),
        "capture_seen": at(base, Phase.SEEN, shot=_page()),
        "capture_more": at(base, Phase.MORE, pages=(KeptPage(history.subject, "病历", "0" * 64),)),
        "capture_lacking": at(base, Phase.LACKING),
        "capture_person": at(base, Phase.PERSON),
        "capture_no_camera": replace(at(base, Phase.LOOKING), capabilities=Capabilities(frozenset())),
        "capture_face": at(face, Phase.LOOKING),
        "capture_face_no_camera": replace(at(face, Phase.LOOKING), capabilities=Capabilities(frozenset())),
        "capture_face_several": at(face, Phase.LOOKING, hint="portrait_several"),
        "capture_face_person": at(face, Phase.FAILED, face_tries=3, hint="portrait_absent"),
        "capture_face_vouching": replace(at(face, Phase.FAILED, face_tries=3), typed=Typed(checking=True)),
    }


def _commitments(visit: Callable[..., VisitState], catalogue: Catalogue) -> dict[str, VisitState]:
    promised = [item for item in catalogue.items if item.commitment]
    item = catalogue.item("XA052")
    steps = (*signing(item), Action(ActionKind.SUBMIT, item.item_id))
    base = visit(Step.COMMIT, item_id=item.item_id, plan=steps, index=0)
    points = {f"commit_{at}": replace(base, papers=Papers(point=at)) for at in (0, 4, LAST_POINT)}
    sign = replace(base, step=Step.SIGN, index=1)
    return {
        **points,
        "commit_declined": replace(base, papers=Papers(signed=Signed.DECLINED)),
        "sign": replace(sign, papers=Papers()),
        "sign_inked": replace(sign, papers=Papers(ink=CROSS)),
        **_promises(base, sign, promised),
    }


def _promises(commit: VisitState, sign: VisitState, items: list[ServiceItem]) -> dict[str, VisitState]:
    """What each item tells, point by point, and what is signed: in the suite one point of each, another of the next;
    what is promised is the same for all.
    """
    found = {}
    for at, item in enumerate(items):
        told = range(len(TOLD_POINTS)) if os.environ.get("ALL_SCENES") else (at % len(TOLD_POINTS),)
        of_item = replace(commit, item_id=item.item_id)
        found |= {f"commit_{item.item_id}_{point}": replace(of_item, papers=Papers(point=point)) for point in told}
        found[f"sign_{item.item_id}"] = replace(sign, item_id=item.item_id, papers=Papers())
    return found
