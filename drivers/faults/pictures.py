"""Faults of cameras, document scanners and of reading what they see."""

from __future__ import annotations

from drivers.faults.base import Action, Recovery, fault

PIC_NO_PAGE = fault(
    "PIC-001", "picture_no_page", "Nothing with four edges lies under the camera.",
    "Lay the page on the dark plate; if it lies there, set the camera's distance and the plate's contrast.",
    Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
PIC_BLURRED = fault(
    "PIC-002", "picture_blurred", "The strokes are too soft: out of focus, or a dirty lens.",
    "Lay it flat; if every page is soft, wipe the lens and set the focus.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
PIC_GLARE = fault(
    "PIC-003", "picture_glare", "A light mirrors in what lies there; what is under the mirror image is lost.",
    "Turn or tilt it a little; if it is always at one place, move that lamp or shade it.",
    Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
PIC_TOO_DARK = fault(
    "PIC-004", "picture_too_dark", "The picture is too dark to be read.",
    "Keep hands and heads out of the light; check the lamp and the camera's exposure.",
    Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
PIC_CUT_OFF = fault(
    "PIC-005", "picture_cut_off", "An edge of what lies there is outside the picture.",
    "Lay it in the middle; if it is too large, set the camera higher.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
PIC_MOVED = fault(
    "PIC-006", "picture_moved", "It was still moving when the time was over.",
    "Lay it down and take the hand away; check that the camera's arm is tight.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
FAC_ABSENT = fault(
    "FAC-001", "face_absent", "Nothing shaped like a card lies under the camera.",
    "Lay the card on the plate.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
FAC_OTHER_SIDE = fault(
    "FAC-002", "face_other_side", "The other side of the card is needed.",
    "Turn the card over.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
FAC_UNREADABLE = fault(
    "FAC-003", "face_unreadable", "The picture is good, but the fields of a card were not all found in it.",
    "Wipe the card; a worn card or another document cannot be read here.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
FAC_NUMBER_WRONG = fault(
    "FAC-004", "face_number_wrong", "The number read fails its check digit, region or birth date, or changes.",
    "Lay the card again; never type a number in for it.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
FAC_ENGINE = fault(
    "FAC-005", "face_engine_missing", "The engine that reads printed characters cannot be loaded.",
    "Install the packages rapidocr and onnxruntime of constraints.txt again.",
    Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
