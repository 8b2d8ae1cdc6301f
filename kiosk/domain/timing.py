"""Every wait of the kiosk: its name, its length and the reason. Nothing waits without a row here."""

IDLE_WARN_S = 120.0
"""Since the last touch, key, card movement or end of speech (VVSG asks 2 to 5 minutes)."""
IDLE_END_S = 45.0
"""The spoken warning with a count (VVSG 20 to 45 s)."""
ATTRACT_S = 120.0
"""On the first screen with nobody there; then what is seen from the door stands on it."""
REFIRE_S = 0.5
"""After a press fires none is taken: a trembling finger presses twice within 300 ms."""
DECISION_WAIT_S = 12.0
"""A decision with five look-ups of 2 s at the worst; after it the case goes on as saved."""
PREPARE_WAIT_S = 6.0
"""Look-ups that only save the resident typing must not hold her longer; after it she is asked."""
DUES_WAIT_S = 4.0
"""What somebody is due is news, not her errand: after it the choice comes without."""
CARD_POLL_S = 0.3
"""Vendor note: query interval above 300 ms."""
CARD_AGAIN_S = 4.0
"""A card that was read badly and still lies there is tried again: she may have laid it anew between two looks."""
CARD_NEWS_S = 15.0
"""Why the last card was not read stays so long, unless a card comes; then the screen asks for one again."""
CARD_READ_S = 8.0
"""find, select, read with one silent retry."""
PRINTER_POLL_S = 2.0
"""Real-time status while idle."""
DEVICE_POLL_S = 10.0
"""How a device is that nobody waits for: what it promises to the next visit is at most so old."""
OUTBOX_BACKOFF_S = (2.0, 5.0, 15.0, 60.0, 300.0)
"""Per item; the last one repeats."""
DECISION_POLL_S = (0.3, 0.7, 1.5, 3.0, 10.0, 60.0)
"""Between two questions for a decision that is not there yet; the last one repeats while the visit lasts."""
OUTBOX_WAKE_S = 30.0
"""The outbox looks by itself at least so often."""
SITE_RENEW_S = 900.0
"""Hours of the window change with holidays; the terminal reckons the minutes itself."""
SITE_RETRY_S = 60.0
NEAREST_KEPT_S = 1800.0
"""Without an answer the last word on who is nearest counts so long: sites open, close and break down."""
SITE_TICK_S = 20.0
"""Whether somebody sits at the window, and whether it is night, is looked at so often."""
HEARTBEAT_S = 60.0
"""What works here is told at least so often; the other side takes three missed ones for a dead terminal."""
REQUEST_TIMEOUT_S = 8.0
"""One HTTP request, connect and read."""
WIPE_S = 2.0
"""Everything of the visit is gone by then."""
VOICE_RESTART_S = (1.0, 2.0, 5.0, 10.0)
"""The speech process is started again after it died; one that dies before it has said anything waits longer, and the
last one repeats."""
VOICE_SILENT_S = 30.0
"""No report for so long while something is to be said: the process hangs (the longest clause takes 12 s)."""
RECONNECT_S = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Back-off when a device is lost."""
CANCEL_AGAIN_S = 0.02
"""A cancel that fell between two calls of a command is given again; the command has 100 ms to end."""
FORGOTTEN_S = (5.0, 10.0, 15.0, 40.0, 60.0)
"""Between two reminders that a card still lies there: 5, 15, 30 s after the first, then rarer; the last one repeats."""
FORGOTTEN_CALL_S = 90.0
"""Nobody has come back for the card: the clerk is told, who may still catch her at the door."""
PAPER_LEFT_S = 1800.0
"""A slip that nobody said she took: who comes within half an hour is told that it may lie there."""
FACE_LOOK_S = 0.5
"""Between two looks whether a card still lies under the camera."""
FACE_READ_S = 20.0
"""Reading a printed card: lay it down, hold still, two good pictures."""
EAR_PAUSE_S = 2.5
"""Between two choices that are named: time to decide and to press one key (a slow hand needs 2 s)."""
EAR_UNASKED_S = 8.0
"""Nothing was touched for so long since the last word: the choices are named unasked, for whoever cannot read them."""
EAR_HELP_S = 20.0
"""The same where nothing is to be named, e.g. where one writes: the help of the step is said."""
EAR_SILENT_S = 4.0
"""The same where nothing is said and the choices are only lit: they must be read."""
EAR_SLOW = 2.0
"""Slow mode: so many times longer."""
IDLE_WARN_SLOW_S = 300.0
"""Slow mode: nobody is asked whether she is still there before that (VVSG asks 2 to 5 minutes)."""
UNHURRIED_S = 14_400.0
"""Staff have switched the question off: a switch that was forgotten is back after half a working day."""
PAY_POLL_S = 3.0
"""Between two questions how a payment stands that nobody knows yet, while she stands there."""
PAY_WATCH_S = 30.0
"""The outbox asks for a payment itself no sooner: until then the visit does."""
DRAFT_FIRST_SWEEP_S = 60.0
"""After a start: by then the calendar clock is set."""
DRAFT_SWEEP_S = 300.0
"""How often it is looked whether a draft's day is over."""
CALL_WAIT_S = 6.0
"""The office's receipt of a call or a complaint; after it the slip and the queue must do."""
CALL_POLL_S = 3.0
"""Between two questions whether somebody has accepted a call."""
CALL_LATE_S = 10.0
"""After the time by which somebody must have accepted: where the office says nothing any more, that is told."""
CALL_WATCH_S = 1800.0
"""Nobody asks any longer than this what became of a call."""
FAREWELL_S = 3.0
"""The farewell stays so long at least, or until it is spoken: one sentence to read."""
FAREWELL_MOST_S = 12.0
"""Then the first screen comes even if the speech process hangs."""
CATALOGUE_RETRY_S = 10.0
"""Until the first release has arrived there is nothing to offer."""
CATALOGUE_RENEW_S = 900.0
"""A release changes a few times a year; a quarter of an hour is soon enough."""
CATALOGUE_FIRST_S = 8.0
"""The first start waits so long for something to offer before the first screen comes."""
STAFF_REFIRE_S = 0.12
"""A technician types a number on the screen: four keys a second, and still no key twice from one press."""
VENDOR_LOGIN_IDLE_S = 60.0
"""Somebody asked for technician mode and does not come in: the residents have the screen back."""
VENDOR_IDLE_S = 300.0
"""A technician has both hands in the printer for minutes; longer, and the terminal goes back to service."""
TOUCH_CONFIRM_S = 20.0
"""A touch correction that is wrong cannot be confirmed by touch: then the former one counts again."""
CAMERA_PICTURE_S = 0.25
"""Between two pictures that a technician sees: quick enough to lay a card right, and little work for a small board."""
LOOK_AGAIN_S = 1.0
"""A device that is there but cannot see (a covered lens) is looked at again at this pace, not in a busy loop."""
FACE_TRY_S = 12.0
"""One picture of a face: three of them and the hands between stay below a minute."""
CAPTURE_S = 30.0
"""One try to take a picture of a paper: unfold it, lay it down, take the hands away, hold still."""
INPUT_RESTART_S = (0.5, 2.0, 5.0, 30.0)
"""The input process is started again after it died; one that dies before it has answered anything waits longer, and the
last one repeats."""
INPUT_SILENT_S = 6.0
"""No answer for so long: the process hangs. Its first answer waits for its dictionary, two seconds on a small board."""
READER_RESTART_S = (0.5, 5.0, 60.0)
"""The process that tells screen readers is started again after it died, later each time when it has told nothing."""
READER_SILENT_S = 15.0
"""No answer to a tree for so long, or none that it is ready: it hangs. A small board takes seconds to start it."""
