"""The self-test: per device class a list of checks, automatic or guided, each with a measured figure.

A guided check needs a hand; without one it is not applicable, and says why. What a driver forgives (a lost
byte, a doubled answer) still counts: the last check judges the line by everything that passed on it.
One file a class; a class without one has what every device can do.
"""

from __future__ import annotations

from kiosk.app.selftest.checks import Check as Check
from kiosk.app.selftest.checks import Pace as Pace
from kiosk.app.selftest.running import checks_of as checks_of
from kiosk.app.selftest.running import selftest as selftest
from kiosk.app.selftest.texts import TEST_CODE as TEST_CODE
