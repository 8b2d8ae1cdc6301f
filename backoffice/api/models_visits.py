"""Bodies of appointments, queues, complaints and ratings from the slip."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from backoffice.api.models import CaseNo, Lang, Line, Model, Moment, Short, Site, Submission, TakenCase, keepable

Place = Annotated[str, Field(pattern=r"^[0-9]{9}000$", description="Hall: a town's centre, or the district's")]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="ISO 8601 date")]
Clock = Annotated[str, Field(pattern=r"^[0-9]{2}:[0-9]{2}$", description="HH:MM, local")]
SlipNo = Annotated[str, Field(pattern=r"^([0-9]{16}|[0-9]{22})$", description="22 digits, or the 16 of the slip")]
SlipCode = Annotated[str, Field(pattern=r"^[0-9]{4}$", description="The slip's query code")]
TicketNo = Annotated[int, Field(ge=1, le=999, description="Three digits, unique in the hall and the day")]
Lane = Literal["normal", "priority"]
Note = Annotated[str, Field(max_length=2000), AfterValidator(keepable)]


class Slot(Model):
    day: Day
    start: Clock
    free: int


class Slots(Model):
    place: Place
    minutes: int = Field(description="How long one slot is")
    slots: list[Slot]


class BookRequest(Model):
    submission: Submission
    day: Day
    start: Clock


class Appointment(Model):
    case_no: CaseNo
    place: Place
    day: Day
    start: Clock
    ticket: str = Field(description="Letter and three digits: the appointment is the ticket")
    state: Literal["booked", "checked_in", "cancelled", "missed"]


class BookedCase(TakenCase):
    appointment: Appointment


class MovedAppointment(Appointment):
    line: Line


class Slip(Model):
    number: SlipNo
    code: SlipCode


class AppointmentChange(Slip):
    day: Day
    start: Clock


class TicketRequest(Model):
    site: Site
    lane: Lane = Field(description="priority: elders, disabled, pregnant, soldiers, in need")


class Ticket(Model):
    place: Place
    day: Day
    number: int
    ticket: str
    lane: Lane
    state: Literal["waiting", "called", "serving", "finished", "void"]
    ahead: int
    minutes: int
    line: Line


ComplaintNo = Annotated[str, Field(pattern=r"^[0-9]{12}$")]


class Complaint(Model):
    site: Site
    case_no: Annotated[str, Field(pattern=r"^([0-9]{22})?$")]
    item_id: Annotated[str, Field(pattern=r"^([A-Z]{2}[0-9]{3})?$")]
    step: Annotated[str, Field(min_length=1, max_length=32), AfterValidator(keepable)]
    reason: Short = Field(description="Text key of what was told, or empty")
    note: Note = Field(description="What the terminal knows of why: text keys; kept sealed")
    lang: Lang
    made_at: Moment


class DueDates(Model):
    window: Day
    department: Day
    panel: Day
    district: Day


class TakenComplaint(Model):
    complaint_no: str
    due: DueDates
    line: Line


class SlipRating(Slip):
    level: Annotated[int, Field(ge=1, le=5, description="5 is best")]
    labels: Annotated[list[Annotated[str, Field(pattern=r"^[0-9]{3}$")]], Field(max_length=8)]
    note: Note
    rated_at: Moment


class SlipRated(Model):
    case_no: CaseNo
    stage: int = Field(description="1 to be done, 2 under way, 3 done")
    received_at: Moment


class HallTicket(Model):
    number: int
    ticket: str
    lane: Lane
    state: Literal["waiting", "called", "serving", "finished", "void"]
    calls: int
    moved_back: bool
    window: str | None
    case_no: str | None
    row_version: int


class Hall(Model):
    place: Place
    day: Day
    tickets: list[HallTicket]


class Window(Model):
    window: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,16}$")]


class VisitTask(Model):
    task_id: str
    kind: Literal["reminder", "return_visit"]
    town: str
    case_no: CaseNo
    contact_by: Day
    fix_by: str | None
    created_at: Moment
    done_at: str | None
    row_version: int


class VisitTasks(Model):
    tasks: list[VisitTask]


class TaskResult(Model):
    result: Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(keepable)]


class ComplaintAnswer(Model):
    answer: Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(keepable)]


class ComplaintNote(Model):
    note: Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(keepable)]


Level = Literal["window", "department", "panel", "district"]


class ComplaintAct(Model):
    at: Moment
    actor: str
    act: Literal["answered", "raised", "closed", "overdue"]
    level: Level
    note: str


class ShownComplaint(Model):
    complaint_no: str
    town: str
    site: Site
    case_no: str
    item_id: str
    step: str
    reason: str
    note: str
    made_at: Moment
    received_at: Moment
    state: Literal["open", "answered", "closed"]
    row_version: int
    level: Level
    due: DueDates
    answer: str
    answered_by: str | None
    answered_at: str | None
    closed_at: str | None
    acts: list[ComplaintAct]


class Complaints(Model):
    complaints: list[ShownComplaint]


class RatingFigures(Model):
    answers: int
    by_level: dict[str, int]
    satisfied: int = Field(description="Of the answers; silence is not satisfaction")
    unanswered: int
