"""What of a visit is worth keeping for a day, and the visit that it becomes again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kiosk.domain.catalogue import FieldType
from kiosk.domain.deputy.state import NO_DEPUTY, NOT_TYPED
from kiosk.domain.drafts.state import NO_DRAFT, Drafts
from kiosk.domain.papers.state import ASK_REGISTERS, KeptPage, Papers, Phase
from kiosk.domain.visit.plan import Action, ActionKind, kept
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Step

AT_WORK = (Step.ASK, Step.CHANGE, Step.REVIEW, Step.CAPTURE, Step.COMMIT, Step.SIGN)
"""Steps at which something has been said and nothing is sent."""
_SIGNED = (ActionKind.COMMIT, ActionKind.SIGN)

Content = Mapping[str, object]


def may_keep(state: VisitState) -> bool:
    """Only of her own matter on its way to be sent; a picture that is being stored comes first.

    What a helper said is not kept: the helper's card would have to be asked for again.
    """
    if state.deputy != NO_DEPUTY or state.typed != NOT_TYPED:
        return False
    if state.resident is None or state.step not in AT_WORK or state.stored or state.decision is not None:
        return False
    sends = any(action.kind is ActionKind.SUBMIT for action in state.plan)
    return sends and state.papers.phase is not Phase.KEEPING


def content_of(state: VisitState) -> Content:
    """What was said and photographed, as JSON. No secret, and no signature: that is given when it is sent."""
    secret = {action.subject for action in state.plan if _is_secret(action)}
    signed = {action.subject for action in state.plan if action.kind in _SIGNED}
    papers = state.papers
    return {
        "item_id": state.item_id,
        "answers": {key: answer for key, answer in state.answers.items() if key not in secret},
        "at": _name_of(state.action),
        "pages": [[page.subject, page.material, page.digest] for page in papers.pages if page.subject not in signed],
        "missing": list(papers.missing),
        "consents": list(papers.consents),
        "refused": list(papers.refused),
        "visits": state.drafts.earlier,
    }


def _is_secret(action: Action) -> bool:
    return action.field is not None and action.field.type is FieldType.SECRET


def _name_of(action: Action | None) -> str:
    return f"{action.kind.value} {action.subject}" if action else ""


def visits_of(content: Content) -> int:
    """Visits that the number of this draft had before the one that it was last kept in."""
    before = content.get("visits", 0)
    return before if isinstance(before, int) else 0


def taken_up(state: VisitState) -> VisitState:
    """Her draft, if she goes on with one, in the plan that was just made anew: what the catalogue asks today counts.

    She comes to the same question, or to the first one that has no answer any more.
    """
    if not state.drafts.is_taken_up or state.drafts.found is None:
        return state
    content = state.drafts.found.content
    answers = kept(state.plan, _texts(content.get("answers")))
    papers = _papers(content)
    index = _index(state.plan, answers, papers, str(content.get("at", "")))
    drafts = replace(state.drafts, is_taken_up=False)
    return replace(state, answers=answers, papers=papers, index=index, drafts=drafts)


def _texts(data: object) -> dict[str, str]:
    return {str(key): str(value) for key, value in data.items()} if isinstance(data, dict) else {}


def _names(data: object) -> tuple[str, ...]:
    return tuple(str(one) for one in data) if isinstance(data, list) else ()


def _papers(content: Content) -> Papers:
    rows = content.get("pages")
    pages = tuple(KeptPage(*map(str, row)) for row in rows) if isinstance(rows, list) else ()
    named = {name: _names(content.get(name)) for name in ("missing", "consents", "refused")}
    return Papers(pages=pages, missing=named["missing"], consents=named["consents"], refused=named["refused"])


def _index(plan: tuple[Action, ...], answers: Mapping[str, str], papers: Papers, at: str) -> int:
    """Nothing is passed over that has not been answered, photographed or said to be missing."""
    said = (*papers.consents, *papers.refused)
    done = {*answers, *papers.missing, *(page.subject for page in papers.pages)}
    for index, action in enumerate(plan):
        if not action.applies(answers):
            continue
        open_one = action.kind in (ActionKind.ASK, ActionKind.CAPTURE) and action.subject not in done
        open_one = open_one or (action.kind is ActionKind.CONSENT and ASK_REGISTERS not in said)
        if open_one or _name_of(action) == at or action.kind is ActionKind.SHOW or action.kind in _SIGNED:
            return index
    return 0


def without_draft(drafts: Drafts) -> Drafts:
    """Of another person, or after another choice: only how often the number was used stays."""
    return replace(NO_DRAFT, shown=drafts.shown, earlier=drafts.earlier)
