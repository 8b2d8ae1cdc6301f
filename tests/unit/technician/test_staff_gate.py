"""Who comes in: scrypt PINs, a strict file, a back-off that no restart and no pulled plug resets."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from kiosk.__main__ import main
from kiosk.adapters.settings.staff_file import StaffError, StaffFile, weakness
from kiosk.adapters.settings.staff_lock_file import StaffLockFile
from kiosk.app.technician.gate import StaffGate
from kiosk.app.technician.staff_badge import StaffBadge
from kiosk.domain.outbox import StoreError
from kiosk.domain.technician.mode import advance
from kiosk.domain.technician.staff_lock import MOST_S, LockState, after_try, delay_s, left_s
from kiosk.domain.technician.state import Checked, Page, StaffDo, StaffEv, StaffEvent, VendorMode, VendorState
from kiosk.domain.visit.machine import Ev, Event

PIN, WRONG = "271828", "271829"


class Door:
    """A gate with its files; the wall clock is the test's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now_s = 1_790_000_000.0
        self.notes: list[dict[str, Any]] = []
        self.audit: list[tuple[str, str]] = []
        self.store_works = True
        self.roll = StaffFile(folder)
        self.restart()

    def restart(self) -> None:
        self.gate = StaffGate(self.roll, StaffLockFile(self.folder), lambda: self.now_s, self.note, self.record)

    def note(self, kind: str, **fields: Any) -> None:
        self.notes.append({"kind": kind, **fields})

    def record(self, number: str, result: str) -> None:
        if not self.store_works:
            raise StoreError("store.unreadable", "test")
        self.audit.append((number, result))

    def knock(self, pin: str, number: str = "1001") -> Checked:
        return self.gate.try_pin(number, pin)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    made = Door(tmp_path)
    made.roll.add("1001", PIN)
    return made


def test_the_right_pin_comes_in_and_a_wrong_one_or_an_unknown_number_does_not(door: Door) -> None:
    assert door.knock(PIN) == Checked(True)
    assert door.knock(WRONG) == Checked(False, 1)
    door.now_s += 1
    assert door.knock(PIN, number="1002") == Checked(False, 2)
    door.now_s += 2
    assert door.knock(PIN) == Checked(True)


def test_each_try_is_in_the_audit_and_a_broken_store_keeps_nobody_out(door: Door) -> None:
    door.knock(WRONG)
    door.knock(PIN)
    door.now_s += 1
    door.knock(PIN)
    assert door.audit == [("1001", "wrong"), ("1001", "locked"), ("1001", "in")]
    door.store_works = False
    assert door.knock(PIN).right


def test_a_badge_is_known_by_its_digest_and_goes_with_its_owner(door: Door) -> None:
    card, code = "35022119700101121X", "TSHU-PINN STAFF 7f3a9c"
    assert door.roll.number_of(card) == ""
    door.roll.add_badge("1001", card)
    door.roll.add_badge("1001", code)
    door.roll.add("1002", PIN)
    assert [door.roll.number_of(one) for one in (card, card.lower(), code, "350221194403150021")] == ["1001"] * 3 + [""]
    text = (door.folder / "staff.toml").read_text(encoding="utf-8")
    assert card not in text and code not in text
    with pytest.raises(StaffError, match="add it first"):
        door.roll.add_badge("9", card)
    with pytest.raises(StaffError, match="characters"):
        door.roll.add_badge("1001", "short")
    door.roll.remove("1001")
    assert door.roll.number_of(card) == "" and door.roll.check("1002", PIN)


@pytest.mark.parametrize("table", ['salt = "00"\nab = "1001"', "salt = 3", '"' + "a" * 64 + '" = "1001"'])
def test_a_damaged_table_of_badges_lets_no_badge_count(door: Door, table: str) -> None:
    path = door.folder / "staff.toml"
    path.write_text(path.read_text(encoding="utf-8") + f"\n[badges]\n{table}\n", encoding="utf-8")
    knocks: list[str] = []
    assert not StaffBadge(door.roll, knocks.append).takes(Event(Ev.CODE_SHOWN, "TSHU-PINN STAFF 7f3a9c"))
    assert knocks == []


def test_a_badge_spares_the_number_and_never_the_pin() -> None:
    state, effects = advance(VendorState(), StaffEvent(StaffEv.BADGE, "1001"))
    assert effects == (StaffDo.HOLD_VISIT,) and (state.number, state.number_done, state.pin) == ("1001", True, "")
    shown, _ = advance(state, StaffEvent(StaffEv.QUIET))
    assert shown.page is Page.LOGIN and shown.staff == ""
    inside = VendorState(VendorMode.ACTIVE, Page.HOME)
    assert advance(inside, StaffEvent(StaffEv.BADGE, "1001")) == (inside, ())


def test_the_wait_doubles_up_to_ten_minutes() -> None:
    assert [delay_s(n) for n in range(12)] == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600]
    assert delay_s(10**9) == MOST_S


