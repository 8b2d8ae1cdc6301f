"""Query and print services, documents, and what anybody may ask about a paper."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Header, Path, Response

from backoffice.api import models
from backoffice.api import models_papers as bodies
from backoffice.api.description import failures
from backoffice.api.desk import Desk, Key, Who
from backoffice.api.routes.terminal import submission_of
from backoffice.documents import case_papers, guides, making, printing, reprints, verifying
from backoffice.queries import service

OPENING = (
    *("case_no_taken", "key_is_not_the_number", "case_no_form", "case_no_division", "case_no_check_digit"),
    *(
        "case_no_day",
        "case_no_device",
        "site_not_own",
        "site_unknown",
        "item_unknown",
        "item_not_transacted",
        "item_mode",
    ),
    *("consent_version", "commitment", "form", "materials_missing"),
)
"""What opening a case can find wrong."""
REGISTERS = (
    "consent_missing",
    "face_missing",
    "register_silent",
    "refused_by_rule",
    "identity_mismatch",
    "nothing_found",
)
TypedCode = Annotated[str, Path(max_length=64, description="20 characters; spaces, dashes and small letters forgiven")]
DocumentId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
_PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def install(app: FastAPI, desk: Desk) -> None:
    _services(app, desk)
    _documents(app, desk)
    _of_cases(app, desk)
    _copies(app, desk)
    _public(app, desk)


def _services(app: FastAPI, desk: Desk) -> None:
    office, gateway = desk.office, desk.lookups

    @app.post(
        "/v1/queries",
        status_code=201,
        response_model=bodies.QueryAnswer,
        responses=failures("too_many_persons", *OPENING, *REGISTERS),
    )
    def post_query(body: models.Submission, key: Key, who: Who) -> dict[str, Any]:
        """Show what registers know: a whole visit in one call. Of a print item it is a preview and opens no case."""
        desk.at(who, body.site)
        desk.about(who, body.applicant.number, "query")
        return service.answer(office, gateway, who.call(key), submission_of(body))

    @app.post(
        "/v1/prints",
        status_code=201,
        response_model=bodies.Printed,
        responses=failures("too_many_persons", *OPENING, *REGISTERS, "papers_unavailable"),
    )
    def post_print(body: models.Submission, key: Key, who: Who) -> dict[str, Any]:
        """Make a certificate: a whole visit in one call. A silent register gives no paper and says what to do."""
        desk.at(who, body.site)
        desk.about(who, body.applicant.number, "print")
        return printing.print_certificate(office, gateway, who.call(key), submission_of(body))


def _documents(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.get(
        "/v1/documents/{document_id}",
        response_class=Response,
        responses={
            200: {"content": {making.PDF: {}}},
            304: {"description": "Unchanged: If-None-Match names this copy"},
            **failures("document_unknown", "document_withdrawn"),
        },
    )
    def get_document(
        document_id: DocumentId, who: Who, if_none_match: Annotated[str | None, Header()] = None
    ) -> Response:
        """The newest copy that was made for this terminal, as PDF."""
        pdf, digest = making.pdf_of(office, who.device, document_id)
        headers = {"ETag": f'"{digest}"', "Cache-Control": "no-store"}
        if if_none_match == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(pdf, media_type=making.PDF, headers=headers)


def _of_cases(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post(
        "/v1/cases/{case_no}/documents",
        status_code=201,
        response_model=bodies.DocumentMade,
        responses=failures(
            "case_unknown", "case_paper_not_yet", "document_withdrawn", "item_unknown", "papers_unavailable"
        ),
    )
    def post_case_paper(case_no: models.CaseNo, body: bodies.CasePaper, key: Key, who: Who) -> dict[str, Any]:
        """A paper of this terminal's own case: receipt, acceptance, notice, refusal or decision."""
        return case_papers.case_paper(office, who.call(key), case_no, body.kind)

    @app.post(
        "/v1/cases/{case_no}/letters",
        status_code=201,
        response_model=bodies.DocumentMade,
        responses=failures(
            "progress_unknown",
            "case_paper_not_yet",
            "document_withdrawn",
            "item_unknown",
            "too_many_attempts",
            "papers_unavailable",
        ),
    )
    def post_letter(case_no: models.CaseNo, body: bodies.LetterWanted, key: Key, who: Who) -> dict[str, Any]:
        """The letter that says how a case stands, for whoever holds its slip, at any terminal."""
        guard = desk.codes.at(who.device)
        return case_papers.letter_for_holder(office, guard, who.call(key), case_no, body.code)

    @app.get(
        "/v1/guides/{item_id}/paper",
        response_class=Response,
        responses={200: {"content": {making.PDF: {}}}, **failures("item_unknown", "papers_unavailable")},
    )
    def get_guide_paper(item_id: models.ItemId, who: Who, site: models.Site = "000000000000") -> Response:
        """The guide in large type, as PDF; `site` names whose telephone stands on it."""
        return Response(guides.guide_pdf(office, item_id, site), media_type=making.PDF)


def _copies(app: FastAPI, desk: Desk) -> None:
    office = desk.office
    codes = desk.codes

    @app.post(
        "/v1/documents/{document_id}/printed",
        status_code=201,
        response_model=bodies.PrintCount,
        responses=failures("document_unknown"),
    )
    def post_printed(document_id: DocumentId, body: bodies.PrintReport, key: Key, who: Who) -> dict[str, Any]:
        """What the printer proved of the newest copy. Nobody counts a sheet that nobody has seen."""
        return making.report(office, who.call(key), document_id, body.outcome)

    @app.post(
        "/v1/documents/reprints",
        status_code=201,
        response_model=bodies.DocumentMade,
        responses=failures(
            "progress_unknown", "document_unknown", "document_withdrawn", "too_many_attempts", "papers_unavailable"
        ),
    )
    def post_reprint(body: bodies.Reprint, key: Key, who: Who) -> dict[str, Any]:
        """Another copy for whoever holds the slip, at any terminal; the paper says the how manieth it is."""
        return reprints.reprint(office, codes.at(who.device), who.call(key), body.number, body.code)


def _public(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.get("/public/v1/documents/{code}", response_model=bodies.Verified, responses=failures())
    def verify_document(code: TypedCode) -> dict[str, Any]:
        """Genuine, withdrawn, void or unknown; no personal data beyond a masked name."""
        return verifying.verify(office, code)

    @app.get("/public/v1/verify/{code}", response_class=Response, responses={200: {"content": {"text/html": {}}}})
    def verify_page(code: TypedCode) -> Response:
        """The same as a page: where the code on a paper leads."""
        return Response(verifying.page(verifying.verify(office, code)), media_type="text/html", headers=_PAGE)
