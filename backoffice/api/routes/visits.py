"""What a terminal asks for visits: appointments, tickets, what could not be done, ratings from the slip."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Query

from backoffice.api import models
from backoffice.api import models_visits as bodies
from backoffice.api.description import failures
from backoffice.api.desk import Desk, Key, Who
from backoffice.api.routes.terminal import submission_of
from backoffice.domain.waiting import Lane
from backoffice.visits import appointments, complaints, queue, ratings

_KEYED = ("malformed_json", "idempotency_key_missing", "idempotency_mismatch", "invalid_request")
_SLIP = (*_KEYED, "progress_unknown", "too_many_attempts")
_ENDED = ("appointment_state", "appointment_missed")
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


def install(app: FastAPI, desk: Desk) -> None:
    _booking(app, desk)
    _slips(app, desk)
    _queue(app, desk)
    _voices(app, desk)


def _booking(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.get(
        "/v1/slots",
        response_model=bodies.Slots,
        responses=failures("item_mode", "site_unknown", "invalid_request"),
    )
    def get_slots(
        item_id: Annotated[str, Query(pattern=r"^[A-Z]{2}[0-9]{3}$")],
        site: Annotated[str, Query(pattern=r"^[0-9]{12}$")],
    ) -> dict[str, Any]:
        """Where and when an appointment can be had, with the places left."""
        return appointments.free_slots(office, item_id, site)

    @app.post(
        "/v1/appointments",
        status_code=201,
        response_model=bodies.BookedCase,
        responses=failures(*_KEYED, *_OPENING, "slot_unknown", "slot_full", "already_booked", "no_number_left"),
    )
    def post_appointment(body: bodies.BookRequest, key: Key, who: Who) -> dict[str, Any]:
        """Open the case and take the place. Safe to repeat."""
        desk.at(who, body.submission.site)
        submission = submission_of(body.submission)
        return appointments.book(office, who.call(key), submission, body.day, body.start)


def _slips(app: FastAPI, desk: Desk) -> None:
    office, codes = desk.office, desk.callers.codes

    @app.post(
        "/v1/appointment-changes",
        response_model=bodies.MovedAppointment,
        responses=failures(*_SLIP, *_ENDED, "appointment_changes", "slot_unknown", "slot_full", "no_number_left"),
    )
    def post_appointment_change(body: bodies.AppointmentChange, key: Key, who: Who) -> dict[str, Any]:
        """Another time, for whoever holds the slip."""
        slip = (body.number, body.code)
        return appointments.change(office, codes.at(who.device), who.call(key), slip, body.day, body.start)

    @app.post(
        "/v1/appointment-cancellations",
        response_model=bodies.MovedAppointment,
        responses=failures(*_SLIP, *_ENDED),
    )
    def post_appointment_cancellation(body: bodies.Slip, key: Key, who: Who) -> dict[str, Any]:
        """Give the place back; nobody is blocked for it."""
        return appointments.cancel(office, codes.at(who.device), who.call(key), (body.number, body.code))

    @app.post(
        "/v1/check-ins",
        response_model=bodies.Ticket,
        responses=failures(*_SLIP, *_ENDED, "check_in_early"),
    )
    def post_check_in(body: bodies.Slip, key: Key, who: Who) -> dict[str, Any]:
        """Somebody with an appointment is here: its own number joins the queue, no second one is drawn."""
        return queue.check_in(office, codes.at(who.device), who.call(key), (body.number, body.code))

    @app.post(
        "/v1/ratings",
        status_code=201,
        response_model=bodies.SlipRated,
        responses=failures(*_SLIP, "already_rated", "labels"),
    )
    def post_slip_rating(body: bodies.SlipRating, key: Key, who: Who) -> dict[str, Any]:
        """A rating later, for whoever holds the slip: once while a case waits, is under way, and is done."""
        rating = ratings.SlipRating(body.number, body.code, body.level, tuple(body.labels), body.note, body.rated_at)
        return ratings.rate_by_slip(office, codes.at(who.device), who.call(key), rating)


def _queue(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post(
        "/v1/queue-tickets",
        status_code=201,
        response_model=bodies.Ticket,
        responses=failures(*_KEYED, "site_not_own", "site_unknown", "no_number_left"),
    )
    def post_queue_ticket(body: bodies.TicketRequest, key: Key, who: Who) -> dict[str, Any]:
        """The next number of one of the two lines."""
        desk.at(who, body.site)
        return queue.take_ticket(office, who.call(key), body.site, Lane(body.lane))

    @app.get(
        "/v1/queue-tickets/{number}",
        response_model=bodies.Ticket,
        responses=failures("site_unknown", "ticket_unknown", "invalid_request"),
    )
    def get_queue_ticket(number: bodies.TicketNo, site: models.Site) -> dict[str, Any]:
        """How many are before this ticket now, and about how long that takes."""
        return queue.where_it_stands(office, site, number)


def _voices(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post(
        "/v1/complaints",
        status_code=201,
        response_model=bodies.TakenComplaint,
        responses=failures(*_KEYED, "site_not_own", "site_unknown", "item_unknown", "case_unknown", "too_many_calls"),
    )
    def post_complaint(body: bodies.Complaint, key: Key, who: Who) -> dict[str, Any]:
        """What could not be done: a number, and by when who answers at the latest."""
        desk.at(who, body.site)
        note = complaints.ComplaintNote(**body.model_dump(exclude={"lang"}))
        return complaints.register(office, who.call(key), note)