def test_during_the_wait_not_even_the_right_pin_is_looked_at(door: Door) -> None:
    for expected_s in (1, 2, 4, 8):
        assert door.knock(WRONG) == Checked(False, expected_s)
        assert door.knock(PIN) == Checked(False, expected_s), "locked, and no longer for having asked"
        door.now_s += expected_s
    assert door.knock(PIN) == Checked(True)
    assert door.knock(WRONG) == Checked(False, 1), "a right one begins anew"


def test_a_restart_does_not_reset_the_wait(door: Door) -> None:
    for _ in range(6):
        door.knock(WRONG)
        door.now_s += 3600
    assert door.knock(WRONG) == Checked(False, 64)
    door.restart()
    door.now_s += 60
    assert door.knock(PIN) == Checked(False, 4)


def test_a_try_is_counted_before_it_is_looked_at(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pulling the plug while the PIN is computed wins nothing."""

    def power_cut(number: str, pin: str) -> bool:
        raise SystemExit

    monkeypatch.setattr(door.roll, "check", power_cut)
    with pytest.raises(SystemExit):
        door.knock(PIN)
    door.restart()
    monkeypatch.undo()
    assert door.knock(PIN) == Checked(False, 1)


def test_where_no_failure_can_be_counted_nobody_comes_in(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: StaffLockFile, state: LockState) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(StaffLockFile, "keep", full)
    assert not door.knock(PIN).right


def test_a_clock_set_back_never_makes_the_wait_longer_than_it_is() -> None:
    state = after_try(LockState(4), 1_000_000.0)
    assert left_s(state, 0.0) == delay_s(5) == 16
    assert left_s(state, 1_000_016.0) == 0


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"failures":-1,"until_s":0}', b'{"failures":1,"until_s":NaN}', b"\xff"]
)
def test_a_damaged_lock_counts_as_many_wrong_pins_and_not_as_none(door: Door, content: bytes) -> None:
    (door.folder / "staff_lock.json").write_bytes(content)
    assert door.knock(PIN) == Checked(False, 128)
    door.now_s += 128
    assert door.knock(PIN) == Checked(True)


def test_what_is_noted_names_the_number_and_the_result_and_never_a_pin(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    door.knock(WRONG)
    door.knock(PIN)
    door.now_s += 1
    door.knock(PIN)
    assert [(note["number"], note["result"]) for note in door.notes] == [
        ("1001", "wrong"),
        ("1001", "locked"),
        ("1001", "in"),
    ]
    everything = (
        repr(door.notes) + caplog.text + "".join(path.read_text() for path in door.folder.iterdir() if path.is_file())
    )
    assert PIN not in everything and WRONG not in everything


def test_the_file_holds_a_salted_hash_that_only_its_owner_reads(door: Door) -> None:
    path = door.folder / "staff.toml"
    assert path.stat().st_mode & 0o777 == 0o600
    door.roll.add("1002", PIN)
    hashes = [line.split('"')[1] for line in path.read_text().splitlines() if "=" in line]
    assert len(set(hashes)) == 2, "the same PIN of two people has two hashes"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[staff]\n1001 = 'plain 271828'\n", "holds no hash"),
        ("[staff]\nboss = 'scrypt$1'\n", "no staff number"),
        ("[crew]\n", "unknown key crew"),
        ("staff = 3\n", "must be a table"),
        ("[staff\n", "not TOML"),
        (f"[staff]\n1 = 'scrypt$1073741824$8$1${'0' * 32}${'0' * 64}'\n", "holds no hash"),
    ],
)
def test_a_file_that_is_not_exactly_a_list_lets_nobody_in(door: Door, text: str, said: str) -> None:
    path = door.folder / "staff.toml"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(StaffError, match=said):
        door.roll.has_anyone()
    assert not door.gate.has_anyone() and not door.knock(PIN).right


def test_a_file_that_others_may_read_is_refused(door: Door) -> None:
    (door.folder / "staff.toml").chmod(0o644)
    with pytest.raises(StaffError, match="chmod 600"):
        door.roll.check("1001", PIN)


def test_there_is_nobody_to_begin_with(tmp_path: Path) -> None:
    fresh = Door(tmp_path)
    assert not fresh.gate.has_anyone()
    assert not fresh.knock("000000").right


@pytest.mark.parametrize(
    "pin", ["", "12345", "111111", "123456", "987654", "890123", "1234567890123", "12a456", "１２３４５７"]
)
def test_a_pin_that_is_guessed_first_is_not_taken(pin: str) -> None:
    assert weakness(pin)


def test_the_command_takes_the_pin_twice_from_the_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def typed(text: str) -> int:
        import io

        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        return main(["staff", "add", "1001", "--config", str(tmp_path)])

    assert typed(f"{PIN}\n{WRONG}\n") == 1
    assert not (tmp_path / "staff.toml").exists()
    assert typed("123456\n123456\n") == 1
    assert typed(f"{PIN}\n{PIN}\n") == 0
    assert StaffFile(tmp_path).check("1001", PIN)
    assert main(["staff", "remove", "1001", "--config", str(tmp_path)]) == 0
    assert not StaffFile(tmp_path).has_anyone()
    assert main(["staff", "remove", "1001", "--config", str(tmp_path)]) == 1
    out = capsys.readouterr()
    assert PIN not in out.out + out.err
