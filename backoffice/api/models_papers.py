"""Bodies of queries, prints and documents."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backoffice.api.models import ItemId, Line, Model, Moment, TakenCase

DocumentId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Code = Annotated[str, Field(pattern=r"^[2-9A-HJ-NP-Z]{20}$", description="By which anybody can check the paper")]


class RegisterAnswer(Model):
    lookup: str = Field(description="L01 to L33")
    state: Literal["answered", "not_found", "timeout", "error", "garbage", "stale", "not_asked"]
    asked_at: Moment
    as_of: Moment | None = Field(description="When the register's own data were current; null when it gave none")
    fresh: bool = Field(description="False: nothing of this register is in the lines")
    line: Line


class QueryAnswer(Model):
    case: TakenCase | None = Field(description="Null when a print item is only shown")
    item_id: ItemId
    lines: list[Line] = Field(description="To be shown to this person alone, and never said over the loudspeaker")
    registers: list[RegisterAnswer]
    next: Line | None = Field(description="What to do when a register gave nothing")


class DocumentMade(Model):
    document_id: DocumentId
    code: Code
    copy_no: Annotated[int, Field(ge=1, alias="copy", description="1 is the first; later ones say so on the paper")]
    digest: Digest = Field(description="Of the PDF; the ETag of GET /v1/documents/{document_id}")


class Printed(Model):
    case: TakenCase
    document: DocumentMade


class CasePaper(Model):
    kind: Literal["receipt", "acceptance", "supplement", "review", "refusal", "decision"]


class LetterWanted(Model):
    code: Annotated[str, Field(pattern=r"^[0-9]{4}$", description="The slip's query code")]


class PrintReport(Model):
    outcome: Literal["printed", "unknown", "failed"] = Field(
        description="printed: proven by the printer. unknown: paper may lie in the tray. failed: surely none came out"
    )


class PrintCount(Model):
    document_id: DocumentId
    printed: int
    unclear: int


class Reprint(Model):
    number: Annotated[str, Field(pattern=r"^([0-9]{16}|[0-9]{22})$", description="Of the slip")]
    code: Annotated[str, Field(pattern=r"^[0-9]{4}$", description="The slip's query code")]


class VerifiedDocument(Model):
    code: Code
    title: str
    item: str
    department: str
    applicant: str = Field(description="Masked")
    made_at: Moment
    printed: int
    last_printed_at: Moment | None
    unclear: int
    withdrawn_at: Moment | None
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$", description="Must be the one on the paper")]


class Verified(Model):
    state: Literal["genuine", "withdrawn", "void", "unknown"] = Field(
        description="void: no copy came out whole; a spoiled piece counts for nothing"
    )
    document: VerifiedDocument | None
