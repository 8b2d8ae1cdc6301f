"""What the routes are handed: the office, the ways out of it, and who is calling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from backoffice.deciding import Decider
from backoffice.gateways.lookups import LookupGateway
from backoffice.office import Office

Key = Annotated[
    str,
    Header(alias="Idempotency-Key", min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$", description="Item key"),
]
OptionalKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$", description="Item key"),
]


@dataclass(frozen=True, slots=True)
class Desk:
    """Handed to every file of routes."""

    office: Office
    lookups: LookupGateway
    decider: Decider
    decision_deadline_s: float


@dataclass(frozen=True, slots=True)
class Caller:
    device: str
    body_hash: str


def _caller(request: Request) -> Caller:
    return Caller(request.state.device, request.state.body_hash)


Who = Annotated[Caller, Depends(_caller)]
