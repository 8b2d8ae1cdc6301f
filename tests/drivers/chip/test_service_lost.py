"""The smart-card service ends, hangs and comes back; the reader says which."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drivers import faults
from drivers.api import ChipCardReader, DeviceError, DeviceState

pytestmark = pytest.mark.proof


def _fault_of(call: Callable[[], object]) -> faults.Fault:
    with pytest.raises(DeviceError) as caught:
        call()
    return caught.value.fault


def test_a_service_that_ends_is_a_lost_reader_until_it_is_back(
    another_service: Callable[[], Any], make_reader: Callable[..., ChipCardReader], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    first = another_service()
    reader = make_reader()
    reader.open()
    ended: list[faults.Fault] = []
    waiting = threading.Thread(target=lambda: ended.append(_fault_of(lambda: reader.wait_card(20.0))))
    waiting.start()
    first.end()
    waiting.join(20.0)
    assert ended == [faults.DEV_LOST]
    assert (reader.status().state, reader.status().faults) == (DeviceState.NO_DEVICE, frozenset({"DEV-004"}))
    assert _fault_of(lambda: reader.read(1.0)) is faults.DEV_LOST
    assert _fault_of(reader.open) is faults.CHP_SERVICE
    another_service()
    reader.open()
    assert reader.status().state is DeviceState.ONLINE
    told = [record.message for record in caplog.records if "chip-card reader" in record.message]
    assert [("lost" in line, "is back" in line) for line in told] == [(True, False), (False, True)]


def test_a_service_that_hangs_is_offline_and_goes_on_when_it_wakes(
    another_service: Callable[[], Any], make_reader: Callable[..., ChipCardReader]
) -> None:
    service = another_service()
    reader = make_reader()
    reader.open()
    service.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, service.process.pid, os.WSTOPPED)  # the last of its threads may still have answered
    status = reader.status()
    assert (status.state, status.faults) == (DeviceState.OFFLINE, frozenset({"DEV-002"}))
    service.process.send_signal(signal.SIGCONT)
    assert reader.status().state is DeviceState.ONLINE


def test_many_sessions_leave_no_thread_and_no_descriptor_behind(
    card: Any, make_reader: Callable[..., ChipCardReader]
) -> None:
    reader = make_reader()
    reader.open()
    card.ctl("present", resident="a_kim")
    assert reader.wait_card(20.0)
    before = _open_descriptors()
    for _ in range(20):
        assert reader.read(5.0).card_number == "D12608821"
        reader.close()
        reader.open()
    reader.close()
    deadline_s = time.monotonic() + 5.0
    while any(thread.name == "pcsc" for thread in threading.enumerate()) and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert not [thread.name for thread in threading.enumerate() if thread.name == "pcsc"]
    assert _open_descriptors() <= before


def _open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
