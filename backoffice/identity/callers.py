"""What a running server remembers of those who call: when it saw them, and how often they came. Gone when it ends."""

from __future__ import annotations

from backoffice.identity.limits import Buckets, Limits
from backoffice.identity.persons_asked import PersonsAsked
from backoffice.identity.proxies import Proxies
from backoffice.identity.slip_codes import SlipCodes
from backoffice.identity.terminals import LastSeen
from backoffice.office import Office


class Callers:
    def __init__(self, office: Office, limits: Limits, proxies: Proxies) -> None:
        self.proxies = proxies
        self.seen = LastSeen(office)
        self.codes = SlipCodes(office)
        """Wrong codes of slips, wherever they were tried."""
        self.persons = PersonsAsked(office)
        self.terminals = Buckets(office.clock, limits.terminal)
        self.sessions = Buckets(office.clock, limits.staff)
        self.addresses = Buckets(office.clock, limits.address)
