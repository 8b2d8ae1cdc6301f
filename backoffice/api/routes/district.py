"""Sites and their state, the guide of an item, and visits that were told where to go."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import FastAPI, Query

from backoffice.api import models, models_district
from backoffice.api.description import failures
from backoffice.api.desk import Desk, Key, StaffWho, Who
from backoffice.api.models_casework import Day
from backoffice.district import guides, site_state, sites
from backoffice.district.statistics import statistics
from backoffice.domain.person import Applicant
from backoffice.intake.taking_in import Submission

_NOBODY = Applicant(document="none", name="", number="")
"""Who only asks the way shows no card."""
OfSite = Annotated[str, Query(alias="site", pattern=r"^[0-9]{12}$", description="12 digits, of any time")]
OfItem = Annotated[str, Query(alias="item_id", pattern=r"^[A-Z]{2}[0-9]{3}$")]


def install(app: FastAPI, desk: Desk) -> None:
    _sites(app, desk)
    _guides(app, desk)
    _statistics(app, desk)


def _sites(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post(
        "/v1/site-state",
        status_code=201,
        response_model=models_district.SiteReported,
        responses=failures("idempotency_mismatch", "site_not_own", "site_unknown"),
    )
    def post_site_state(body: models_district.SiteReport, key: Key, who: Who) -> dict[str, Any]:
        """What works at this terminal. Kept only when something is different."""
        desk.at(who, body.site)
        devices: dict[str, str] = body.model_dump()["devices"]
        report = site_state.Report(body.site, devices, frozenset(body.capabilities), body.observed_at)
        return site_state.report_state(office, who.call(key), report)

    @app.get("/v1/sites", response_model=models_district.Sites, responses=failures())
    def get_sites() -> dict[str, Any]:
        """Every site of today: hours, people, and what its terminals can do."""
        return sites.list_sites(office)

    @app.get(
        "/v1/sites/nearest",
        response_model=models_district.Nearest,
        responses=failures("item_unknown", "site_unknown"),
    )
    def get_nearest(item_id: OfItem, site: OfSite) -> dict[str, Any]:
        """The nearest site that can serve an item now, and the nearest that could once it opens."""
        return sites.nearest(office, item_id, site)

    @app.get("/v1/sites/{site}/items", response_model=models_district.SiteItems, responses=failures("site_unknown"))
    def get_site_items(site: models.Site) -> dict[str, Any]:
        """For each item whether this site can serve it now, or what keeps it."""
        return sites.items_now(office, site)


def _guides(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.get(
        "/v1/guides/{item_id}",
        response_model=models_district.GuideOfItem,
        responses=failures("item_unknown", "site_unknown"),
    )
    def get_guide(item_id: models.ItemId, site: OfSite) -> dict[str, Any]:
        """Where, when, what to bring, who helps: for somebody who stands at this site."""
        return guides.guide(office, item_id, site)

    @app.post(
        "/v1/guidances",
        status_code=201,
        response_model=models.TakenCase,
        responses=failures(
            "case_no_taken",
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
            "item_mode",
            "cause_unknown",
        ),
    )
    def post_guidance(body: models_district.Guidance, key: Key, who: Who) -> dict[str, Any]:
        """A visit that was told where to go, as a case: it has its number and can be rated."""
        desk.at(who, body.site)
        given = body.model_dump(exclude={"because"})
        submission = Submission(**given, consent_version="", applicant=_NOBODY, form={}, commitment=None)
        told = body.because
        because = None if told is None else guides.Because(told.cause, tuple(told.reasons))
        return guides.guidance(office, who.call(key), submission, because)


def _statistics(app: FastAPI, desk: Desk) -> None:
    @app.get("/staff/v1/statistics", response_model=models_district.Statistics, responses=failures())
    def get_statistics(
        who: StaffWho,
        on: Annotated[Day | None, Query(description="Without: today, or the last day of a made-up district")] = None,
    ) -> dict[str, Any]:
        """Auditor or superior: each figure of the district with the query that was run; no personal data."""
        who.need("auditor", "superior")
        return statistics(desk.office, date.fromisoformat(on) if on else None).to_json()
