"""The back office's JSON and the domain's values, translated in one place. Bad answers are named errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kiosk.app.papers import contract as papers_contract
from kiosk.domain.speech import Arg, ArgKind, Lang, Line
from kiosk.domain.visit.machine import Decision, DecisionKind, Resident, VisitState
from kiosk.domain.visit.plan import Facts


class BadAnswer(ValueError):
    """The back office answered outside the written contract."""


def applicant(resident: Resident) -> dict[str, str]:
    return {
        "document": resident.document,
        "name": resident.name,
        "number": resident.number,
        "sex": resident.sex,
        "birth": resident.birth,
        "address": resident.address,
        "valid_until": resident.valid_until,
        "source": resident.source,
    }


def case_body(
    state: VisitState,
    site: str,
    created_at: str,
    boot_id: str,
    monotonic_s: float,
    text_version: Callable[[Lang, str], str],
) -> dict[str, object]:
    """The body of POST /v1/cases.

    :param text_version: of the words that were read out, by language and text key.
    :raises BadAnswer: there is no resident in the visit.
    """
    if state.resident is None:
        raise BadAnswer("a case needs a resident")
    promised_by = papers_contract.promised_by(state)
    return {
        **({"promised_by": promised_by} if promised_by else {}),
        "case_no": state.case_no,
        "item_id": state.item_id,
        "item_version": state.item_version,
        "consent_version": state.consent_version,
        "applicant": {**applicant(state.resident), **papers_contract.vouched(state)},
        "form": papers_contract.form(state, {key: answer for key, answer in state.answers.items() if answer}),
        "commitment": papers_contract.commitment(state),
        "materials": papers_contract.materials(state),
        "consents": papers_contract.given(state, text_version),
        "created_at": created_at,
        "site": site,
        "lang": state.lang.value,
        "boot_id": boot_id,
        "monotonic_s": round(monotonic_s, 3),
    }


def facts(body: Mapping[str, Any]) -> Facts:
    """`known` of POST /v1/prefills."""
    known = body.get("known", {})
    if not isinstance(known, dict):
        raise BadAnswer("known is no object")
    return {
        str(field): {str(k): str(v) for k, v in values.items()}
        for field, values in known.items()
        if isinstance(values, dict)
    }


def line(data: object) -> Line:
    """A text key with its values. :raises BadAnswer:"""
    if not isinstance(data, dict) or not isinstance(data.get("key"), str):
        raise BadAnswer("a text needs a key")
    args = data.get("args") or {}
    if not isinstance(args, dict):
        raise BadAnswer("args is no object")
    return Line(data["key"], {str(name): _arg(value) for name, value in args.items()})


def _arg(data: object) -> Arg:
    if not isinstance(data, dict):
        raise BadAnswer("a value needs kind and value")
    try:
        return Arg(ArgKind(data["kind"]), str(data["value"]))
    except (KeyError, ValueError) as error:
        raise BadAnswer(f"value of unknown kind: {data.get('kind')!r}") from error


_KINDS = {kind.value: kind for kind in DecisionKind}


def decision(body: Mapping[str, Any]) -> Decision | None:
    """The decision in a case's state; None while there is none. :raises BadAnswer:"""
    data = body.get("decision")
    if data is None:
        return None
    if not isinstance(data, dict) or data.get("outcome") not in _KINDS:
        raise BadAnswer("unknown outcome")
    following = data.get("next")
    return Decision(
        kind=_KINDS[data["outcome"]],
        reasons=tuple(line(reason) for reason in data.get("reasons") or ()),
        next_step=line(following) if following else None,
        facts={str(k): str(v) for k, v in (data.get("facts") or {}).items()},
        visit_token=str(body.get("visit_token") or ""),
        query_code=str(body.get("query_code") or ""),
    )
