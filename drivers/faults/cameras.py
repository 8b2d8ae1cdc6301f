"""Faults of cameras: the picture is there and shows nothing, or the process that sees has ended.

A camera that is missing, silent, garbled or lost is a device like any other: DEV-001 to DEV-004.
"""

from __future__ import annotations

from drivers.faults.base import Action, Recovery, fault

CAM_FROZEN = fault(
    "CAM-001", "camera_frozen", "The camera sends the same picture again and again.",
    "Re-plug the camera; update its firmware if it happens again.", Action.RESET, Recovery.RECONNECT,
)  # fmt: skip
CAM_COVERED = fault(
    "CAM-002", "camera_covered", "The camera's picture is black.",
    "Look for a cap, a hand or paper before the lens; check the lamp and the exposure.",
    Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CAM_WASHED_OUT = fault(
    "CAM-003", "camera_washed_out", "The camera's picture is white all over.",
    "Keep sun and lamps out of the lens; check the exposure.", Action.MAINTENANCE, Recovery.ASK_RESIDENT,
)  # fmt: skip
CAM_SIZE = fault(
    "CAM-004", "camera_wrong_size", "The camera's picture has another size than devices.toml asks for.",
    "Set `width` and `height` of devices.toml to a size that the camera has, then set its box again.",
    Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
CAM_WORKER = fault(
    "CAM-005", "camera_worker_ended", "The process that reads the camera ended or hung and is started again.",
    "Nothing to do once; if it repeats, send the support bundle.", Action.SOFTWARE_ERROR, Recovery.RETRY_ONCE,
)  # fmt: skip
