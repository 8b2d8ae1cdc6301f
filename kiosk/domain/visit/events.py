"""Every event that a visit knows, each with the type of its value."""

from __future__ import annotations

from kiosk.domain.aid.state import CallTold, Card, Cause, Held, Taken
from kiosk.domain.bring.state import Brought, Notice
from kiosk.domain.drafts.state import DraftKept, DraftSought
from kiosk.domain.event import EventKind
from kiosk.domain.money.state import AuthorityTold, Bill, Slots, Stopped, Ticket, Way
from kiosk.domain.papers.state import KeptPage, Shot, Witness
from kiosk.domain.papers.state import Stroke as PenStroke
from kiosk.domain.questions.state import AskPart
from kiosk.domain.sheets.state import Directions, Dues, Printout, Refusal, Told
from kiosk.domain.site.state import Nearest
from kiosk.domain.slip.state import Back, Letter
from kiosk.domain.speech import Lang, Line
from kiosk.domain.technician.state import StaffEvent
from kiosk.domain.typing.state import Stroke, Suggestion, Suggestions, Wanted, Writing
from kiosk.domain.visit.readiness import Unusable
from kiosk.domain.visit.state import (
    Access,
    AppointmentTold,
    Chosen,
    Decision,
    LeftCard,
    PaymentTold,
    Prepared,
    Printed,
    Resident,
)


