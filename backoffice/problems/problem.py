"""What can be wrong with a request: one closed table of codes (RFC 9457 problem details)."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any

from backoffice.problems.advice import advice_of
from backoffice.store.failures import DatabaseBusy, DiskFull

CODES: dict[str, tuple[int, str]] = {
    "malformed_json": (400, "The body is not JSON"),
    "cursor_invalid": (400, "The cursor was not given by this server for this list"),
    "idempotency_key_missing": (400, "Idempotency-Key is missing"),
    "unsigned": (401, "The request is not signed"),
    "unknown_signer": (401, "Unknown device or wrong signature"),
    "no_session": (401, "There is no session; log in again"),
    "login_wrong": (401, "Login, password and code do not belong together"),
    "code_wrong": (401, "The code is unknown, used or too old"),
    "clock_skew": (401, "The terminal's clock differs too much from the server's"),
    "forbidden": (403, "This role may not do that"),
    "suspended": (403, "This terminal is suspended"),
    "site_not_own": (403, "The terminal does not stand at that site"),
    "wrong_token": (403, "The visit token does not belong to this case"),
    "roles_not_separate": (403, "Who acted on this case in another role does not act in this one"),
    "not_found": (404, "There is nothing here"),
    "case_unknown": (404, "No such case"),
    "commitment_unknown": (404, "No such commitment"),
    "bar_unknown": (404, "No such entry in the ledger of commitments"),
    "delivery_unknown": (404, "No such delivery of this case"),
    "transfer_unknown": (404, "This case is not with another place"),
    "bill_unknown": (404, "No such bill of this terminal, item and person"),
    "authority_unknown": (404, "No such authority of this person"),
    "ticket_unknown": (404, "No such ticket in this hall today"),
    "task_unknown": (404, "No such task"),
    "call_unknown": (404, "No such call for help"),
    "complaint_unknown": (404, "No such complaint"),
    "progress_unknown": (404, "Number and code do not belong together"),
    "upload_unknown": (404, "No such upload of this terminal"),
    "file_unknown": (404, "The case has no such file"),
    "document_unknown": (404, "No such document of this terminal"),
    "method_not_allowed": (405, "This method is not served here"),
    "body_slow": (408, "The body came too slowly; the same request may be repeated, in smaller pieces"),
    "replayed": (409, "The request has been seen before"),
    "already_rated": (409, "This visit has been rated"),
    "commitment_closed": (409, "The commitment has been checked or withdrawn, or nothing rests on it"),
    "case_no_taken": (409, "The case number belongs to another submission"),
    "move_not_allowed": (409, "The case is not where this can be done"),
    "case_claimed": (409, "Somebody else works on this case"),
    "not_claimed": (409, "This case is not in your hands"),
    "supplement_not_awaited": (409, "Nothing is awaited from the resident"),
    "notice_repeats": (409, "This was asked for before; say what is wrong with what was given"),
    "upload_offset": (409, "The offset is not the one that was acknowledged; Upload-Offset tells it"),
    "materials_missing": (409, "Files that the case names have not been uploaded completely: see missing"),
    "nothing_found": (409, "The register has no entry that could be shown or printed"),
    "refused_by_rule": (409, "By its rules this cannot be given: see reasons"),
    "consent_missing": (409, "The resident has not agreed that this register is asked; nothing was asked"),
    "face_missing": (409, "Neither a picture of the face nor a witness that suffices for this"),
    "identity_mismatch": (409, "Name and number are not those of the register"),
    "document_withdrawn": (409, "The document has been withdrawn"),
    "upload_gone": (410, "The upload has expired or was refused; begin again"),
    "tus_version": (412, "Tus-Resumable must be 1.0.0"),
    "upload_too_large": (413, "The file is larger than may be uploaded, or than was declared"),
    "upload_pieces": (413, "Too many small pieces; begin again with larger ones"),
    "slot_full": (409, "No place is left in this slot"),
    "already_booked": (409, "There is an appointment for this already; change or cancel it"),
    "appointment_state": (409, "The appointment can no longer be changed"),
    "appointment_missed": (409, "Its time is over; draw a number of the queue, or book another time"),
    "appointment_changes": (409, "It has been moved too often; somebody at the counter can still help"),
    "check_in_early": (409, "It is too early to check in; come nearer to the time"),
    "no_number_left": (409, "No number is left in this hall that day"),
    "nobody_waits": (409, "Nobody waits"),
    "complaint_state": (409, "The complaint is not where this can be done"),
    "ticket_state": (409, "The ticket is not in a state for this"),
    "bill_locked": (409, "A payment for this is under way, or nobody knows yet how one ended; do not pay again"),
    "case_paper_not_yet": (409, "The case has not come so far that there is this paper"),
    "paper_not_yet": (409, "There is no paper while the payment is neither offered on a slip nor booked"),
    "bill_paid": (409, "The bill is paid"),
    "bill_state": (409, "The bill is no longer open"),
    "bill_empty": (409, "Nothing is owed on this bill"),
    "bill_outdated": (409, "The bill is too old; ask for a new one"),
    "authority_exists": (409, "There is an authority in force for this item; revoke it first"),
    "authority_missing": (409, "There is no authority in force for this item"),
    "authority_limit": (409, "The authority does not reach so far this year"),
    "authority_account": (409, "No active social card account is known"),
    "site_no_taken": (409, "Another terminal has this site number"),
    "login_taken": (409, "There is an account of this name"),
    "own_account": (409, "Nobody changes an own account"),
    "account_state": (409, "The account is not in a state for this"),
    "version_stale": (412, "If-Match is not the newest version"),
    "too_large": (413, "The body is too large"),
    "unsupported_media_type": (415, "The body must be application/json"),
    "upload_content_type": (415, "The body must be application/offset+octet-stream"),
    "upload_metadata": (422, "Upload-Metadata needs digest, filetype and material"),
    "upload_digest": (422, "The content is not the one that was declared; it has been thrown away"),
    "upload_type": (422, "The content is no JPEG, PNG or PDF as declared; it has been thrown away"),
    "audit_links": (422, "These links of the audit chain do not follow each other, or leave a gap"),
    "invalid_request": (422, "The request does not fit the contract"),
    "idempotency_mismatch": (422, "The key was used with another body"),
    "key_is_not_the_number": (422, "Idempotency-Key must be the case number"),
    "case_no_form": (422, "The case number must have 22 digits"),
    "case_no_division": (422, "The case number is of another division"),
    "case_no_check_digit": (422, "The case number's check digit is wrong"),
    "case_no_day": (422, "The case number's day does not exist"),
    "case_no_device": (422, "The case number was not minted for this terminal"),
    "post_unknown": (422, "No such post of this district"),
    "site_unknown": (422, "The site is not in this district"),
    "notice_outside_guide": (422, "The published guide does not ask for this"),
    "notice_incomplete": (422, "A notice needs what, why, basis, how, and a day to come"),
    "refusal_incomplete": (422, "A refusal needs reason, basis, words, and who can help instead"),
    "words_missing": (422, "This needs words: an opinion, or why"),
    "reason_unknown": (422, "No such reason for a refusal of this kind"),
    "delivery_incomplete": (422, "This way of delivery needs other details"),
    "item_unknown": (422, "No such item in the catalogue"),
    "item_mode": (422, "The item is served in another way"),
    "cause_unknown": (422, "No such cause is known for this item, or a refusal without one"),
    "item_not_transacted": (422, "This item cannot be carried to its end here"),
    "consent_version": (422, "The consent text is not the item's"),
    "deputy_without_authority": (422, "A deputy promises with a written authority only, where the item allows it"),
    "signature_missing": (422, "A promise is signed: its file is missing, and it was not agreed to aloud"),
    "commitment": (422, "The item's commitment is not the one given"),
    "form": (422, "The form does not fit the item"),
    "key_unusable": (422, "The public key is no usable X25519 key"),
    "login_form": (422, "A login has small letters, digits, dot, dash and underscore"),
    "password_weak": (422, "The password is too weak"),
    "role_unknown": (422, "No such role"),
    "role_conflict": (422, "One person does not hold these two roles"),
    "town_unknown": (422, "The town is not in this district"),
    "slot_unknown": (422, "There is no such slot, or it has begun"),
    "bill_code": (422, "No bill of this kind has that number"),
    "bill_lines": (422, "The bill has no such line"),
    "payment_code": (422, "A payment code belongs to the way code, and only to it"),
    "labels": (422, "A rating label does not exist or is of another level"),
    "if_match_missing": (428, "If-Match is missing"),
    "too_many_attempts": (429, "Too many wrong codes; try later"),
    "too_many_calls": (429, "No ticket left today"),
    "too_many_uploads": (429, "Too many unfinished uploads of this terminal"),
    "too_many_persons": (429, "This terminal has asked registers about too many people; try later"),
    "too_many_requests": (429, "Too many requests; try later"),
    "internal": (500, "The server failed"),
    "file_damaged": (500, "The file cannot be shown: it is damaged or gone; the case is as it was, bring a backup"),
    "register_silent": (503, "A register does not answer, so nothing can be given; come again later"),
    "payment_register_silent": (503, "A register that must say whether this is owed is silent; nothing was taken"),
    "papers_unavailable": (503, "The server has no faces to set papers in; none was made, ask again later"),
    "payments_off": (503, "No payment side is configured; nothing was taken"),
    "disk_full": (503, "The server has no room left; nothing of this was kept, the same request may be repeated later"),
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
        self.advice = advice_of(code, self.status)
        self.headers = dict(headers or {})
        self.extensions = extensions


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def passing(cause: BaseException) -> Problem | None:
    """Of what passes: the same request, with the same key, is safe to repeat. None: it is something else."""
    if isinstance(cause, DiskFull) or (isinstance(cause, OSError) and cause.errno in _NO_ROOM):
        return Problem("disk_full", headers={"Retry-After": "60"})
    if isinstance(cause, DatabaseBusy):
        return busy()
    return None


def busy() -> Problem:
    """Nothing is known to be wrong: the same request, with the same key, is safe to repeat."""
    return Problem("busy", headers={"Retry-After": "2"})
