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


class Ev(StrEnum):
    # the resident
    START = auto()
    LANGUAGE = auto()
    CHOSEN = auto()
    BROWSE = auto()
    CATEGORY = auto()
    PAGE = auto()
    YES = auto()
    NO = auto()
    ANSWER = auto()
    SEND = auto()
    AGREE = auto()
    DECLINE = auto()
    PRINT = auto()
    TAKEN = auto()
    NOT_OUT = auto()
    WITHOUT_PAPER = auto()
    RATED = auto()
    SKIP = auto()
    BACK = auto()
    LEAVE = auto()
    LEAVE_SURE = auto()
    HELP = auto()
    CALL = auto()
    CANNOT = auto()
    ACCESS = auto()
    SETTING = auto()
    CLOSE = auto()
    READ_FACE = auto()
    """The printed card is to be read by eye."""
    STAFF = auto()
    """For technician mode (`kiosk.domain.technician.state.StaffEvent`); a visit does nothing with it."""
    # pictures of papers, commitments, signatures
    TAKE_AGAIN = auto()
    LAID = auto()
    KEEP = auto()
    ONE_MORE = auto()
    ENOUGH = auto()
    REMOVE = auto()
    LACKING = auto()
    LATER = auto()
    """Go on without it: it is brought another time, or a person looks at it."""
    NEXT_POINT = auto()
    INK = auto()
    CLEAR_INK = auto()
    SIGN_BY_KEY = auto()
    # typed questions
    KEY = auto()
    LOOK = auto()
    """As TYPE_LOOK, for a number that a question asks for."""
    ERASE = auto()
    CLEAR = auto()
    ENTER = auto()
    PICK_PART = auto()
    """A part of an answer, e.g. the year of a day."""
    PART = auto()
    """Another way to give the answer."""
    TURN = auto()
    """A page of a long list."""
    DROP = auto()
    """One of several is taken away."""
    CHANGE = auto()
    """From the review: which answer, or to the list of them."""
    COUNTER = auto()
    """What cannot be typed here is said at the counter."""
    # the devices
    CODE_SHOWN = auto()
    CARD_SEEN = auto()
    CARD_READ = auto()
    CARD_FAILED = auto()
    CARD_REMOVED = auto()
    CARD_LEFT = auto()
    """A card of a visit that is over still lies there."""
    WITHDRAWN = auto()
    """Something that was promised at the beginning broke."""
    PRINTED = auto()
    CAPTURE_HINT = auto()
    CAPTURED = auto()
    CAPTURE_FAILED = auto()
    # the services
    PAGE_KEPT = auto()
    PREPARED = auto()
    STORED = auto()
    STORE_FAILED = auto()
    DECIDED = auto()
    UNSENT = auto()
    CALL_ANSWERED = auto()
    PROGRESS = auto()
    IDLE_WARN = auto()
    IDLE_END = auto()
    WIPED = auto()
    # ear
    AGAIN = auto()
    """The screen's words once more."""
    EAR_ON = auto()
    """Have the choices named, from the first."""
    EAR_OFF = auto()
    EAR_NEXT = auto()
    """On to the next choice; its value is how many the screen has."""
    PANEL = auto()
    """A page of the settings."""
    HEADPHONE = auto()
    """True: it is in."""
    # the life of a site
    ATTRACT = auto()
    NEAREST = auto()
    # bills and payments, appointments
    BILL_FOUND = auto()
    FAMILY = auto()
    PICK = auto()
    ONE_LINE = auto()
    PAY = auto()
    WAY = auto()
    OTHER_WAY = auto()
    PAYMENT = auto()
    AUTHORITY = auto()
    END_AUTHORITY = auto()
    """What was signed for deductions is to hold no longer."""
    SIGN_PAPER = auto()
    MONEY_STOPPED = auto()
    """A bill, a payment, a place or a number cannot be had now; the reason goes along."""
    MONEY_AGAIN = auto()
    MONEY_DONE = auto()
    """Nothing is owed, or nothing more can be done here."""
    SLOTS = auto()
    DAY = auto()
    TIME = auto()
    BOOKED = auto()
    BOOK_UNSURE = auto()
    CHECK_IN = auto()
    CHANGE_SLOT = auto()
    GIVE_BACK = auto()
    QUEUE = auto()
    LANE = auto()
    TICKET = auto()
    # the communication aid, what could not be done, typing, ratings
    AID = auto()
    AID_PAGE = auto()
    AID_CARD = auto()
    AID_HOLD = auto()
    AID_TEXT = auto()
    AID_NUMBER = auto()
    AID_SAY = auto()
    TYPE = auto()
    TYPE_KEY = auto()
    TYPE_ERASE = auto()
    TYPE_TAKE = auto()
    TYPE_PAGE = auto()
    TYPE_WAY = auto()
    TYPE_LOOK = auto()
    """She wants to see, or to cover again, the number that is masked while it is typed."""
    DRAWN = auto()
    SUGGESTED = auto()
    REGISTER = auto()
    REGISTERED = auto()
    PRINT_HELP = auto()
    """The call, or what could not be done, on paper."""
    HELP_PRINTED = auto()
    LABEL = auto()
    RATING_DONE = auto()
    # what is looked up, printed and due
    READ_TO_ME = auto()
    TRY_AGAIN = auto()
    MAKE_PAPER = auto()
    REST_LATER = auto()
    """The rest of a certificate another day, or at another terminal."""
    SHOW_WAY = auto()
    UNDERSTOOD = auto()
    OFFICE_SILENT = auto()
    ANSWERED = auto()
    NOT_ANSWERED = auto()
    PAPER = auto()
    DIRECTIONS = auto()
    DUES = auto()
    # who comes for somebody else, who has no card
    FOR_OTHER = auto()
    NO_CARD = auto()
    TYPED_NUMBER = auto()
    TYPED_NAME = auto()
    WITNESS_NUMBER = auto()
    WITNESS_PIN = auto()
    WITNESSED = auto()
    VOUCHED = auto()
    """A staff member says whose face it is; its value is her number."""
    NOT_WITNESSED = auto()
    """Its value is the text key of the reason."""
    # drafts
    KEEP_ASK = auto()
    KEEP_YES = auto()
    KEEP_NO = auto()
    FORGET = auto()
    """What was kept goes now."""
    DRAFT_KEPT = auto()
    DRAFT_SOUGHT = auto()
    # slips
    TAKE_BACK = auto()
    BACK_WISH = auto()
    BACK_SURE = auto()
    """She means it: asked twice."""
    TAKEN_BACK = auto()
    LETTER_WANTED = auto()
    LETTER = auto()
    SLIP_NUMBER = auto()
    SLIP_CODE = auto()
    """A slip is typed whose code cannot be read."""
    # what was missing is brought
    BRING = auto()
    NOTICE = auto()
    BROUGHT = auto()


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
