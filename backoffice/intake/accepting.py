"""收件 of what a terminal sends: a case is taken in once, together with those that wait beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from backoffice.calls.once import Begun, Call, Keyed, begin_keyed, begin_together, keep, kept_answer
from backoffice.domain.items.item import Mode
from backoffice.files import uploads
from backoffice.intake.taking_in import Draft, Submission, draft_of, numbers_are_kept_once, open_case
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.prepared import gathered, tentative

ROUTE = "cases"


def accept(office: Office, call: Call, submission: Submission) -> bool:
    """Take a case in, once; True when it was already here.

    :raises Problem: idempotency_mismatch, case_no_*, site_unknown, item_*, consent_version, commitment, form,
        materials_missing, deputy_without_authority, signature_missing.
    """

    def made() -> _Acceptance:
        # What is held is held as shortly as can be: sealing takes its time.
        draft = draft_of(office, call.device, submission)
        kept = kept_answer(office, call, ROUTE, 201, draft.answer)
        return _Acceptance(office, Keyed(call, ROUTE, submission.site[:9]), submission, draft, kept)

    if submission.materials:
        uploads.settle(office, call.device, (digest for _, digest in submission.materials))
    # Files, promises and consents have rows of their own to look at and to write, in between.
    if submission.has_rows_of_its_own:
        return office.database.transact(made().alone)
    return office.database.join(made)


@dataclass(frozen=True, slots=True, repr=False)
class _Acceptance:
    office: Office
    request: Keyed
    submission: Submission
    draft: Draft
    kept: Mapping[str, object]

    def __repr__(self) -> str:
        return f"_Acceptance({self.request!r})"

    @property
    def mark(self) -> str:
        """The case's number is its key: of two with one number, the second is answered by what the first has left."""
        return self.request.call.key

    def alone(self, connection: Connection) -> bool:
        begun = begin_keyed(self.office, connection, self.request)
        with numbers_are_kept_once(), gathered(connection):
            return self._done(connection, begun)

    def jointly(self, connection: Connection, members: Sequence[_Acceptance]) -> Sequence[bool | Exception]:
        """:raises DBAPIError: a number that another case has, or a row that somebody else keeps for long."""
        begun = begin_together(self.office, connection, [one.request for one in members])
        with gathered(connection):
            return [one._member_result(connection, found) for one, found in zip(members, begun, strict=True)]

    def _member_result(self, connection: Connection, begun: Begun | Exception) -> bool | Exception:
        """One that is refused is none of the others' business."""
        if isinstance(begun, Exception):
            return begun
        held = dict(begun.heads)
        try:
            with tentative(connection):
                return self._done(connection, begun)
        except Problem as problem:
            begun.heads.update(held)
            return problem

    def _done(self, connection: Connection, begun: Begun) -> bool:
        # First of all: what was accepted once stays accepted, whatever has changed since.
        if begun.answered is not None:
            return True
        open_case(
            self.office,
            connection,
            self.request.call.device,
            begun.terminal.site_no,
            self.request.call.key,
            self.submission,
            Mode.APPLY,
            heads=begun.heads,
            draft=self.draft,
        )
        keep(connection, self.kept)
        return False
