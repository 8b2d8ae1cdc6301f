"""A terminal's cases, taken in as its requests are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backoffice.calls.once import Call
from backoffice.domain.person import Applicant
from backoffice.identity.devices import add_device
from backoffice.intake import accepting, taking_in
from backoffice.office import Office
from backoffice.problems.problem import Problem


def taker(office: Office, submission: Callable[..., dict[str, Any]]) -> Callable[..., str]:
    """Takes (device, serial, body's hash, changes): "accepted", "again" or the problem's code. K2 and K3 are there."""
    for device in ("K2", "K3"):
        add_device(office, device, bytes(32), None)

    def take(device: str, serial: int, body_hash: str = "body", **changes: Any) -> str:
        body = submission("a_kim", serial, **changes)
        case = taking_in.Submission(
            **{
                **body,
                "applicant": Applicant(**body["applicant"]),
                "consents": tuple(tuple(one.values()) for one in body["consents"]),
            }
        )
        try:
            again = accepting.accept(office, Call(device, case.case_no, body_hash), case)
        except Problem as problem:
            return problem.code
        return "again" if again else "accepted"

    return take