class Ev:
    # the resident
    START = EventKind(Lang)
    LANGUAGE = EventKind(Lang)
    CHOSEN = EventKind(Chosen)
    BROWSE = EventKind[None]()
    CATEGORY = EventKind(str)
    PAGE = EventKind(int)
    YES = EventKind[None]()
    NO = EventKind[None]()
    ANSWER = EventKind(str)
    SEND = EventKind[None]()
    AGREE = EventKind[None]()
    DECLINE = EventKind[None]()
    PRINT = EventKind[None]()
    TAKEN = EventKind[None]()
    NOT_OUT = EventKind[None]()
    WITHOUT_PAPER = EventKind[None]()
    RATED = EventKind(int)
    SKIP = EventKind[None]()
    BACK = EventKind[None]()
    LEAVE = EventKind[None]()
    LEAVE_SURE = EventKind[None]()
    HELP = EventKind[None]()
    CALL = EventKind[None]()
    CANNOT = EventKind[None]()
    ACCESS = EventKind[None]()
    SETTING = EventKind(Access)
    CLOSE = EventKind[None]()
    READ_FACE = EventKind[None]()
    """The printed card is to be read by eye."""
    STAFF = EventKind(StaffEvent)
    """For technician mode (`kiosk.domain.technician.state.StaffEvent`); a visit does nothing with it."""
    # pictures of papers, commitments, signatures
    TAKE_AGAIN = EventKind[None]()
    LAID = EventKind[None]()
    KEEP = EventKind[None]()
    ONE_MORE = EventKind[None]()
    ENOUGH = EventKind[None]()
    REMOVE = EventKind[None]()
    LACKING = EventKind[None]()
    LATER = EventKind[None]()
    """Go on without it: it is brought another time, or a person looks at it."""
    NEXT_POINT = EventKind[None]()
    INK = EventKind[PenStroke](tuple)
    CLEAR_INK = EventKind[None]()
    SIGN_BY_KEY = EventKind[None]()
    # typed questions
    KEY = EventKind(str)
    LOOK = EventKind[None]()
    """As TYPE_LOOK, for a number that a question asks for."""
    ERASE = EventKind[None]()
    CLEAR = EventKind[None]()
    ENTER = EventKind[None]()
    PICK_PART = EventKind(str)
    """A part of an answer, e.g. the year of a day."""
    PART = EventKind(AskPart)
    """Another way to give the answer."""
    TURN = EventKind(int)
    """A page of a long list."""
    DROP = EventKind(int)
    """One of several is taken away."""
    CHANGE = EventKind(str)
    """From the review: which answer, or to the list of them."""
    COUNTER = EventKind[None]()
    """What cannot be typed here is said at the counter."""
    # the devices
    CODE_SHOWN = EventKind(str)
    CARD_SEEN = EventKind[None]()
    CARD_READ = EventKind(Resident)
    CARD_FAILED = EventKind(str)
    CARD_REMOVED = EventKind[None]()
    CARD_LEFT = EventKind(LeftCard)
    """A card of a visit that is over still lies there."""
    WITHDRAWN = EventKind(Unusable)
    """Something that was promised at the beginning broke."""
    PRINTED = EventKind(Printed)
    CAPTURE_HINT = EventKind(str)
    CAPTURED = EventKind(Shot)
    CAPTURE_FAILED = EventKind(str)
    # the services
    PAGE_KEPT = EventKind(KeptPage)
    PREPARED = EventKind(Prepared)
    STORED = EventKind(str)
    STORE_FAILED = EventKind[None]()
    DECIDED = EventKind(Decision)
    UNSENT = EventKind[None]()
    CALL_ANSWERED = EventKind(CallTold)
    PROGRESS = EventKind(Line)
    IDLE_WARN = EventKind[None]()
    IDLE_END = EventKind[None]()
    WIPED = EventKind[None]()
    # ear
    AGAIN = EventKind[None]()
    """The screen's words once more."""
    EAR_ON = EventKind[None]()
    """Have the choices named, from the first."""
    EAR_UNASKED = EventKind[None]()
    """Nobody has touched anything for a while: the choices are named."""
    EAR_HELP = EventKind[None]()
    """The same where nothing can be named: the step's help is said."""
    EAR_KEPT = EventKind[None]()
    """She takes a choice that was named unasked: from now on they are named on every screen."""
    EAR_OFF = EventKind[None]()
    EAR_NEXT = EventKind(int)
    """On to the next choice; its value is how many the screen has."""
    PANEL = EventKind(int)
    """A page of the settings."""
    HEADPHONE = EventKind(bool)
    """True: it is in."""
    # the life of a site
    ATTRACT = EventKind[None]()
    NEAREST = EventKind(Nearest)
    # bills and payments, appointments
    BILL_FOUND = EventKind(Bill)
    FAMILY = EventKind(bool)
    PICK = EventKind[None]()
    ONE_LINE = EventKind(int)
    PAY = EventKind[None]()
    WAY = EventKind(Way)
    OTHER_WAY = EventKind[None]()
    PAYMENT = EventKind(PaymentTold)
    AUTHORITY = EventKind(AuthorityTold)
    END_AUTHORITY = EventKind[None]()
    """What was signed for deductions is to hold no longer."""
    SIGN_PAPER = EventKind[None]()
    MONEY_STOPPED = EventKind(Stopped)
    """A bill, a payment, a place or a number cannot be had now; the reason goes along."""
    MONEY_AGAIN = EventKind[None]()
    MONEY_DONE = EventKind[None]()
    """Nothing is owed, or nothing more can be done here."""
    SLOTS = EventKind(Slots)
    DAY = EventKind(str)
    TIME = EventKind(str)
    BOOKED = EventKind(AppointmentTold)
    BOOK_UNSURE = EventKind(int)
    CHECK_IN = EventKind[None]()
    CHANGE_SLOT = EventKind[None]()
    GIVE_BACK = EventKind[None]()
    QUEUE = EventKind[None]()
    LANE = EventKind(str)
    TICKET = EventKind(Ticket)
    # the communication aid, what could not be done, typing, ratings
    AID = EventKind[None]()
    AID_PAGE = EventKind(int)
    AID_CARD = EventKind(Card)
    AID_HOLD = EventKind(Held)
    AID_TEXT = EventKind(str)
    AID_NUMBER = EventKind(str)
    AID_SAY = EventKind[None]()
    TYPE = EventKind(Wanted)
    TYPE_KEY = EventKind(str)
    TYPE_ERASE = EventKind[None]()
    TYPE_TAKE = EventKind(Suggestion)
    TYPE_PAGE = EventKind(int)
    TYPE_WAY = EventKind(Writing)
    TYPE_LOOK = EventKind[None]()
    """She wants to see, or to cover again, the number that is masked while it is typed."""
    DRAWN = EventKind[Stroke](tuple)
    SUGGESTED = EventKind(Suggestions)
    REGISTER = EventKind(Cause)
    REGISTERED = EventKind(Taken)
    PRINT_HELP = EventKind[None]()
    """The call, or what could not be done, on paper."""
    HELP_PRINTED = EventKind(Printed)
    LABEL = EventKind(str)
    RATING_DONE = EventKind[None]()
    # what is looked up, printed and due
    READ_TO_ME = EventKind[None]()
    TRY_AGAIN = EventKind[None]()
    MAKE_PAPER = EventKind[None]()
    REST_LATER = EventKind[None]()
    """The rest of a certificate another day, or at another terminal."""
    SHOW_WAY = EventKind[None]()
    UNDERSTOOD = EventKind[None]()
    OFFICE_SILENT = EventKind[None]()
    ANSWERED = EventKind(Told)
    NOT_ANSWERED = EventKind(Refusal)
    PAPER = EventKind(Printout)
    DIRECTIONS = EventKind(Directions)
    DUES = EventKind(Dues)
    # who comes for somebody else, who has no card
    FOR_OTHER = EventKind[None]()
    NO_CARD = EventKind[None]()
    TYPED_NUMBER = EventKind(str)
    TYPED_NAME = EventKind(str)
    WITNESS_NUMBER = EventKind(str)
    WITNESS_PIN = EventKind(str)
    WITNESSED = EventKind(Resident)
    VOUCHED = EventKind(Witness)
    """A staff member says whose face it is; its value is her number."""
    NOT_WITNESSED = EventKind(str)
    """Its value is the text key of the reason."""
    # drafts
    KEEP_ASK = EventKind[None]()
    KEEP_YES = EventKind[None]()
    KEEP_NO = EventKind[None]()
    FORGET = EventKind[None]()
    """What was kept goes now."""
    DRAFT_KEPT = EventKind(DraftKept)
    DRAFT_SOUGHT = EventKind(DraftSought)
    # slips
    TAKE_BACK = EventKind[None]()
    BACK_WISH = EventKind(Back)
    BACK_SURE = EventKind[None]()
    """She means it: asked twice."""
    TAKEN_BACK = EventKind(Line)
    LETTER_WANTED = EventKind[None]()
    LETTER = EventKind(Letter)
    SLIP_NUMBER = EventKind(str)
    SLIP_CODE = EventKind(str)
    """A slip is typed whose code cannot be read."""
    # what was missing is brought
    BRING = EventKind[None]()
    NOTICE = EventKind(Notice)
    BROUGHT = EventKind(Brought)
