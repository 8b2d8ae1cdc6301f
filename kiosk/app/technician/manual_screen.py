"""The manual's section on technician mode: written from the same figures that the mode uses."""

from __future__ import annotations

from kiosk.domain.technician.calibration import LOUDNESS_DB, MOUNT_HEIGHT_MM, RULER_MM, TARGETS
from kiosk.domain.technician.mode import PIN_LEAST, PIN_MOST
from kiosk.domain.technician.staff_lock import MOST_S, delay_s
from kiosk.domain.technician.state import VendorMode
from kiosk.domain.technician.view_calibrate import CAMERA_STEP
from kiosk.domain.timing import TOUCH_CONFIRM_S, UNHURRIED_S, VENDOR_IDLE_S, VENDOR_LOGIN_IDLE_S


def section() -> str:
    """Markdown, with a line end."""
    modes = ", ".join(f"`{mode.value}`" for mode in VendorMode)
    waits = ", ".join(str(delay_s(failures)) for failures in range(1, 6))
    return f"""## On the terminal's own screen: technician mode

    kiosk staff add 1001      asks for a PIN twice ({PIN_LEAST} to {PIN_MOST} digits); there is none to begin with
    kiosk staff remove 1001

The PIN is kept as a scrypt hash in `staff.toml` beside `terminal.toml` (mode 600). After a wrong PIN no PIN is looked
at for {waits} … seconds, at most {MOST_S // 60} minutes; a restart does not shorten it.

Rest one finger on the upper left corner of the first screen for five seconds and lift it, or open the cabinet with its
key (where a board watches its door): the screen asks for number and PIN. A visit that goes on is not
disturbed: the mode waits until it has ended and is wiped. Its state is one of {modes} (XFS4IoT VendorMode). Nothing of
a resident is to be seen there; cases are a number. Without a touch the login gives up after
{VENDOR_LOGIN_IDLE_S:g} s, the mode after {VENDOR_IDLE_S / 60:g} minutes; leaving gives devices and screen back.

- Devices: state, fault with its code (look it up below), kind of remedy, last self-test; the self-test of one device
  or of all, which asks on the screen for the card, the plug, the look at a slip. No port is opened twice.
- Paper: open, lay the roll in, close, print. Only a slip that the printer has proved ends it well.
- Nobody is hurried: while somebody of the staff sits beside her, no resident is asked whether she is still there, and
  no visit ends by itself. What is left on the screen stays there, so stay, too. It ends when it is switched back, after
  {UNHURRIED_S / 3600:g} hours, and with every start; each turn is in the audit chain with the staff number. With
  `[waiting] staff_may_wait = false` in `terminal.toml` there is no such switch.
- Calibration, each value with a way back to the factory's; kept in `calibration.toml` in the state folder:
  - touch: {len(TARGETS)} rings. A correction that is not confirmed by touch within {TOUCH_CONFIRM_S:g} s is dropped.
  - size of the screen: a line that should be {RULER_MM} mm; set what your ruler says.
  - loudspeaker: {LOUDNESS_DB[0]:+d} to {LOUDNESS_DB[1]:+d} dB on top of the common level; 60 to 65 dB(A) at half a
    metre. A headphone is not changed.
  - mounting height: floor to the screen's upper edge, {MOUNT_HEIGHT_MM[0]} to {MOUNT_HEIGHT_MM[1]} mm.
  - camera (terminals with one): its live picture with the box in it, the part where cards and pages are laid. The thick
    edge is the one that moves, by {CAMERA_STEP} per cent of the picture. Every move is kept and counts from the next
    reading on, for all devices that look through this camera (`id_face`, `document_scanner`, `code_scanner` with the
    same `port`); a code outside the box is not read. Without a box of yours `box` of `devices.toml` counts. The picture
    may show a card: it is kept nowhere and gone with its page. Where no picture comes the screen says why.
"""
