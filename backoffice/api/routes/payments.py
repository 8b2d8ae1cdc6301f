"""Bills, payments and deduction authorities."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from backoffice.api import models
from backoffice.api import models_payments as bodies
from backoffice.api.description import failures
from backoffice.api.desk import Desk, Key, Who
from backoffice.api.models_papers import DocumentMade
from backoffice.api.routes.terminal import submission_of
from backoffice.domain.payment import Way
from backoffice.payments import authorities, bills, papers, paying
from backoffice.problems.problem import Problem

_KEYED = ("malformed_json", "idempotency_key_missing", "idempotency_mismatch", "invalid_request")
_OPENING = (
    "case_no_taken",
    "key_is_not_the_number",
    "case_no_form",
    "case_no_division",
    "case_no_check_digit",
    "case_no_day",
    "case_no_device",
    "site_not_own",
    "site_unknown",
    "item_unknown",
    "item_not_transacted",
    "item_mode",
    "consent_version",
    "commitment",
    "form",
    "materials_missing",
)
_PAYING = (
    "payments_off",
    "payment_code",
    "bill_locked",
    "bill_state",
    "bill_paid",
    "bill_empty",
    "bill_outdated",
    "authority_missing",
    "authority_limit",
    "refused_by_rule",
    "identity_mismatch",
    "payment_register_silent",
)


def install(app: FastAPI, desk: Desk) -> None:
    _bills(app, desk)
    _payments(app, desk)
    _authorities(app, desk)


def _bills(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post(
        "/v1/bills",
        status_code=201,
        response_model=bodies.Bill,
        responses=failures("too_many_persons", *_KEYED, "site_not_own", "site_unknown", "item_mode", "bill_code"),
    )
    def post_bill(body: bodies.BillRequest, key: Key, who: Who) -> dict[str, Any]:
        """What is owed, from the registers; whoever is exempt is told so and owes nothing."""
        desk.at(who, body.site)
        desk.about(who, body.applicant.number, "bill")
        person = body.applicant
        request = bills.BillRequest(body.item_id, body.site, person.name, person.number, tuple(body.codes), body.family)
        return bills.make(office, desk.lookups, who.call(key), request)

    @app.post(
        "/v1/bills/{bill_no}/choice",
        status_code=201,
        response_model=bodies.Bill,
        responses=failures(*_KEYED, "bill_unknown", "bill_state", "bill_lines"),
    )
    def post_bill_choice(bill_no: bodies.BillNo, body: bodies.BillChoice, key: Key, who: Who) -> dict[str, Any]:
        """Some lines of a bill as a bill of their own; the old one is replaced."""
        return bills.choose(office, who.call(key), bill_no, body.lines)


def _payments(app: FastAPI, desk: Desk) -> None:
    office, outside = desk.office, paying.Outside(desk.lookups, desk.payments)

    @app.post(
        "/v1/payments",
        status_code=201,
        response_model=bodies.PaidCase,
        responses=failures(*_KEYED, *_OPENING, *_PAYING, "bill_unknown"),
    )
    def post_payment(body: bodies.PayRequest, key: Key, who: Who) -> dict[str, Any]:
        """Open the case and pay its bill. Safe to repeat: a repeated request pays nothing and tells how it stands.

        An item's rules are judged first. Where they say no, or a register that they need is silent, no case is opened
        and nothing is taken; `reasons` and `next` say why and what to do.
        """
        desk.at(who, body.submission.site)
        submission = submission_of(body.submission)
        return paying.pay(office, outside, who.call(key), submission, body.bill_no, _means(body.means))

    @app.post(
        "/v1/payments/{case_no}/attempts",
        status_code=201,
        response_model=bodies.PaidCase,
        responses=failures(*_KEYED, *_PAYING, "case_unknown"),
    )
    def post_payment_attempt(case_no: models.CaseNo, body: bodies.Means, key: Key, who: Who) -> dict[str, Any]:
        """Another way, after one that took no money; an open slip is closed first."""
        return paying.pay_again(office, outside, who.call(key), case_no, _means(body))

    @app.post(
        "/v1/payments/{case_no}/paper",
        status_code=201,
        response_model=DocumentMade,
        responses=failures(
            "idempotency_key_missing",
            "idempotency_mismatch",
            "invalid_request",
            "case_unknown",
            "paper_not_yet",
            "papers_unavailable",
        ),
    )
    def post_payment_paper(case_no: models.CaseNo, key: Key, who: Who) -> dict[str, Any]:
        """The slip to pay with, or the receipt once it is booked; a later one says that it is a copy."""
        return papers.paper(office, who.call(key), case_no)

    @app.get(
        "/v1/payments/{case_no}",
        response_model=bodies.PaidCase,
        responses=failures("case_unknown", "invalid_request"),
    )
    def get_payment(case_no: models.CaseNo, who: Who) -> dict[str, Any]:
        """How the payment of one of this terminal's own cases stands."""
        return paying.payment_of_case(office, who.device, case_no)


def _authorities(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post(
        "/v1/deduction-authorities",
        status_code=201,
        response_model=bodies.Authority,
        responses=failures(
            "too_many_persons",
            *_KEYED,
            "site_not_own",
            "site_unknown",
            "item_mode",
            "authority_account",
            "authority_exists",
            "materials_missing",
        ),
    )
    def post_authority(body: bodies.AuthorityRequest, key: Key, who: Who) -> dict[str, Any]:
        """A written authority to take one item's contributions from the social card's account."""
        desk.at(who, body.site)
        desk.about(who, body.applicant.number, "authority")
        person = body.applicant
        request = authorities.AuthorityRequest(
            body.item_id, body.site, person.name, person.number, body.year_limit_fen, body.paper_digest
        )
        return authorities.give(office, desk.lookups, who.call(key), request)

    @app.post(
        "/v1/deduction-authorities/search",
        response_model=bodies.AuthorityFound,
        responses=failures("too_many_persons", "malformed_json", "invalid_request"),
    )
    def find_authority(body: bodies.AuthoritySearch, who: Who) -> dict[str, Any]:
        """What the person whose card was read has signed for an item, so that she can use it or take it back."""
        desk.about(who, body.applicant.number, "authority")
        return {"authority": authorities.find(office, body.item_id, body.applicant.number)}

    @app.post(
        "/v1/deduction-authorities/{authority_id}/revocation",
        response_model=bodies.Revoked,
        responses=failures(*_KEYED, "authority_unknown"),
    )
    def post_revocation(
        authority_id: bodies.AuthorityId, body: bodies.Revocation, key: Key, who: Who
    ) -> dict[str, Any]:
        """Taken back at once, at any terminal, by the person whose card was read."""
        return authorities.revoke(office, who.call(key), authority_id, body.applicant.number)


def _means(body: bodies.Means) -> paying.Means:
    """:raises Problem: payment_code: a code without that way, or that way without a code."""
    way = Way(body.way)
    if bool(body.code) is not (way is Way.CODE):
        raise Problem("payment_code")
    return paying.Means(way, body.code)
