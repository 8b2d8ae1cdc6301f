"""What can be wrong with a request: one closed table of codes (RFC 9457 problem details)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CODES: dict[str, tuple[int, str]] = {
    "malformed_json": (400, "The body is not JSON"),
    "idempotency_key_missing": (400, "Idempotency-Key is missing"),
    "unsigned": (401, "The request is not signed"),
    "unknown_signer": (401, "Unknown device or wrong signature"),
    "no_session": (401, "There is no session; log in again"),
    "clock_skew": (401, "The terminal's clock differs too much from the server's"),
    "forbidden": (403, "This role may not do that"),
    "suspended": (403, "This terminal is suspended"),
    "wrong_token": (403, "The visit token does not belong to this case"),
    "not_found": (404, "There is nothing here"),
    "case_unknown": (404, "No such case"),
    "progress_unknown": (404, "Number and code do not belong together"),
    "method_not_allowed": (405, "This method is not served here"),
    "replayed": (409, "The request has been seen before"),
    "already_rated": (409, "This visit has been rated"),
    "case_no_taken": (409, "The case number belongs to another submission"),
    "too_large": (413, "The body is too large"),
    "unsupported_media_type": (415, "The body must be application/json"),
    "invalid_request": (422, "The request does not fit the contract"),
    "idempotency_mismatch": (422, "The key was used with another body"),
    "key_is_not_the_number": (422, "Idempotency-Key must be the case number"),
    "case_no_form": (422, "The case number must have 22 digits"),
    "case_no_division": (422, "The case number is of another division"),
    "case_no_check_digit": (422, "The case number's check digit is wrong"),
    "case_no_day": (422, "The case number's day does not exist"),
    "case_no_device": (422, "The case number was not minted for this terminal"),
    "site_unknown": (422, "The site is not in this district"),
    "item_unknown": (422, "No such item in the catalogue"),
    "item_mode": (422, "The item is served in another way"),
    "item_not_transacted": (422, "This item cannot be carried to its end here"),
    "consent_version": (422, "The consent text is not the item's"),
    "commitment": (422, "The item's commitment is not the one given"),
    "form": (422, "The form does not fit the item"),
    "labels": (422, "A rating label does not exist or is of another level"),
    "too_many_attempts": (429, "Too many wrong codes; try later"),
    "too_many_calls": (429, "No ticket left today"),
    "too_many_requests": (429, "Too many requests; try later"),
    "internal": (500, "The server failed"),
    "busy": (503, "The server is busy; the same request may be repeated"),
}


class Problem(Exception):
    """Raised anywhere below the API; answered as problem+json.

    :param detail: for whoever reads logs; never a value that a resident or a card gave.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status, self.title = CODES[code]
        self.detail = detail or self.title
        self.headers = dict(headers or {})
        self.extensions = extensions
