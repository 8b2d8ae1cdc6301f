"""What staff do about visits: calling, serving, calls that are due, what could not be done. Nobody here rates."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from backoffice.api import models
from backoffice.api import models_visits as bodies
from backoffice.api.description import failures
from backoffice.api.desk import Desk, StaffWho, Version
from backoffice.visits import calling, complaints, help_calls, ratings, tasks

_STEP = ("forbidden", "not_found", "ticket_unknown", "ticket_state", "version_stale", "if_match_missing")


def install(app: FastAPI, desk: Desk) -> None:
    _calling(app, desk)
    _serving(app, desk)
    _tasks(app, desk)
    _help(app, desk)


def _calling(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.get(
        "/staff/v1/halls/{place}/queue",
        response_model=bodies.Hall,
        responses=failures("forbidden", "not_found", "invalid_request"),
    )
    def get_hall_queue(place: bodies.Place, who: StaffWho) -> dict[str, Any]:
        """Today's tickets, without names."""
        return calling.queue_now(office, who, place)

    @app.post(
        "/staff/v1/halls/{place}/calls",
        response_model=bodies.HallTicket,
        responses=failures("malformed_json", "forbidden", "not_found", "nobody_waits", "invalid_request"),
    )
    def call_next(place: bodies.Place, body: bodies.Window, who: StaffWho) -> dict[str, Any]:
        """Whose turn it is, by the round of the two lines."""
        return calling.call_next(office, who, place, body.window)

    @app.post(
        "/staff/v1/halls/{place}/tickets/{number}/recall",
        response_model=bodies.HallTicket,
        responses=failures(*_STEP, "invalid_request"),
    )
    def recall_ticket(place: bodies.Place, number: bodies.TicketNo, who: StaffWho, version: Version) -> dict[str, Any]:
        """Call once more; three times in all."""
        return calling.call_again(office, who, place, number, version)

    @app.post(
        "/staff/v1/halls/{place}/tickets/{number}/missed",
        response_model=bodies.HallTicket,
        responses=failures(*_STEP, "invalid_request"),
    )
    def miss_ticket(place: bodies.Place, number: bodies.TicketNo, who: StaffWho, version: Version) -> dict[str, Any]:
        """Nobody came: three places back, the second time void."""
        return calling.nobody_came(office, who, place, number, version)


def _serving(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post(
        "/staff/v1/halls/{place}/tickets/{number}/revival",
        response_model=bodies.HallTicket,
        responses=failures(*_STEP, "invalid_request"),
    )
    def revive_ticket(place: bodies.Place, number: bodies.TicketNo, who: StaffWho, version: Version) -> dict[str, Any]:
        """A void ticket is first of its line again."""
        return calling.revive(office, who, place, number, version)

    @app.post(
        "/staff/v1/halls/{place}/tickets/{number}/service",
        response_model=bodies.HallTicket,
        responses=failures(*_STEP, "invalid_request"),
    )
    def serve_ticket(place: bodies.Place, number: bodies.TicketNo, who: StaffWho, version: Version) -> dict[str, Any]:
        """Somebody came."""
        return calling.serve(office, who, place, number, version)

    @app.post(
        "/staff/v1/halls/{place}/tickets/{number}/end",
        response_model=bodies.HallTicket,
        responses=failures(*_STEP, "invalid_request"),
    )
    def end_ticket(place: bodies.Place, number: bodies.TicketNo, who: StaffWho, version: Version) -> dict[str, Any]:
        """Done at the window."""
        return calling.finish(office, who, place, number, version)


def _tasks(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.get("/staff/v1/visit-tasks", response_model=bodies.VisitTasks, responses=failures("forbidden"))
    def get_visit_tasks(who: StaffWho) -> dict[str, Any]:
        """Calls that are due: after a missed appointment, after a bad rating."""
        return {"tasks": tasks.tasks_of(office, who)}

    @app.post(
        "/staff/v1/visit-tasks/{task_id}/result",
        response_model=bodies.VisitTask,
        responses=failures(
            "malformed_json", "forbidden", "task_unknown", "version_stale", "if_match_missing", "invalid_request"
        ),
    )
    def post_task_result(task_id: str, body: bodies.TaskResult, who: StaffWho, version: Version) -> dict[str, Any]:
        """What came of the call; kept sealed."""
        return tasks.finish_task(office, who, task_id, version, body.result)

    @app.get("/staff/v1/complaints", response_model=bodies.Complaints, responses=failures("forbidden"))
    def get_complaints(who: StaffWho) -> dict[str, Any]:
        """What could not be done in the towns that this person sees."""
        return {"complaints": complaints.complaints_of(office, who)}

    _complaints(app, desk)

    @app.get("/staff/v1/rating-figures", response_model=bodies.RatingFigures, responses=failures("forbidden"))
    def get_rating_figures(who: StaffWho) -> dict[str, Any]:
        """What people said, by level; whoever said nothing is counted apart."""
        return ratings.figures_for(office, who)


_COMPLAINT = (
    *("malformed_json", "forbidden", "complaint_unknown", "complaint_state", "version_stale", "if_match_missing"),
    "invalid_request",
)


def _complaints(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.post(
        "/staff/v1/complaints/{number}/answer",
        response_model=bodies.ShownComplaint,
        responses=failures(*_COMPLAINT),
    )
    def answer_complaint(
        number: bodies.ComplaintNo, body: bodies.ComplaintAnswer, who: StaffWho, version: Version
    ) -> dict[str, Any]:
        """What was done about it; kept sealed."""
        return complaints.answer(office, who, number, version, body.answer)

    @app.post(
        "/staff/v1/complaints/{number}/end",
        response_model=bodies.ShownComplaint,
        responses=failures(*_COMPLAINT),
    )
    def close_complaint(
        number: bodies.ComplaintNo, body: bodies.ComplaintNote, who: StaffWho, version: Version
    ) -> dict[str, Any]:
        """The resident has heard the answer."""
        return complaints.close(office, who, number, version, body.note)

    @app.post(
        "/staff/v1/complaints/{number}/escalation",
        response_model=bodies.ShownComplaint,
        responses=failures(*_COMPLAINT),
    )
    def escalate_complaint(
        number: bodies.ComplaintNo, body: bodies.ComplaintNote, who: StaffWho, version: Version
    ) -> dict[str, Any]:
        """To the next level before its day, or after an answer that did not help."""
        return complaints.escalate(office, who, number, version, body.note)


def _help(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.get("/staff/v1/help-calls", response_model=models.StaffHelpCalls, responses=failures("forbidden"))
    def get_help_calls(who: StaffWho) -> dict[str, Any]:
        """Calls that nobody has accepted yet in the towns that this person sees."""
        return {"calls": help_calls.calls_of(office, who)}

    @app.post(
        "/staff/v1/help-calls/{call_id}/acceptance",
        response_model=models.StaffHelpCall,
        responses=failures(
            *("malformed_json", "forbidden", "call_unknown", "post_unknown", "version_stale", "if_match_missing"),
            "invalid_request",
        ),
    )
    def accept_help_call(
        call_id: models.CallId, body: models.HelpAcceptance, who: StaffWho, version: Version
    ) -> dict[str, Any]:
        """Somebody comes: the terminal says so from now on."""
        return help_calls.accept(office, who, call_id, version, body.who, body.minutes)
