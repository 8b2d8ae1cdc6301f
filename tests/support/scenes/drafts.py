"""Every state of the screens for drafts and for what a slip can do that differs to the eye."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.domain.bring.state import Bringing, Brought, Kept, Lacking, Notice, bring_plan
from kiosk.domain.catalogue import Catalogue, ServiceItem
from kiosk.domain.drafts.state import NO_DRAFT, FoundDraft
from kiosk.domain.slip.state import Asked, Back, Letter, LetterStage, SlipShown
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.visit.machine import Decision, DecisionKind, Overlay, Printing, Step, VisitState
from kiosk.domain.visit.plan import plan

UNTIL = "2026-11-25T09:30+08:00"


def _letters(visit: Callable[..., VisitState], slip: VisitState) -> dict[str, VisitState]:
    """The letter that says how a case stands: offered at its slip and at the result, and on its way to paper."""
    date = {"date": Arg(ArgKind.DATE, "2026-11-20")}
    number = {"number": Arg(ArgKind.DIGITS, "0078261120000127")}
    reasons = (Line("reason.repeat.granted", date), Line("reason.repeat.number", number))
    results = {
        "approved": Decision(DecisionKind.APPROVED, next_step=Line("result.approved.now"), query_code="4821"),
        "paid": Decision(DecisionKind.APPROVED, facts={"starts_on": "2026-12-15"}, query_code="4821"),
        "missing": Decision(DecisionKind.NOTICE, (Line("reason.XA032.account"),), query_code="4821"),
        "repeat": Decision(DecisionKind.NOTICE, reasons, Line("next.repeat"), {"repeats": "0078261120000127"}),
    }
    offered = replace(slip.slip, letter=Letter(LetterStage.OFFERED))
    asked = {"progress": "progress.granted", "refused": "progress.refused", "notice": "progress.notice"}
    return {
        **{f"result_{name}": visit(Step.RESULT, stored=True, decision=told) for name, told in results.items()},
        **{
            f"letter_{name}": replace(slip, overlay=Overlay.PROGRESS, slip=offered, progress=Line(key))
            for name, key in asked.items()
        },
        **{
            f"letter_{stage.value}": replace(slip, overlay=Overlay.LETTER, slip=replace(offered, letter=Letter(stage)))
            for stage in LetterStage
        },
    }


def scenes(visit: Callable[..., VisitState], catalogue: Catalogue) -> dict[str, VisitState]:
    item = catalogue.item("XA027")
    ask = visit(Step.ASK, item_id="XA032", plan=plan(catalogue.item("XA032"), {}), index=0)
    kept = replace(NO_DRAFT, code="0412", until=UNTIL)
    slip = visit(Step.DRAFT_SLIP)
    offer = visit(Step.DRAFT_OFFER)
    found = FoundDraft(slip.case_no, "0412", item.item_id, UNTIL)
    shown = SlipShown(slip.case_no, "4821")
    back = visit(Step.WELCOME, resident=None, overlay=Overlay.TAKE_BACK, slip=shown)
    return {
        **_bringing(visit, item),
        "slip_progress": replace(back, overlay=Overlay.PROGRESS, progress=Line("progress.approved")),
        "slip_back_which": back,
        **_letters(visit, back),
        **{
            f"slip_back_{one.value}_{asked.value}": replace(back, slip=replace(shown, back=one, asked=asked))
            for one in Back
            for asked in Asked
        },
        "leave_fetch": replace(ask, overlay=Overlay.LEAVE),
        "leave_kept": replace(ask, overlay=Overlay.LEAVE, drafts=kept),
        "draft_keep": replace(ask, overlay=Overlay.KEEP),
        "draft_keeping": slip,
        "draft_printed": replace(slip, drafts=kept, printing=Printing.PROVED),
        "draft_no_slip": replace(slip, drafts=kept, printing=Printing.FAILED, print_fault="paper_out"),
        "draft_looking": offer,
        "draft_offer": replace(offer, drafts=replace(NO_DRAFT, is_sought=True, found=found)),
        "draft_gone": replace(offer, drafts=replace(NO_DRAFT, is_sought=True, shown=slip.case_no)),
    }


def _bringing(visit: Callable[..., VisitState], item: ServiceItem) -> dict[str, VisitState]:
    """A notice with each kind of point, pages of it, and what came of bringing it."""
    base = visit(Step.BRING, resident=None, item_id=item.item_id)
    slip = SlipShown(base.case_no, "4821")
    points = (
        Lacking(item.papers[0].name, why="照片看不清楚", how="请把原件再拍一次"),
        Lacking("户口本", why="没有带来", how="请带户口本原件到任何一个服务点"),
        Lacking(line=Line("reason.XA032.account")),
    )
    notice = Notice(base.case_no, item.item_id, points, "2026-12-20", bring_plan(points, item))

    def bring(step: Step = Step.BRING, **changes: Any) -> VisitState:
        # Named fields of Bringing, each given with its own type below.
        bringing = replace(Bringing(is_begun=True), **changes)
        return replace(base, step=step, slip=slip, bring=bringing)

    told = bring(notice=notice)
    there = Line("supplement.received", {"date": Arg(ArgKind.DATE, "2026-12-03")})
    done = {kept: bring(Step.BRING_DONE, notice=notice, brought=Brought(kept)) for kept in Kept}
    lacking = replace(base.papers, missing=(item.papers[0].key,))
    return {
        "bring_progress": replace(told, step=Step.WELCOME, overlay=Overlay.PROGRESS, progress=Line("progress.noticed")),
        "bring_looking": bring(),
        "bring_points": told,
        "bring_points_2": replace(told, page=1),
        "bring_unseen": bring(notice=Notice(base.case_no, is_unseen=True, plan=bring_plan((), None))),
        "bring_any_paper": replace(told, step=Step.CAPTURE, item_id="", plan=bring_plan((), None)),
        "bring_sending": bring(Step.BRING_SEND, notice=notice),
        "bring_there": bring(Step.BRING_DONE, notice=notice, brought=Brought(Kept.THERE, there)),
        "bring_kept": replace(done[Kept.HERE], papers=lacking),
        "bring_refused": done[Kept.REFUSED],
    }
