"""What a resident does about a running case at a terminal, with number and code of the slip."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Query

from backoffice.api import models_casework as models
from backoffice.api.description import failures
from backoffice.api.desk import Desk, Key, Who
from backoffice.api.models import CaseNo
from backoffice.casework import supplements
from backoffice.casework.supplements import Brought

_HELD = ("progress_unknown", "too_many_attempts", "idempotency_mismatch", "move_not_allowed")


def install(app: FastAPI, desk: Desk) -> None:
    office, codes = desk.office, desk.codes

    @app.post(
        "/v1/cases/{case_no}/supplements",
        status_code=201,
        response_model=models.Received,
        responses=failures(*_HELD, "supplement_not_awaited", "materials_missing"),
    )
    def supplement_case(case_no: CaseNo, body: models.Supplement, key: Key, who: Who) -> dict[str, Any]:
        """What was missing is here, at whichever terminal. Safe to repeat."""
        brought = [Brought(**one.model_dump()) for one in body.brought]
        call = who.call(key)
        return supplements.at_terminal(office, codes.at(who.device), call, case_no, body.code, brought)

    @app.get(
        "/v1/cases/{case_no}/notices",
        response_model=models.Notices,
        responses=failures("progress_unknown", "too_many_attempts"),
    )
    def get_notices(case_no: CaseNo, code: Annotated[str, Query(pattern=r"^[0-9]{4}$")], who: Who) -> dict[str, Any]:
        """All that is missing, for whoever holds the slip: what, why, how, until when, who helps."""
        return supplements.notices_at_terminal(office, codes.at(who.device), case_no, code)

    @app.post(
        "/v1/cases/{case_no}/withdrawals",
        status_code=201,
        response_model=models.Received,
        responses=failures(*_HELD),
    )
    def withdraw_case(case_no: CaseNo, body: models.CaseWithdrawal, key: Key, who: Who) -> dict[str, Any]:
        """The resident takes the request back; she may ask again any time. Safe to repeat."""
        call = who.call(key)
        return supplements.withdraw_at_terminal(office, codes.at(who.device), call, case_no, body.code)
