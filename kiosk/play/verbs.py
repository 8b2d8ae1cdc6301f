"""The verbs of a journey: what each may hold. `tests/journeys/README.md` explains them; a test compares."""

from __future__ import annotations

from kiosk.play.schema import Param, Shape

EXTRAS = ("chip_card", "document_printer", "lights", "id_face", "document_scanner", "portrait", "keypad", "ups")
"""Devices that a journey's stage may name (`kiosk.play.run_folder.EXTRA_DEVICES`)."""
DEVICES = ("id_card", "receipt_printer", "code_scanner", "headphone", *EXTRAS)
KEYPAD = ("up", "down", "left", "right", "enter", "back", "plus", "minus", "help")
NOT_YET = {
    "clerk": ("answer_call", "decide_case", "return_card", "resume_case", "send_message"),
}
"""What a journey may ask one day and the product cannot do now: named so that it is a clear error."""

ON_SCREEN = ("open_menu", "unlock", "print_test_slip", "vouch")
"""What staff do with a finger on the kiosk's own screen."""
_TECHNICIAN = ("load_paper", "open_cover", "close_cover", "free_cutter", "unplug", "replug")
_DEVICE = Param("str", required=True, choices=DEVICES)

_STRING = Param("str")
_PLACE = Param("str", choices=("id_card", "chip_card", "id_face"))
_FLAG = Param("bool")
_SECONDS = Param("float", low=0, high=3600)
_COUNT = Param("int", low=1, high=10_000)
_MM = Param("float", low=0, high=5000)
_BYTES = Param("int", low=0, high=10_000_000)

AT = Shape({"screen": _STRING, "event": _STRING, "after_s": _SECONDS}, one_of=("screen", "event", "after_s"))
"""When an outside verb happens, if not now."""

VERBS: dict[str, Shape] = {
    "touch": Shape(
        {
            "target": _STRING,
            "key": _STRING,
            "text": _STRING,
            "more": _FLAG,
            "x_mm": _MM,
            "y_mm": _MM,
            "jitter_mm": Param("float", low=0, high=50),
            "hold_s": Param("float", low=0, high=30),
            "slide_mm": Param("pair"),
            "fingers": Param("int", low=1, high=5),
            "times": Param("int", low=1, high=20),
            "every_ms": Param("int", low=20, high=5000),
            "button": Param("str", choices=("left", "middle", "right")),
        },
        short="target",
    ),
    "press": Shape(
        {"key": Param("str", required=True, choices=KEYPAD), "times": Param("int", low=1, high=50), "hold_s": _SECONDS},
        short="key",
    ),
    "hear": Shape(
        {"key": Param("str", required=True), "by": Param("str", choices=("left", "right")), "enter": _FLAG}, short="key"
    ),
    "write": Shape(
        {"digits": Param("str", required=True), "pad": Param("str", choices=("digit", "letters"))}, short="digits"
    ),
    "keys": Shape(
        {"chords": Param("words", required=True), "times": Param("int", low=1, high=50), "hold_s": _SECONDS},
        short="chords",
    ),
    "close_window": Shape({"on": Param("bool", required=True)}, short="on"),
    "card": Shape(
        {
            "resident": _STRING,
            "fields": Param("table"),
            "block_hex": _STRING,
            "wrong_way": _FLAG,
            "place": _PLACE,
        },
        short="resident",
        one_of=("resident", "fields", "block_hex"),
    ),
    "lift": Shape({"on": Param("bool", required=True), "place": _PLACE}, short="on"),
    "code": Shape(
        {
            "text": _STRING,
            "last_slip": _FLAG,
            "guessed": _FLAG,
            "symbology": _STRING,
            "encoding": _STRING,
            "until": _STRING,
        },
        short="text",
        one_of=("text", "last_slip"),
    ),
    "headphone": Shape({"plug": Param("str", required=True, choices=("in", "out"))}, short="plug"),
    "technician": Shape(
        {
            "do": Param(
                "str",
                required=True,
                choices=(
                    "load_paper",
                    "open_cover",
                    "close_cover",
                    "free_cutter",
                    "unplug",
                    "replug",
                    *ON_SCREEN,
                ),
            ),
            "device": Param("str", choices=DEVICES),
            "wrong": _FLAG,
        },
        short="do",
    ),
    "clerk": Shape({"do": Param("str", required=True, choices=("take_slip", *NOT_YET["clerk"]))}, short="do"),
    "paper": Shape(
        {"state": Param("str", choices=("ok", "low", "out")), "out_after_rows": _COUNT, "out_after_bytes": _COUNT},
        short="state",
        one_of=("state", "out_after_rows", "out_after_bytes"),
    ),
    "fault": Shape({"device": _DEVICE, "name": Param("str", required=True)}, free=True),
    "clear_fault": Shape({"device": _DEVICE}, short="device"),
    "twin": Shape({"device": _DEVICE, "op": Param("str", required=True)}, free=True),
    "network": Shape(
        {
            "state": Param("str", choices=("cut", "silent", "restore")),
            "cut_at_byte": _BYTES,
            "drop_reply_at_byte": _BYTES,
            "delay_s": _SECONDS,
            "method": _STRING,
            "path": _STRING,
            "then": Param("str", choices=("down", "up")),
        },
        short="state",
        one_of=("state", "cut_at_byte", "drop_reply_at_byte", "delay_s"),
    ),
    "lookup_fault": Shape(
        {
            "lookup": Param("str", required=True),
            "mode": Param("str", required=True, choices=("timeout", "error", "garbage", "none")),
            "count": Param("int", low=0, high=10_000),
        }
    ),
    "payment_fault": Shape(
        {
            "kind": Param("str", required=True, choices=("timeout_before", "timeout_after", "refuse", "late", "none")),
            "count": Param("int", low=1, high=1000),
        },
        short="kind",
    ),
    "notice": Shape(
        {
            "points": Param("rows", required=True),
            "until": Param("str", required=True),
            "helper": Param("str", required=True),
        }
    ),
    "backoffice": Shape({"state": Param("str", required=True, choices=("down", "up"))}, short="state"),
    "kiosk": Shape({"do": Param("str", required=True, choices=("kill", "stop", "start", "restart"))}, short="do"),
    "power": Shape({"do": Param("str", required=True, choices=("cut",)), "off_s": _SECONDS}, short="do"),
    "clock": Shape(
        {
            "advance_s": Param("float", low=0, high=1e7),
            "everywhere_s": Param("float", low=0, high=1e7),
            "skew_s": Param("float", low=-1e9, high=1e9),
        },
        one_of=("advance_s", "everywhere_s", "skew_s"),
    ),
}

