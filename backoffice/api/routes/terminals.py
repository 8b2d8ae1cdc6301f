"""Enrolment of terminals, their list, and what residents agreed to at them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from backoffice.api import models_identity as models
from backoffice.api.by_name import MAX_PAGE, AfterName, PageLimit, page_of
from backoffice.api.description import failures
from backoffice.api.desk import Address, Desk, Key, StaffWho, Version, Who
from backoffice.identity import consents, enrolment, terminals


def install(app: FastAPI, desk: Desk) -> None:
    _enrolment(app, desk)
    _standing(app, desk)
    _consents(app, desk)


def _enrolment(app: FastAPI, desk: Desk) -> None:
    entrance = enrolment.Enrolment(desk.office)

    @app.post(
        "/staff/v1/enrolment-codes",
        status_code=201,
        response_model=models.EnrolmentCode,
        responses=failures("not_found", "site_unknown", "site_no_taken"),
    )
    def make_code(body: models.NewEnrolment, who: StaffWho) -> dict[str, str]:
        """Operator: a code for one terminal at one site; typed at the terminal within a day."""
        who.need("operator")
        who.need_scope(body.site[:9])
        post = enrolment.Post(body.device, body.site, body.site_no)
        code, expires_at = enrolment.make_code(desk.office, post, who.login, who.town)
        return {"code": code, "expires_at": expires_at}

    @app.post(
        "/public/v1/enrolments",
        status_code=201,
        response_model=models.Enrolled,
        responses=failures("code_wrong", "key_unusable", "site_no_taken", "too_many_attempts"),
    )
    def enrol(body: models.Enrol, address: Address) -> dict[str, Any]:
        """A terminal with a code: both sides derive its key (X25519, HKDF), nobody sends it. An older key ends."""
        return entrance.enrol(address, body.code, body.public_key)


def _standing(app: FastAPI, desk: Desk) -> None:
    office, seen = desk.office, desk.callers.seen

    @app.get("/staff/v1/terminals", response_model=models.Terminals, responses=failures())
    def list_terminals(who: StaffWho, after: AfterName = "", limit: PageLimit = MAX_PAGE) -> dict[str, Any]:
        """Operator: the terminals of the own town, or of the district, by name."""
        who.need("operator")
        return page_of("terminals", "device", terminals.list_terminals(office, seen, who, after, limit + 1), limit)

    @app.put("/staff/v1/terminals/{device}/state", response_model=models.Changed, responses=failures("not_found"))
    def suspend(device: models.DeviceName, body: models.Suspension, version: Version, who: StaffWho) -> dict[str, int]:
        """Operator: suspend a terminal or start it again. `If-Match: "0"` when it has no row yet."""
        who.need("operator")
        return {"row_version": terminals.suspend(office, device, body.suspended, version, who)}


def _consents(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post("/v1/consents", status_code=201, response_model=models.Consent, responses=failures("case_unknown"))
    def give_consent(body: models.NewConsent, key: Key, who: Who) -> dict[str, Any]:
        """What a resident agreed to: text, version, language heard, time, case."""
        return consents.record(office, who.call(key), consents.Given(**body.model_dump()))

    @app.post(
        "/v1/consent-withdrawals",
        response_model=models.ConsentsWithdrawn,
        responses=failures("progress_unknown", "too_many_attempts"),
    )
    def withdraw_consent(body: models.ConsentWithdrawal, key: Key, who: Who) -> dict[str, Any]:
        """Take back what was agreed to for a case: by whoever holds its slip, at any terminal."""
        codes = desk.callers.codes
        return consents.withdraw(office, codes.at(who.device), who.call(key), body.number, body.code, body.withdrawn_at)
