"""A tactile keypad as the kernel reports it (evdev): its keys come here and to nobody else.

The node is grabbed, so that no key reaches the window system, its shortcuts or an input method. A key that is held
tells once; a key that is held without end is a fault of the keypad.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from drivers import faults, settings
from drivers.api import CompletionCode, DeviceError, DeviceState, DeviceStatus, Keypad, KeypadKey
from drivers.codec import keypad_wire
from drivers.codec.input_event import (
    EV_KEY,
    EV_SYN,
    PRESSED,
    RELEASED,
    SYN_DROPPED,
    EventParser,
    InputEvent,
    bit_is_set,
)
from drivers.codec.keypad_keys import CODE_OF_NAME, LAYOUTS, layout
from drivers.transport.event_node import KEYS_BYTES, EventNode

STUCK_S = 30.0
"""Nobody holds a key that long; a thing that lies on it does."""
BOUNCE_S = 0.03
"""A worn contact closes twice within this time; no finger does."""
MOST_WAITING = 16
"""Keys that nobody has taken; older ones are forgotten first."""


class EvdevKeypad:
    """See `drivers.api.Keypad`. Settings:

    - `port`: the path of the input node, best one that udev makes from the keypad's identity.
    - `usb`: `VID:PID` in hex; another keyboard at that node is refused.
    - `pad`: `arrows` (the number pad is a cross of arrows) or `numbers`.
    - `keys`: further keys, name of the key code -> meaning, such as `{ F3 = "help" }`.
    """

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, "port", "usb", "pad", "keys")
        self._node = EventNode(Path(settings.text(table, "port")))
        self._usb = _usb(table)
        self._meaning = layout(settings.one_of(table, "pad", *LAYOUTS), _changed(table))
        self._parser = EventParser()
        self._down_s: dict[int, float] = {}
        self._released_s: dict[int, float] = {}
        self._waiting: deque[KeypadKey] = deque(maxlen=MOST_WAITING)

    def open(self) -> None:
        """:raises DeviceError: DEV-001 no node, another device or one without these keys, KEY-001."""
        self._node.open()
        self._parser = EventParser()
        self._down_s.clear()
        self._released_s.clear()
        self._waiting.clear()
        try:
            with self._node.interrupt.command():
                self._prove()
                self._node.grab()
                self._resync()
        except DeviceError:
            self._node.close()
            raise

    def wait_key(self, timeout_s: float) -> KeypadKey | None:
        """See `drivers.api.Keypad`. :raises DeviceError: DEV-004, DEV-005."""
        deadline_s = time.monotonic() + timeout_s
        with self._node.interrupt.command():
            while not self._waiting:
                left_s = deadline_s - time.monotonic()
                if left_s <= 0:
                    return None
                self._take(self._node.read_available(left_s))
            return self._waiting.popleft()

    def status(self) -> DeviceStatus:
        """KEY-002 while a key is held without end."""
        with self._node.interrupt.idle() as free:
            if not free:
                return DeviceStatus(DeviceState.DEVICE_BUSY, faults=self._stuck())
            if not self._node.is_open:
                return DeviceStatus(DeviceState.NO_DEVICE, faults=frozenset({faults.DEV_LOST.code}))
            try:
                with self._node.interrupt.command():
                    self._node.check_alive()
                    self._take(self._node.read_available(0.0))
                    if self._stuck():
                        self._resync()  # the kernel knows better than a release that was lost
            except DeviceError as error:
                if error.completion is CompletionCode.CANCELED:
                    return DeviceStatus(DeviceState.DEVICE_BUSY)
                return DeviceStatus(DeviceState.NO_DEVICE, faults=frozenset({error.fault.code}))
            return DeviceStatus(DeviceState.ONLINE, faults=self._stuck())

    def cancel(self) -> None:
        self._node.interrupt.cancel()

    def reset(self) -> None:
        """Forget what was pressed and not taken. :raises DeviceError: DEV-004."""
        with self._node.interrupt.command():
            self._take(self._node.read_available(0.0))
            self._resync()
            self._waiting.clear()

    def close(self) -> None:
        """The keys reach the window system again."""
        self._node.close()

    def _prove(self) -> None:
        told = self._node.vendor_and_product() if self._usb else None
        if self._usb and told != self._usb:
            raise _absent("another device is at the node")
        codes = self._node.codes(EV_KEY, KEYS_BYTES)
        if codes is not None and not any(bit_is_set(codes, code) for code in self._meaning):
            raise _absent("no key of a keypad")

    def _take(self, data: bytes) -> None:
        if self._node.after_silence:
            self._parser.silence()
        for event in self._parser.feed(data):
            if event.type == EV_KEY:
                self._obey(event)
            elif (event.type, event.code) == (EV_SYN, SYN_DROPPED):
                self._resync()

    def _obey(self, event: InputEvent) -> None:
        if event.code not in self._meaning:
            return  # no key of this keypad: nobody waits for it, and it cannot be stuck
        now_s = time.monotonic()
        if event.value == RELEASED:
            if self._down_s.pop(event.code, None) is not None:
                self._released_s[event.code] = now_s
        elif event.value == PRESSED:
            # The kernel tells a key's press once; one that was thought to be held has lost its release.
            last_s = max(self._down_s.get(event.code, -BOUNCE_S), self._released_s.get(event.code, -BOUNCE_S))
            self._down_s[event.code] = now_s
            if now_s - last_s >= BOUNCE_S:
                self._waiting.append(self._meaning[event.code])

    def _resync(self) -> None:
        """Which keys are truly held; one that was pressed unseen tells nothing."""
        held = self._node.keys_down()
        if held is None:
            return
        now_s = time.monotonic()
        down = {code for code in self._meaning if bit_is_set(held, code)}
        self._down_s = {code: self._down_s.get(code, now_s) for code in down}

    def _stuck(self) -> frozenset[str]:
        before_s = time.monotonic() - STUCK_S
        stuck = any(since_s < before_s for since_s in tuple(self._down_s.values()))
        return frozenset({faults.KEY_STUCK.code} if stuck else ())


def _absent(detail: str) -> DeviceError:
    return DeviceError(faults.DEV_NOT_FOUND, detail, CompletionCode.DEVICE_NOT_READY)


def _usb(table: Mapping[str, object]) -> tuple[int, int] | None:
    if "usb" not in table:
        return None
    found = re.fullmatch(r"([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})", settings.text(table, "usb"))
    if found is None:
        raise settings.SettingsError("usb must be VID:PID in hex")
    return int(found[1], 16), int(found[2], 16)


def _changed(table: Mapping[str, object]) -> dict[str, KeypadKey]:
    found = table.get("keys", {})
    if not isinstance(found, Mapping):
        raise settings.SettingsError("keys must be a table")
    known = [key.value for key in KeypadKey]
    for name, meaning in found.items():
        if name not in CODE_OF_NAME:
            raise settings.SettingsError(f"keys: unknown key {name}; known: {', '.join(CODE_OF_NAME)}")
        if meaning not in known:
            raise settings.SettingsError(f"keys: {name} must be one of {', '.join(known)}")
    return {name: KeypadKey(meaning) for name, meaning in found.items()}


DEVICE_CLASS = "keypad"
DESCRIBE = keypad_wire.describe


def DRIVER(table: Mapping[str, object]) -> Keypad:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return EvdevKeypad(table)
