"""Bodies about who is calling: sessions and accounts of staff, terminals and their enrolment, consent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

from backoffice.api.models import CaseNo, Lang, Model, Moment, Short, Site, keepable
from backoffice.identity.staff import StaffRole

Login = Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,31}$")]
Town = Annotated[str, Field(pattern=r"^[0-9]{9}$", description="Town code, 9 digits")]
Password = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(keepable)]
OneTimeCode = Annotated[str, Field(pattern=r"^[0-9]{6}$", description="Of the code generator; good once")]
SessionId = Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
Role = Annotated[StaffRole, Strict(False)]
DeviceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
PublicKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$", description="X25519, 32 bytes, base64url")]


class LogIn(Model):
    login: Login
    password: Password
    code: OneTimeCode


class NewSession(Model):
    session_id: SessionId
    token: str = Field(description="Shown once; goes into Authorization: Bearer")


class FirstLogIn(Model):
    login: Login
    password: Password = Field(description="The first one, from whoever made the account; good once")
    new: Password


class CodeGenerator(Model):
    otpauth: str = Field(description="Shown once, to its person only: what a code generator reads, RFC 6238")


class Me(Model):
    login: Login
    roles: list[Role]
    town: Town | None = Field(description="None: the whole district")
    department: str | None
    session_id: SessionId


class OpenSession(Model):
    session_id: SessionId
    started_at: Moment
    used_at: Moment


class Sessions(Model):
    sessions: list[OpenSession]


class NewPassword(Model):
    old: Password
    new: Password
    code: OneTimeCode


class NewAccount(Model):
    login: Login
    roles: Annotated[list[Role], Field(min_length=1, max_length=14)]
    town: Town | None
    department: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(keepable)] | None


class FirstLogin(Model):
    login: Login
    password: str = Field(description="Shown once; good for one first login, which replaces it")
    good_until: Moment


class StaffAccount(Model):
    login: Login
    roles: list[Role]
    town: Town | None
    department: str | None
    state: Literal["new", "active", "suspended"]
    created_at: Moment
    row_version: int


class Accounts(Model):
    accounts: list[StaffAccount]
    next: str | None = Field(description="`after` of the next page; null on the last one")


class Roles(Model):
    roles: Annotated[list[Role], Field(min_length=1, max_length=14)]


class Suspension(Model):
    suspended: bool


class Changed(Model):
    row_version: int = Field(description="For the next If-Match")


class Ended(Model):
    ended: int


class AuditLink(Model):
    n: int
    entry: str = Field(description="JSON as it was hashed; no personal data")
    previous: str
    hash: str


class AuditPage(Model):
    town: Town
    links: list[AuditLink]
    next_after: int | None = Field(description="`after` of the next page; none: this was the last")


class NewEnrolment(Model):
    device: DeviceName
    site: Site
    site_no: Annotated[str, Field(pattern=r"^[0-9]{3}$", description="Site part of its case numbers")]


class EnrolmentCode(Model):
    code: str = Field(description="Ten characters, good once and for a day; nowhere else")
    expires_at: Moment


class Enrol(Model):
    """The terminal makes an X25519 key pair (RFC 7748) for this one exchange and sends its public half."""

    code: Annotated[str, Field(min_length=10, max_length=24, description="As typed; case, blanks and dashes are free")]
    public_key: PublicKey


class Enrolled(Model):
    """Both sides derive the terminal's key: HKDF with SHA-256 (RFC 5869) over the shared X25519 secret, 32 bytes.

    salt: the ASCII bytes of the code, ten capitals and digits without blanks or dashes.
    info: "tshu-pinn enrolment 1", NUL, the terminal's then the server's public key (32 bytes each), NUL, `device`,
    NUL, `site`; texts in UTF-8.
    """

    device: DeviceName
    site: Site
    site_no: str
    server_time: int = Field(description="Unix ms")
    profile: Literal["hmac-sm3", "hmac-sha256"]
    public_key: PublicKey
    proof: str = Field(
        description="HMAC with the new key and the digest of `profile`, in small hexadecimal, over these lines, "
        'joined by line feeds: "enrolled", device, site, site_no, server_time. It must be right before the key is kept'
    )


class Terminal(Model):
    device: DeviceName
    site: str | None
    site_no: str | None
    state: Literal["active", "suspended"]
    added_at: Moment
    seen_at: str | None = Field(description="Since the server started, else the day it last called")
    row_version: int


class Terminals(Model):
    terminals: list[Terminal]
    next: str | None = Field(description="`after` of the next page; null on the last one")


class NewConsent(Model):
    case_no: CaseNo
    purpose: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,63}$", description="Text key of what was read out")]
    text_version: Annotated[Short, Field(min_length=1)]
    lang: Lang
    given_at: Moment


class Consent(NewConsent):
    consent_id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    received_at: Moment
    withdrawn_at: Moment | None


class ConsentWithdrawal(Model):
    number: Annotated[str, Field(pattern=r"^([0-9]{16}|[0-9]{22})$", description="22 digits, or the 16 of the slip")]
    code: Annotated[str, Field(pattern=r"^[0-9]{4}$", description="The slip's query code")]
    withdrawn_at: Moment


class ConsentsWithdrawn(Model):
    case_no: CaseNo
    withdrawn: int = Field(description="How many consents; none is left")


Fact = Annotated[str, Field(max_length=32)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class TerminalAuditLink(Model):
    seq: Annotated[int, Strict(), Field(ge=1, le=2**31 - 1)]
    at: Annotated[str, Field(max_length=40)]
    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]
    facts: Annotated[dict[Fact, Annotated[str, Field(max_length=256)]], Field(max_length=8)]
    previous: Digest = Field(
        description="Of the link before it: SHA-256 over its JSON with the keys at, facts, kind, previous, seq in "
        "this order, those of facts sorted, no blanks, not escaped beyond what JSON needs; of the first 64 noughts"
    )


class TerminalAuditLinks(Model):
    links: Annotated[list[TerminalAuditLink], Field(max_length=64)] = Field(
        description="In their order, from the one after what is held; none only asks what is held"
    )


class TerminalAuditHeld(Model):
    seq: int = Field(description="The last link that is held; 0: none")
    digest: Digest
