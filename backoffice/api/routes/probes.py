"""Routes of the probes."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from backoffice.api import models
from backoffice.api.description import failures
from backoffice.api.probes import HEALTH, METRICS, Figures, Pulse
from backoffice.problems.problem import Problem


def install(app: FastAPI, pulse: Pulse, figures: Figures) -> None:
    @app.get(HEALTH, response_model=models.Alive, responses=failures())
    def alive() -> dict[str, Any]:
        """For load balancers and monitoring: 200 only while the database answers, else 503. Asked at will."""
        if not pulse.beats():
            raise Problem("busy", "the database does not answer", headers={"Retry-After": "2"})
        return {"status": "ok"}

    @app.get(METRICS, include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(figures.registry), media_type=CONTENT_TYPE_LATEST)
