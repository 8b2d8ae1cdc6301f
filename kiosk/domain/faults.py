"""The faults that are no device's: one row each for the technician's manual, beside `drivers/faults.py`.

`code` is what the log and the observer show.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.outbox import BAD_ANSWER, NO_ANSWER


@dataclass(frozen=True, slots=True)
class HouseFault:
    """What happened, what a technician does, and what the kiosk does by itself meanwhile."""

    code: str
    cause: str
    remedy: str
    by_itself: str


OTHER_SIZE = "screen.other_size"
SETTINGS_WRONG = "settings.wrong"
PINYIN_MISSING, HAND_MISSING = "typing.pinyin_missing", "typing.hand_missing"
MINNAN_MISSING, MANDARIN_MISSING = "voice.minnan_missing", "voice.mandarin_missing"
FONTS_MISSING = "fonts.missing"
_INSTALL = "Install what the log names: `sh config/deploy/setup.sh` installs all of it; then restart the terminal."
_STAYS_SHUT = "It shows that it is closed, leaves the store untouched, and starts by itself when this is mended."
_KEEPS_NOTHING = "It begins no visit until the store works again; nothing is half stored."

HOUSE_FAULTS: dict[str, HouseFault] = {
    row.code: row
    for row in (
        HouseFault(
            "store.full", "The disk that holds the store is full.",
            "Free disk space; then watch the store deliver what waits.", _KEEPS_NOTHING,
        ),
        HouseFault(
            "store.io", "The disk could not be written or read.",
            "Check the disk's health and its mount; replace it when errors repeat.", _KEEPS_NOTHING,
        ),
        HouseFault(
            "store.in_use", "Another process holds the store.",
            "Find the second kiosk process and end it; one store belongs to one process.", _STAYS_SHUT,
        ),
        HouseFault(
            "store.wrong_key", "The key file is not the one that this store was made with.",
            "Put the terminal's own `store.key` back from the safe copy.", _STAYS_SHUT,
        ),
        HouseFault(
            "store.key_missing", "There is a store but no readable key file.",
            "Put the terminal's own `store.key` back from the safe copy; never make a new one beside an old store.",
            _STAYS_SHUT,
        ),
        HouseFault(
            "store.key_exposed", "Others than the kiosk's user may read the key file.",
            "`chmod 600 store.key`, and ask who could have read it.", _STAYS_SHUT,
        ),
        HouseFault(
            "store.key_damaged", "The key file does not hold 64 hex digits.",
            "Put the terminal's own `store.key` back from the safe copy.", _STAYS_SHUT,
        ),
        HouseFault(
            "device.key_missing", "This terminal has no key file that it can read; it may never have been enrolled.",
            "Ask an operator for a code and run `kiosk enrol CODE`; `device.key` belongs to the kiosk's user.",
            _STAYS_SHUT,
        ),
        HouseFault(
            "device.key_exposed", "Others than the kiosk's user may read the key file of this terminal.",
            "`chmod 600 device.key`; if a stranger could have read it, ask an operator to suspend the terminal.",
            _STAYS_SHUT,
        ),
        HouseFault(
            "device.key_damaged", "The key file of this terminal does not hold 64 hex digits.",
            "Ask an operator for a code and run `kiosk enrol CODE`: it writes a new key.", _STAYS_SHUT,
        ),
        HouseFault(
            SETTINGS_WRONG, "A settings file cannot be used; the log names file, line and key.",
            "Mend that line in `terminal.toml` or `devices.toml`, or put the former file back.",
            "It goes on with the settings of the last start that worked; without them it shows that it is closed.",
        ),
        HouseFault(
            "store.unreadable", "The store cannot be read: wrong key or damaged file, it cannot be told which.",
            "Compare `store.key` with the safe copy first; then keep the file and have it examined.", _STAYS_SHUT,
        ),
        HouseFault(
            "store.too_new", "A newer version of this program wrote the store.",
            "Install the newer version again.", _STAYS_SHUT,
        ),
        HouseFault(
            "store.replaced", "The store was damaged and has been set aside.",
            "Keep the file that was set aside; compare the number of saved items in the log with the slips.",
            "It takes over every item that is still readable and goes on with a new store.",
        ),
        HouseFault(
            "store.serials_used_up", "All 99999 case numbers of a day are used.",
            "Look for a program that starts visits without end.", "It begins no visit until the next day.",
        ),
        HouseFault(
            "store.duplicate_key", "A case was to be stored a second time under the same number.",
            "Report it with the log; the first one is stored and is delivered.", "It keeps the first one.",
        ),
        HouseFault(
            "store.unknown_key", "Something was to be changed that is not in the store.",
            "Report it with the log.", "It changes nothing.",
        ),
        HouseFault(
            "store.not_delivered", "Personal data was to be deleted before its case was delivered.",
            "Report it with the log.", "It keeps the data until the back office has confirmed the case.",
        ),
        HouseFault(
            "store.failed", "The store reported an error of no known kind.",
            "Restart the terminal; report it with the log when it repeats.", _KEEPS_NOTHING,
        ),
        HouseFault(
            "calibration.damaged", "The file of calibration values in the state folder cannot be used.",
            "Calibrate again in technician mode; the file that was set aside is `calibration.damaged`.",
            "It sets the file aside and goes on with the factory's values.",
        ),
        HouseFault(
            OTHER_SIZE, "The panel has another size in pixels than `terminal.toml` says.",
            "Set `[screen] width_px`, `height_px` and `diagonal_inch` to the panel's; no millimetre is right before.",
            "It draws for the size that the panel has; when that changes, it ends and starts again.",
        ),
        HouseFault(
            PINYIN_MISSING,
            "The keys of pinyin give no words: librime, its dictionary or its settings are not installed.", _INSTALL,
            "It offers the other ways of writing, and tells the back office that this one is not there.",
        ),
        HouseFault(
            HAND_MISSING, "Drawn characters cannot be read: zinnia or its model is not installed.",
            _INSTALL, "It offers the other ways of writing, and tells the back office that this one is not there.",
        ),
        HouseFault(
            MINNAN_MISSING, "The Minnan voice is not built on this machine.",
            "`sh config/deploy/setup.sh` builds it; KIOSK_VOICE_DIR must name its folder. Then restart the terminal.",
            "It shows what it would say in Minnan and does not say it in another language.",
        ),
        HouseFault(
            MANDARIN_MISSING, "The speech engine or its data is not installed: nothing is spoken.",
            _INSTALL, "It shows everything and says nothing.",
        ),
        HouseFault(
            FONTS_MISSING, "A font that the screens are drawn with is not installed, and none came ready made.",
            _INSTALL, "It shows this code alone, and starts by itself when the font is there.",
        ),
        HouseFault(
            NO_ANSWER, "The back office does not answer: network, proxy or server.",
            "Check the network cable and the address in `terminal.toml`; ask whether the back office runs.",
            "It goes on offline: cases are stored, the slip says so, delivery is tried again (2 s to 5 min apart).",
        ),
        HouseFault(
            BAD_ANSWER, "Something answered, but not in the back office's form.",
            "Check the address in `terminal.toml`; look for a portal page or proxy in between.",
            "It takes nothing for delivered and tries again.",
        ),
        HouseFault(
            "clock_skew", "The terminal's clock differs from the back office's by more than five minutes.",
            "Set the clock; replace the mainboard's battery when it is wrong after each start.",
            "It goes by the server's signed time from then on, and sends again.",
        ),
        HouseFault(
            "http_401", "The back office does not know this terminal or its key.",
            "Ask an operator for a code and run `kiosk enrol CODE`; the key is `device.key` in the state folder.",
            "It keeps every case and tries again; none is given up.",
        ),
    )
}  # fmt: skip
"""Code -> row."""
