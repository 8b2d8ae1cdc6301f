"""Commitments: withdrawn at a terminal, checked and lifted by staff."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from backoffice.api import models_commitments as models
from backoffice.api.description import failures
from backoffice.api.desk import Desk, Key, StaffWho, Version, Who
from backoffice.api.models import CaseNo
from backoffice.api.models_casework import CaseWithdrawal, Received
from backoffice.commitments import ends
from backoffice.domain.commitment import Lifted


def install(app: FastAPI, desk: Desk) -> None:
    _resident(app, desk)
    _staff(app, desk)


def _resident(app: FastAPI, desk: Desk) -> None:
    office, codes = desk.office, desk.codes

    @app.post(
        "/v1/cases/{case_no}/commitment/withdrawal",
        status_code=201,
        response_model=Received,
        responses=failures(
            "progress_unknown", "too_many_attempts", "commitment_unknown", "commitment_closed", "idempotency_mismatch"
        ),
    )
    def withdraw_commitment(case_no: CaseNo, body: CaseWithdrawal, key: Key, who: Who) -> dict[str, Any]:
        """Take the commitment back before it is checked; a human then decides. Safe to repeat."""
        return ends.withdraw(office, codes.at(who.device), who.call(key), case_no, body.code)


def _staff(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.get("/staff/v1/commitments", response_model=models.DueChecks, responses=failures())
    def list_commitments(who: StaffWho) -> dict[str, Any]:
        """What is still to be checked, the earliest due first."""
        return {"commitments": ends.due_checks(office, who)}

    @app.post(
        "/staff/v1/commitments/{commitment_id}/result",
        response_model=models.Settled,
        responses=failures("commitment_unknown", "commitment_closed", "roles_not_separate"),
    )
    def settle_commitment(
        commitment_id: models.Key, body: models.Result, who: StaffWho, version: Version
    ) -> dict[str, Any]:
        """What the later check found. Not kept: the case is reopened, and the ledger bars further commitments."""
        finding = ends.Finding(body.kept, body.words)
        return ends.settle(office, who, commitment_id, version, finding)

    @app.get("/staff/v1/commitment-bars", response_model=models.Bars, responses=failures())
    def list_bars(who: StaffWho) -> dict[str, Any]:
        """The local ledger of commitments that were not kept, as far as they still bar somebody."""
        return {"bars": ends.open_bars(office, who)}

    @app.post(
        "/staff/v1/commitment-bars/{bar_id}/lifting",
        response_model=models.LiftedBar,
        responses=failures("bar_unknown", "commitment_closed", "roles_not_separate"),
    )
    def lift_bar(bar_id: models.Key, body: models.Lifting, who: StaffWho, version: Version) -> dict[str, Any]:
        """信用修复 or a successful appeal: this person may make commitments again."""
        return ends.lift(office, who, bar_id, version, Lifted(body.why))
