"""What the routes are handed: the office, the ways out of it, and who is calling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Header, Request

from backoffice.calls.once import Call
from backoffice.decisions.deciding import Decider
from backoffice.gateways.lookups import LookupGateway
from backoffice.gateways.payments import PaymentGateway
from backoffice.identity.callers import Callers
from backoffice.identity.slip_codes import SlipCodes
from backoffice.identity.staff import Staff
from backoffice.identity.standing_place import need_own_site
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
    callers: Callers
    codes: SlipCodes = field(kw_only=True)
    """Counts wrong query codes, whichever route they are tried at."""
    payments: PaymentGateway | None = None
    """None: no payment side is configured, and nothing can be paid here."""

    def at(self, who: Caller, site: str) -> None:
        """What this terminal sends is of this site. :raises Problem: site_not_own."""
        need_own_site(self.office, who.device, site)

    def about(self, who: Caller, number: str, purpose: str) -> None:
        """This terminal is going to ask registers about somebody. :raises Problem: too_many_persons."""
        self.callers.persons.ask(who.device, number, purpose)


@dataclass(frozen=True, slots=True)
class Caller:
    device: str
    body_hash: str

    def call(self, key: str) -> Call:
        return Call(self.device, key, self.body_hash)


def _caller(request: Request) -> Caller:
    return Caller(request.state.device, request.state.body_hash)


Who = Annotated[Caller, Depends(_caller)]


def _staff(request: Request) -> Staff:
    staff: Staff = request.state.staff
    return staff


StaffWho = Annotated[Staff, Depends(_staff)]
"""Under `/staff/v1/` only. What somebody may do is the use case's to ask: `who.need("decider")`, `who.need_town(…)`."""


def _version(
    if_match: Annotated[str, Header(alias="If-Match", pattern=r'^"[0-9]{1,9}"$', description="The row_version seen")],
) -> int:
    return int(if_match.strip('"'))


Version = Annotated[int, Depends(_version)]
"""What the caller believes to change: compared with `row_version`, `version_stale` when another was faster."""


def _address(request: Request) -> str:
    return str(request.state.address)


Address = Annotated[str, Depends(_address)]
"""Under `/public/v1/` only: where the request comes from."""
