"""The words of a visit: its steps, what lies over them, how it ends, events and effects."""

from __future__ import annotations

from enum import StrEnum, auto


class Step(StrEnum):
    WELCOME = auto()
    CHOOSE = auto()
    BROWSE = auto()
    GUIDE = auto()
    IDENTIFY = auto()
    CONFIRM_WHO = auto()
    TAKE_CARD = auto()
    PREPARE = auto()
    CONSENT = auto()
    """Whether registers may be asked that only her own word opens."""
    ASK = auto()
    CHANGE = auto()
    """Which answer is to be changed."""
    REVIEW = auto()
    COMMIT = auto()
    # pictures of papers, commitments, signatures
    CAPTURE = auto()
    SIGN = auto()
    SUBMIT = auto()
    RESULT = auto()
    PRINT = auto()
    RATE = auto()
    WIPE = auto()
    # bills and payments, appointments
    BILL = auto()
    PAY_PICK = auto()
    PAY_WAY = auto()
    PAY_CODE = auto()
    PAY_ACCOUNT = auto()
    PAY_SIGN = auto()
    """The paper for deductions is signed."""
    PAYING = auto()
    BOOK_DAY = auto()
    BOOK_TIME = auto()
    BOOK_SURE = auto()
    BOOKING = auto()
    APPOINTMENT = auto()
    """The slip of an appointment was shown."""
    CANCEL_SURE = auto()
    QUEUE = auto()
    COUNTER = auto()
    """The office is asked for a number, a check-in or a cancellation."""
    # what is looked up, printed and due
    LOOK_UP = auto()
    FOUND = auto()
    PAPER = auto()
    DUE = auto()
    # who comes for somebody else, who has no card
    DEPUTY = auto()
    """What is asked of a helper, and of the resident whom she helps."""
    NO_CARD = auto()
    WITNESS = auto()
    """A staff member says that a typed number is hers."""
    # drafts
    DRAFT_SLIP = auto()
    """What was said is being kept; then its slip."""
    DRAFT_OFFER = auto()
    """Whether she goes on where she was."""
    # what was missing is brought
    BRING = auto()
    BRING_SEND = auto()
    BRING_DONE = auto()


class Overlay(StrEnum):
    """What lies over a step; the step below keeps its data."""

    NONE = auto()
    HELP = auto()
    CALLED = auto()
    CANNOT = auto()
    ACCESS = auto()
    LEAVE = auto()
    PROGRESS = auto()
    """How the case on a slip stands."""
    IDLE = auto()
    # ear
    LISTEN = auto()
    """A headphone has come: whether she wants to hear only."""
    UNPLUGGED = auto()
    """The headphone is gone: whether the loudspeaker may go on."""
    # the life of a site
    ATTRACT = auto()
    """Nobody is here: what is seen from the door. Only over the first screen."""
    # the communication aid, what could not be done
    AID = auto()
    AID_SHOW = auto()
    """One card in the largest letters, for somebody else to read."""
    TYPING = auto()
    REGISTERED = auto()
    """What could not be done has a number."""
    # drafts
    KEEP = auto()
    """Whether what was said may be kept until tomorrow."""
    # slips
    TAKE_BACK = auto()
    """Whether the holder of a slip takes back a promise or the request."""
    LETTER = auto()
    """The letter that says how a case stands, on its way to paper."""


OVER_ALL = frozenset((Overlay.HELP, Overlay.ACCESS, Overlay.IDLE))
"""What may lie over another overlay, which comes back when this one is closed."""


class Outcome(StrEnum):
    """How a visit ended: a closed list."""

    FINISHED = auto()
    REFUSED = auto()
    SAVED = auto()
    CANCELLED = auto()
    TIMED_OUT = auto()
    FAILED = auto()


class Do(StrEnum):
    """Effects; each is performed by one service in `kiosk/app`."""

    BEGIN_VISIT = auto()
    WATCH_CARD = auto()
    WATCH_REMOVAL = auto()
    WATCH_FACE = auto()
    STOP_CARD = auto()
    MIND_CARD = auto()
    """The visit is over: what lies on a reader now is forgotten there."""
    REPORT_CARD = auto()
    """Tell the clerk of a card that nobody came back for."""
    SAY_AGAIN = auto()
    ECHO = auto()
    """Say the key that was typed."""
    PREPARE = auto()
    STORE = auto()
    AWAIT_DECISION = auto()
    PRINT_SLIP = auto()
    STORE_RATING = auto()
    STORE_CALL = auto()
    ASK_PROGRESS = auto()
    # pictures of papers, commitments, signatures
    KEEP_PAGE = auto()
    DROP_PAGE = auto()
    KEEP_SIGNATURE = auto()
    ASK_NEAREST = auto()
    """Where else what is hindered here can be done."""
    WIPE = auto()
    # bills and payments, appointments
    FIND_BILL = auto()
    PAY = auto()
    ASK_PAYMENT = auto()
    FIND_AUTHORITY = auto()
    GIVE_AUTHORITY = auto()
    END_AUTHORITY = auto()
    FIND_SLOTS = auto()
    BOOK = auto()
    CHECK_IN = auto()
    CANCEL_APPOINTMENT = auto()
    TAKE_TICKET = auto()
    # the communication aid, what could not be done, typing
    SUGGEST = auto()
    STORE_COMPLAINT = auto()
    PRINT_HELP = auto()
    # what is looked up, printed and due
    PROBE_OFFICE = auto()
    """Before the card: whether what needs the network can be done now."""
    LOOK_UP = auto()
    MAKE_PAPER = auto()
    STOP_PAPER = auto()
    """Nothing more of the certificate may come out; what came out is told."""
    NOT_OUT = auto()
    """She says that it did not come out, whatever the printer proved."""
    DROP_PAPER = auto()
    """The certificate's bytes go with the visit."""
    ASK_WAY = auto()
    STORE_GUIDANCE = auto()
    ASK_DUES = auto()
    # who comes for somebody else, who has no card
    CHECK_WITNESS = auto()
    # drafts
    KEEP_DRAFT = auto()
    DROP_DRAFT = auto()
    FIND_DRAFT = auto()
    # slips
    TAKE_BACK = auto()
    MAKE_LETTER = auto()
    # what was missing is brought
    ASK_NOTICE = auto()
    BRING = auto()
