"""What every terminal may ask and send: catalogue, cases, progress, ratings, calls for help."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query, Response
from starlette.concurrency import run_in_threadpool

from backoffice.api import models, models_catalogue, models_identity
from backoffice.api.catalogue import ServedCatalogue
from backoffice.api.description import failures
from backoffice.api.desk import Desk, Key, OptionalKey, Who
from backoffice.clock import iso
from backoffice.commitments.promises import Deputy
from backoffice.documents.case_papers import letter_of
from backoffice.documents.fonts import fonts_gap
from backoffice.domain.person import Applicant
from backoffice.domain.terminal_chain import TerminalLink
from backoffice.identity import terminal_chains
from backoffice.intake import taking_in
from backoffice.intake.accepting import accept
from backoffice.queries import inquiry
from backoffice.visits import feedback, help_calls


def install(app: FastAPI, desk: Desk) -> None:
    _reading(app, desk)
    _writing(app, desk)
    _auditing(app, desk)


def _auditing(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post("/v1/audit-links", response_model=models_identity.TerminalAuditHeld, responses=failures("audit_links"))
    def post_audit_links(body: models_identity.TerminalAuditLinks, who: Who) -> dict[str, Any]:
        """The terminal's own audit chain goes on; answers how far it is held. The same links again change nothing.

        A chain that does not go on from what is held (a store that was replaced, or written anew) is held from now on,
        and is an alarm for whoever audits.
        """
        links = [TerminalLink(link.seq, link.at, link.kind, link.facts, link.previous) for link in body.links]
        return terminal_chains.take(office, who.device, links)


def _reading(app: FastAPI, desk: Desk) -> None:
    office, gateway = desk.office, desk.lookups
    codes = desk.codes
    catalogue = ServedCatalogue(office)

    @app.get("/v1/health", response_model=models.Health, responses=failures())
    def health() -> dict[str, Any]:
        """Alive, which release it serves, and whether it can make papers."""
        return {
            "status": "ok",
            "release": office.release.release,
            "papers": not fonts_gap(),
            "time": iso(office.clock.now()),
        }

    @app.get(
        "/v1/catalogue",
        response_model=models_catalogue.Catalogue,
        responses={304: {"description": "Unchanged: If-None-Match names this release"}, **failures("invalid_request")},
    )
    def get_catalogue(if_none_match: Annotated[str | None, Header()] = None) -> Response:
        """The catalogue in force; `ETag` changes with every release."""
        body, tag = catalogue.current()
        if if_none_match == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return Response(body, media_type="application/json", headers={"ETag": tag})

    @app.post(
        "/v1/prefills",
        response_model=models.Prefilled,
        response_model_exclude_none=True,
        responses=failures("too_many_persons", "malformed_json", "item_unknown", "consent_version", "invalid_request"),
    )
    def prefill(body: models.Prefill, who: Who) -> dict[str, Any]:
        """What registers know of this person; a register that is silent leaves its field out."""
        desk.about(who, body.applicant.number, "prefill")
        person = body.applicant
        return inquiry.prefill(office, gateway, body.item_id, person.name, person.number, body.consent_version)

    @app.get(
        "/v1/cases/{case_no}", response_model=models.TakenCase, responses=failures("case_unknown", "invalid_request")
    )
    def get_case(case_no: models.CaseNo, who: Who) -> dict[str, Any]:
        """One of this terminal's own cases, with the decision once there is one."""
        return inquiry.case_of_device(office, who.device, case_no)

    @app.get(
        "/v1/progress",
        response_model=models.Progress,
        responses=failures("progress_unknown", "invalid_request", "too_many_attempts"),
    )
    def get_progress(
        q: Annotated[str, Query(pattern=r"^([0-9]{16}|[0-9]{22})$", description="22 digits, or the 16 of the slip")],
        code: Annotated[str, Query(pattern=r"^[0-9]{4}$", description="The slip's query code")],
        who: Who,
    ) -> dict[str, Any]:
        """How far a case is, for whoever holds its slip, at any terminal."""
        return inquiry.state_of_slip(office, codes.at(who.device), q, code, letter_of)


