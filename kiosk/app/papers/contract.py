"""What a visit's papers, promises and consents are in the back office's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kiosk.domain.consent.rows import registers_of
from kiosk.domain.deputy.state import AUTHORITY
from kiosk.domain.outbox import ItemKind, OutboxItem
from kiosk.domain.papers.state import ASK_BY_KEY, ASK_REGISTERS, FACE_SUBJECT, Signed
from kiosk.domain.speech import Lang
from kiosk.domain.visit.machine import VisitState
from kiosk.domain.visit.plan import ActionKind

PHOTO = "photo"
"""Field of a form that takes the digest of a picture of the resident's face."""
WITH_THE_REQUEST = frozenset((ASK_REGISTERS, ASK_BY_KEY))
"""Purposes without which the office would not do what is asked: they travel with it."""
CONSENTS = 1
"""Order of a consent: after the case that it belongs to."""


def commitment(state: VisitState) -> str | None:
    """Text key of what was promised; None where nothing was: then the case goes the ordinary way."""
    if state.papers.signed not in (Signed.BY_HAND, Signed.BY_KEY):
        return None
    if state.deputy.stands_in and not state.papers.of(AUTHORITY):
        return None
    return next((action.subject for action in state.plan if action.kind is ActionKind.COMMIT), None)


def agent(state: VisitState) -> dict[str, str]:
    """Who came for the applicant, as a field of the form."""
    helper = state.deputy.helper
    return {"agent": f"{helper.number} {helper.name}"} if helper is not None else {}


def vouched(state: VisitState) -> dict[str, str]:
    """Who vouched for the applicant's face, and when, as the applicant's fields; a typed number's is in `source`."""
    witness = state.papers.face_witness
    return {"vouched_by": witness.staff, "vouched_at": witness.at} if witness is not None else {}


def promised_by(state: VisitState) -> dict[str, str] | None:
    """Who promised in the applicant's name, by which written authority; None: nobody but herself."""
    helper, letter = state.deputy.helper, state.papers.of(AUTHORITY)
    if helper is None or not state.deputy.stands_in or not letter or commitment(state) is None:
        return None
    return {"name": helper.name, "number": helper.number, "authority": letter[0].digest}


def materials(state: VisitState) -> list[dict[str, str]]:
    """The files of the case, in the order they were taken."""
    return [{"material": page.material, "digest": page.digest} for page in state.papers.pages]


def attachments(state: VisitState) -> tuple[str, ...]:
    return tuple(dict.fromkeys(page.digest for page in state.papers.pages))


def form(state: VisitState, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers, with the picture of her face where one was taken."""
    face = state.papers.of(FACE_SUBJECT)
    return {**answers, **agent(state), **({PHOTO: face[-1].digest} if face else {})}


def given(state: VisitState, text_version: Callable[[Lang, str], str]) -> list[dict[str, str]]:
    """What she agreed to that the request itself rests on, each with the version of the words that were read out."""
    agreed, lang = state.papers.consents, state.lang
    asked = registers_of(state) if ASK_REGISTERS in agreed else ()
    of_registers = [
        {"purpose": f"register.{code}", "text_version": text_version(lang, ASK_REGISTERS)} for code in asked
    ]
    aloud = ASK_BY_KEY in agreed and commitment(state) is not None
    return [
        *of_registers,
        *([{"purpose": ASK_BY_KEY, "text_version": text_version(lang, ASK_BY_KEY)}] if aloud else []),
    ]


def consents(state: VisitState, given_at: str, text_version: Callable[[Lang, str], str]) -> Iterator[OutboxItem]:
    """One for each purpose that was agreed to and did not travel with the request; a refusal is recorded nowhere.

    :param text_version: of the words that were read out, by language and text key.
    """
    own = (one for one in state.papers.consents if one not in WITH_THE_REQUEST)
    for n, purpose in enumerate((*own, *state.deputy.consents)):
        body = {
            "case_no": state.case_no,
            "purpose": purpose,
            "text_version": text_version(state.lang, purpose),
            "lang": state.lang.value,
            "given_at": given_at,
        }
        yield OutboxItem(f"{state.case_no}/consent/{n}", ItemKind.CONSENT, state.case_no, CONSENTS, body, given_at)