OUTSIDE = frozenset(VERBS) - {"touch", "press", "hear", "write", "keys", "close_window"}
"""Verbs of the world around the resident: these may be deferred with `at`."""

_WITHIN = Param("float", low=0, high=300)

EXPECT_STEP = Shape(
    {
        "screen": _STRING,
        "step": _STRING,
        "overlay": _STRING,
        "lang": _STRING,
        "text": Param("words"),
        "contains": Param("words"),
        "key": Param("words"),
        "not_text": Param("words"),
        "not_contains": Param("words"),
        "not_key": Param("words"),
        "likely": _STRING,
        "disabled": _STRING,
        "spoken": Param("rows"),
        "not_spoken": Param("rows"),
        "spoken_lang": _STRING,
        "events": Param("rows"),
        "not_events": Param("words"),
        "outcome": _STRING,
        "faults": Param("words"),
        "pages": Param("int", low=0),
        "sheets": Param("int", low=0),
        "stored": Param("int", low=0),
        "delivered": Param("int", low=0),
        "ink_mm": Param("float", low=1, high=60),
        "contrast": Param("float", low=1, high=21),
        "reach_mm": Param("pair"),
        "unchanged_s": Param("float", low=0, high=60),
        "within_s": _WITHIN,
    }
)
"""What must hold after a step."""

EXPECT_END = Shape(
    {
        "outcome": _STRING,
        "outcomes": Param("words"),
        "screens": Param("words"),
        "screen_s": Param("table"),
        "spoken": Param("rows"),
        "not_spoken": Param("rows"),
        "spoken_lang": _STRING,
        "routes": Param("words"),
        "stored": Param("int", low=0),
        "delivered": Param("int", low=0),
        "duplicates": Param("int", low=0),
        "same_number": _FLAG,
        "cases": Param("rows"),
        "in_order": _FLAG,
        "audit": _FLAG,
        "audited": Param("table"),
        "pages": Param("int", low=0),
        "sheets": Param("int", low=0),
        "sheet_pages": Param("int", low=0),
        "charges": Param("int", low=0),
        "incomplete_pages": Param("int", low=0),
        "proved": _FLAG,
        "slip_number": _FLAG,
        "slip_ocr": Param("words"),
        "slip_not_ocr": Param("words"),
        "faults": Param("words"),
        "only_faults": Param("words"),
        "no_faults": _FLAG,
        "max_touches": Param("int", low=0),
        "clause_han": Param("int", low=1, high=100),
        "never_shown": Param("words"),
        "masked": _FLAG,
        "ear_only": _FLAG,
        "clean_exit": _FLAG,
        "wiped": _FLAG,
        "within_s": _WITHIN,
    }
)
"""What must hold when all steps are played."""

OUTCOMES = ("finished", "refused", "saved", "cancelled", "timed_out", "failed")
"""The closed list."""
