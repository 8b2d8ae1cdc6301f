"""Running the server: a free or given port on the loopback, one line when it is ready, a clean end on SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from backoffice.api.app import create_app
from backoffice.api.connections import IDLE_S, Crowd, protocol, read_caps
from backoffice.clock import Clock
from backoffice.commands.payments import Side
from backoffice.documents.fonts import fonts_gap
from backoffice.documents.making import public_address_gap
from backoffice.gateways.lookups import HttpLookups, LookupGateway
from backoffice.gateways.unconnected import Unconnected
from backoffice.identity.proxies import read_proxies
from backoffice.office import open_office
from backoffice.ready import HOST, announce, taken
from backoffice.store.digest import Profile


class _Server(uvicorn.Server):
    """Signals end it in order: what is under way is answered, then the process exits with 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)
        yield

    def _end(self) -> None:
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and sockets:
            announce(sockets[0].getsockname()[1])


def serve(
    data: Path,
    port: int,
    lookups_url: str | None,
    clock: Clock,
    profile: Profile,
    catalogue: Path | None,
    db: str | None = None,
    payments: Side | None = None,
) -> int:
    """Serve until SIGTERM.

    :param lookups_url: None: no register is asked, and what needs one goes to a human.
    :raises OSError: the port is taken.
    :raises DatabaseUnusable: as `open_office` says.
    :raises ValueError: the public address that papers name is none.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("httpx", "httpcore", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    if gap := public_address_gap():
        logging.getLogger(__name__).warning("%s", gap)
    if gap := fonts_gap():
        logging.getLogger(__name__).warning("%s", gap)
    office = open_office(data, clock, profile, catalogue, db)
    try:
        side = payments.gateway(office) if payments is not None else None
        lookups: LookupGateway = HttpLookups(lookups_url, clock) if lookups_url else Unconnected(clock)
        proxies = read_proxies()
        app = create_app(office, lookups, payments=side, proxies=proxies)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            # Otherwise uvicorn itself believes what a neighbour on this machine claims; see identity/proxies.py.
            proxy_headers=False,
            lifespan="on",
            http=protocol(Crowd(read_caps(), proxies.named)),
            ws="none",
            timeout_keep_alive=IDLE_S,
            timeout_graceful_shutdown=15,
        )
        try:
            listener = socket.create_server((HOST, port))
        except OSError as error:
            raise taken(port, error) from error
        with listener:
            _Server(config).run(sockets=[listener])
    finally:
        office.close()
    return 0
