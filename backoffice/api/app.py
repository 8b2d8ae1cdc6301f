"""The HTTP face of the back office: routes of the contract, nothing decided here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from backoffice.api import problems
from backoffice.api.description import describe
from backoffice.api.desk import Desk
from backoffice.api.entrances import entrances
from backoffice.api.gates import ANSWER_WITHIN_S, Gates
from backoffice.api.probes import Figures, Pulse
from backoffice.api.routes import (
    casework,
    commitments,
    district,
    halls,
    papers,
    payments,
    probes,
    staff,
    supplements,
    terminal,
    terminals,
    uploads,
    visits,
)
from backoffice.consequences.carrier import Carrier
from backoffice.decisions.deciding import Decider
from backoffice.gateways.keeping import Keeping
from backoffice.gateways.lookups import LookupGateway
from backoffice.gateways.payments import PaymentGateway
from backoffice.identity.callers import Callers
from backoffice.identity.limits import Limits, read_limits
from backoffice.identity.proxies import Proxies, read_proxies
from backoffice.office import Office
from backoffice.payments.watch import Watch
from backoffice.upkeep.due_timers import Ringer

DECISION_DEADLINE_S = 6.5
"""How long a submission waits for its decision; then it is answered as accepted. A terminal hangs up at 8 s."""

_ROUTES = (
    terminal.install,
    uploads.install,
    papers.install,
    staff.install,
    terminals.install,
    payments.install,
    visits.install,
    halls.install,
    district.install,
    casework.install,
    supplements.install,
    commitments.install,
)


def create_app(
    office: Office,
    gateway: LookupGateway,
    deadline_s: float = DECISION_DEADLINE_S,
    payments: PaymentGateway | None = None,
    answer_within_s: float = ANSWER_WITHIN_S,
    limits: Limits | None = None,
    proxies: Proxies | None = None,
) -> FastAPI:
    """The application; its background decider runs while the application's lifespan does."""
    decider = Decider(office, gateway)
    ringer = Ringer(office)
    carrier = Carrier(office)
    watch = Watch(office, payments) if payments is not None else None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        decider.start()
        ringer.start()
        carrier.start()
        if watch is not None:
            watch.start()
        yield
        await run_in_threadpool(ringer.close)
        await run_in_threadpool(carrier.close)
        if watch is not None:
            await run_in_threadpool(watch.close)
        await run_in_threadpool(decider.close)

    app = FastAPI(
        title="Tshù-pinn back office",
        version="1",
        summary="What a village terminal may ask and send",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    problems.install(app)
    callers = Callers(office, limits or read_limits(), proxies or read_proxies())
    desk = Desk(office, Keeping(gateway, office.clock), decider, deadline_s, callers, payments, codes=callers.codes)
    gates = entrances(office, callers)
    pulse = Pulse(office)
    figures = Figures(pulse)
    app.add_middleware(
        Gates, gates=gates, body_hash=office.digest.hex, answer_within_s=answer_within_s, count=figures.count
    )
    for install in _ROUTES:
        install(app, desk)
    probes.install(app, pulse, figures)
    describe(app)
    return app