def _writing(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post(
        "/v1/cases",
        status_code=201,
        response_model=models.TakenCase,
        responses=failures(
            "malformed_json",
            "idempotency_key_missing",
            "case_no_taken",
            "materials_missing",
            "idempotency_mismatch",
            "key_is_not_the_number",
            "case_no_form",
            "case_no_division",
            "case_no_check_digit",
            "case_no_day",
            "case_no_device",
            "site_not_own",
            "site_unknown",
            "item_unknown",
            "item_not_transacted",
            "item_mode",
            "consent_version",
            "commitment",
            "deputy_without_authority",
            "signature_missing",
            "form",
            "invalid_request",
        ),
    )
    async def post_case(body: models.Submission, key: Key, who: Who) -> dict[str, Any]:
        """Take a case in and decide it. Safe to repeat: the same key and body give the same case."""
        await run_in_threadpool(desk.at, who, body.site)
        begun = time.monotonic()
        await run_in_threadpool(accept, office, who.call(key), submission_of(body))
        answer = await run_in_threadpool(inquiry.case_of_device, office, who.device, body.case_no)
        if answer["decision"] is not None:
            return answer
        attempt = asyncio.wrap_future(desk.decider.submit(body.case_no))
        await asyncio.wait([attempt], timeout=max(0.0, desk.decision_deadline_s - (time.monotonic() - begun)))
        return await run_in_threadpool(inquiry.case_of_device, office, who.device, body.case_no)

    @app.post(
        "/v1/cases/{case_no}/rating",
        status_code=201,
        response_model=models.Rated,
        responses=failures(
            "malformed_json",
            "wrong_token",
            "case_unknown",
            "already_rated",
            "labels",
            "idempotency_mismatch",
            "invalid_request",
        ),
    )
    def post_rating(case_no: models.CaseNo, body: models.Rating, who: Who, key: OptionalKey = None) -> dict[str, Any]:
        """The visit's rating, once. With an Idempotency-Key a lost answer can be asked for again."""
        rating = feedback.Rating(body.visit_token, body.level, tuple(body.labels), body.rated_at)
        return feedback.rate(office, who.device, who.call(key) if key is not None else None, case_no, rating)

    @app.post(
        "/v1/help-calls",
        status_code=201,
        response_model=models.HelpAnswer,
        responses=failures(
            "malformed_json",
            "idempotency_key_missing",
            "idempotency_mismatch",
            "site_not_own",
            "site_unknown",
            "invalid_request",
            "too_many_calls",
        ),
    )
    def post_help_call(body: models.HelpCall, key: Key, who: Who) -> dict[str, Any]:
        """Call somebody: a ticket, and by when somebody must have said that they come."""
        desk.at(who, body.site)
        call = help_calls.HelpCall(body.case_no, body.site, body.step, body.item_id, body.note, body.called_at)
        return help_calls.call_for_help(office, who.call(key), call)

    @app.get(
        "/v1/help-calls/{call_id}",
        response_model=models.HelpAnswer,
        responses=failures("call_unknown", "invalid_request"),
    )
    def get_help_call(call_id: models.CallId, who: Who) -> dict[str, Any]:
        """How a call of this terminal stands: sent, accepted by somebody, or not answered in time."""
        return help_calls.call_now(office, who.device, call_id)


def submission_of(body: models.Submission) -> taking_in.Submission:
    return taking_in.Submission(
        case_no=body.case_no,
        item_id=body.item_id,
        item_version=body.item_version,
        consent_version=body.consent_version,
        applicant=Applicant(**body.applicant.model_dump()),
        form=body.form,
        commitment=body.commitment,
        created_at=body.created_at,
        site=body.site,
        lang=body.lang,
        boot_id=body.boot_id,
        monotonic_s=body.monotonic_s,
        materials=tuple((material.material, material.digest) for material in body.materials),
        consents=tuple((given.purpose, given.text_version) for given in body.consents),
        promised_by=Deputy(**body.promised_by.model_dump()) if body.promised_by else None,
    )
