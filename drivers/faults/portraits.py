"""What keeps a picture of somebody's face from being taken: nothing here says that anybody did something wrong."""

from __future__ import annotations

from drivers.faults.base import Action, Recovery, fault

POR_ABSENT = fault(
    "POR-001", "portrait_absent", "No face is seen before the camera.",
    "Sit or stand before it; if somebody is there, turn the camera to the height of a seated head.",
    Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
POR_SEVERAL = fault(
    "POR-002", "portrait_several", "More than one face is seen, so it is not certain whose is meant.",
    "Whoever helps stands beside the camera; a poster in its sight is taken down.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
POR_FAR = fault(
    "POR-003", "portrait_far", "The face is too small in the picture.",
    "Come closer; if the chair cannot, set the camera nearer.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
POR_DARK = fault(
    "POR-004", "portrait_dark", "There is too little light on the face.",
    "Put the lamp before the person, not behind; check the camera's exposure.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
POR_BLURRED = fault(
    "POR-005", "portrait_blurred", "The face is out of focus.",
    "If every picture is soft, wipe the lens and set the focus.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
POR_MOVED = fault(
    "POR-006", "portrait_moved", "The head was still moving when the time was over.",
    "Nothing to repair; a chair with a back helps.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
