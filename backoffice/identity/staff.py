"""Who works here: roles, which of them nobody holds together, and how far somebody's sight reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from backoffice.problems.problem import Problem


class StaffRole(StrEnum):
    INTAKE = "intake"
    REVIEWER = "reviewer"
    TECHNICAL_REVIEWER = "technical_reviewer"
    DECIDER = "decider"
    SUPERIOR = "superior"
    RULE_WRITER = "rule_writer"
    RULE_SIGNER = "rule_signer"
    CATALOGUE_WRITER = "catalogue_writer"
    CATALOGUE_SIGNER = "catalogue_signer"
    CLERK = "clerk"
    """In the village hall."""
    AGENT = "agent"
    """帮办代办员: acts for a resident; each record names both."""
    AUDITOR = "auditor"
    """Reads the audit, nothing else."""
    OPERATOR = "operator"
    """Terminals."""
    ADMIN = "admin"
    """Accounts; sees no case."""


_ON_A_CASE = (
    StaffRole.INTAKE,
    StaffRole.REVIEWER,
    StaffRole.TECHNICAL_REVIEWER,
    StaffRole.DECIDER,
    StaffRole.SUPERIOR,
    StaffRole.CLERK,
    StaffRole.AGENT,
)


def _pairs(one: StaffRole, others: Iterable[StaffRole]) -> set[frozenset[StaffRole]]:
    return {frozenset((one, other)) for other in others if other is not one}


CONFLICTS: frozenset[frozenset[StaffRole]] = frozenset(
    {
        frozenset((StaffRole.RULE_WRITER, StaffRole.RULE_SIGNER)),
        frozenset((StaffRole.CATALOGUE_WRITER, StaffRole.CATALOGUE_SIGNER)),
        frozenset((StaffRole.INTAKE, StaffRole.REVIEWER)),
        frozenset((StaffRole.INTAKE, StaffRole.DECIDER)),
        frozenset((StaffRole.INTAKE, StaffRole.SUPERIOR)),
        frozenset((StaffRole.REVIEWER, StaffRole.DECIDER)),
        frozenset((StaffRole.REVIEWER, StaffRole.SUPERIOR)),
        frozenset((StaffRole.TECHNICAL_REVIEWER, StaffRole.DECIDER)),
        frozenset((StaffRole.DECIDER, StaffRole.SUPERIOR)),
        # Who speaks for residents does not judge their cases.
        *_pairs(StaffRole.AGENT, (StaffRole.REVIEWER, StaffRole.TECHNICAL_REVIEWER)),
        *_pairs(StaffRole.AGENT, (StaffRole.DECIDER, StaffRole.SUPERIOR)),
        *_pairs(StaffRole.CLERK, (StaffRole.DECIDER, StaffRole.SUPERIOR)),
        # Who watches is none of those who are watched; who hands out accounts touches no case.
        *_pairs(StaffRole.AUDITOR, StaffRole),
        *_pairs(StaffRole.ADMIN, (*_ON_A_CASE, StaffRole.RULE_SIGNER, StaffRole.CATALOGUE_SIGNER)),
    }
)
"""Pairs that one person never holds: 收件 ≠ 审查 ≠ 决定, 起草 ≠ 签发."""

BEYOND_A_TOWN: frozenset[StaffRole] = frozenset(
    {
        StaffRole.TECHNICAL_REVIEWER,
        StaffRole.SUPERIOR,
        StaffRole.RULE_WRITER,
        StaffRole.RULE_SIGNER,
        StaffRole.CATALOGUE_WRITER,
        StaffRole.CATALOGUE_SIGNER,
    }
)
"""Roles that see or change what is another town's, whatever town their holder belongs to: the district gives them."""


def conflict(roles: Iterable[StaffRole]) -> tuple[StaffRole, StaffRole] | None:
    """The first forbidden pair among `roles`, or None."""
    held = set(roles)
    found = sorted(sorted(pair) for pair in CONFLICTS if pair <= held)
    return (found[0][0], found[0][1]) if found else None


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody with a session. `town`: nine digits, or None for the whole district; `department`: None for any."""

    login: str
    roles: frozenset[str]
    town: str | None
    department: str | None
    session_id: str

    def need(self, *roles: str) -> None:
        """Holds one of these roles. :raises Problem: forbidden."""
        if not self.roles & set(roles):
            raise Problem("forbidden", f"needs one of the roles {', '.join(sorted(roles))}")

    def sees(self, town: str) -> bool:
        return self.town is None or self.town == town

    def need_scope(self, town: str | None) -> None:
        """May act for this town; None: for the whole district. :raises Problem: forbidden."""
        if self.town is not None and self.town != town:
            raise Problem("forbidden", "outside one's own town")

    def need_reach(self, town: str | None, roles: Iterable[str]) -> None:
        """May look after an account of this town that holds these roles.

        :raises Problem: not_found for an account of another town, forbidden for one that sees further than oneself.
        """
        if self.town is None:
            return
        # An account of the whole district is nobody's of one town.
        if self.town != town:
            raise Problem("not_found")
        if BEYOND_A_TOWN & set(roles):
            raise Problem("forbidden", "only an admin of the district looks after roles that reach beyond a town")

    def need_town(self, town: str, code: str = "not_found") -> None:
        """What lies in another town does not exist for this person. :raises Problem: `code`."""
        if not self.sees(town):
            raise Problem(code)
