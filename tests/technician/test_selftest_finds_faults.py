"""The self-test finds every fault that any simulated device can have, and passes a healthy one with figures.

Nothing is picked by hand: the cells are what the twins themselves register, for each model that they play.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from matrix import engine

from drivers import registry
from drivers.sim.client import Control, ControlError
from drivers.sim.twins import twins
from kiosk.app.selftest import Pace, selftest
from kiosk.app.technician.diagnostics import Examined, Result
from kiosk.technician import shared as technician_shared
from kiosk.technician.sim_bench import CHIP_CARD_DOOR, WITH_EVERYTHING, SimBench

ROOT = Path(__file__).resolve().parents[2]
UNTIL_CLEARED = -1
HASTY = Pace(rounds=4, hand_s=0.8)
"""Simulated hands are quick."""
PATIENT = Pace(rounds=4, hand_s=6.0)
CAMERA_MODELS = ("camera_codes", "camera_page", "camera_face", "camera_portrait")
"""They look at pictures that come fifteen times a second, and some must be seen to stay."""
CLASS_OF = {model: name for name in registry.FOLDER_OF_CLASS for model in registry.models(name)}
MODELS = [model for twin in twins().values() for model in twin.models if model in CLASS_OF]
CELLS = sorted((model, fault) for twin in twins().values() for model in twin.models for fault in twin.fault_names(model)
               if model in CLASS_OF)  # fmt: skip

NO_FAULT: Mapping[tuple[str, str], str] = {
    ("pcsc_social", "dialect_61"): "a card that keeps its answer back: ISO/IEC 7816-4 lets it",
    ("pcsc_social", "dialect_6c"): "a card that names the length it wants: ISO/IEC 7816-4 lets it",
    ("pcsc_social", "exact_le"): "a card that wants the exact length; it is asked again with it",
    ("pcsc_social", "by_number_only"): "a card whose records have numbers; most do",
    ("pcsc_social", "by_tag_only"): "a card whose records have names; some do",
    ("pcsc_social", "select_p1_00"): "a card that selects in another way, as some issuers' do",
    ("pcsc_social", "aid_unknown"): "a card without the application's name, whose files are there",
    ("sane_scanimage", "short_reads"): "a backend may give less at a time than was asked for (SANE 1.06, sane_read)",
}
"""Ways in which sound devices differ. Nothing is wrong, nothing may be reported: the self-test must pass with them."""
SPOILS_WHAT_IS_SENT: Mapping[str, str] = {
    "echo": "comes back",
    "slow_drain": "is taken slowly",
    "refuse": "is refused",
    "ack_before_code": "is answered in front of a code",
    "ack_behind_code": "is answered behind a code",
}
"""Faults of what the host sends. A device that is sent nothing cannot have them; that nothing was sent is checked."""
ARGUMENTS: Mapping[tuple[str, str], Mapping[str, object]] = {
    ("sam_v", "sw3"): {"code": "41", "on": "read"},
    ("sam_v", "lifted"): {"on": "read"},
    ("serial_line", "garble"): {"at": 2},
    **{(model, "drop_frames"): {"at": 14} for model in CAMERA_MODELS},
}
"""What a fault cannot do without. The byte behind a code may be any, so one of the code itself is spoiled; a camera
that still gives four pictures a second is as good as one on a busy machine, so fourteen of fifteen are lost."""
TABLES: Mapping[tuple[str, str], Mapping[str, object]] = {
    ("sam_v", "keeps_speed"): {"baud": 57600, "find_speed": True},
}
"""A fault of a command that is only sent with these settings."""
WHILE_A_PAGE_IS_HELD = frozenset({("cups_queue", "keeps_job"), ("ipp_everywhere", "keeps_job")})
"""Faults of taking a page back, which the self-test does only with one that somebody must free: the cover opens."""
LONG_PAGE_S = 5.0
PRINTS_S = 60.0
"""The self-test's page is under way by then."""
EXPECTED: Mapping[tuple[str, str], str] = {
    ("sam_v", "sw3"): "CRD-002",
    ("sam_v", "lifted"): "CRD-006",
    ("sam_v", "mute"): "DEV-002",
    ("sam_v", "wrong_baud"): "DEV-003",
    ("sam_v", "unplug"): "DEV-004",
    ("escpos_80mm", "cutter"): "PRN-004",
    ("escpos_80mm", "hot"): "PRN-005",
    ("escpos_80mm", "unrecoverable"): "PRN-006",
    ("escpos_80mm", "mute"): "DEV-002",
    ("escpos_80mm", "unplug"): "DEV-004",
    ("serial_line", "mute"): "DEV-002",
    ("serial_line", "unplug"): "DEV-004",
    ("newland_unified", "refuse"): "SCN-003",
    ("evdev_switch", "mute"): "DEV-002",
    ("pcsc_social", "mute"): "CHP-003",
    ("pcsc_social", "pulled"): "CHP-002",
    ("pcsc_social", "holder_locked"): "CHP-005",
    ("pcsc_social", "all_locked"): "CHP-005",
    ("ipp_everywhere", "jam"): "DOC-003",
    ("ipp_everywhere", "mute"): "DEV-002",
    ("ipp_everywhere", "keeps_job"): "DOC-012",
    ("cups_queue", "keeps_job"): "DOC-012",
}
"""Where one code alone is right; for the others any finding will do."""
QUICK = [("sam_v", "garble"), ("evdev_switch", "mute"), ("serial_line", "junk"), ("modbus_cabinet", "exception"),
         ("nut_ups", "mute"), ("pcsc_social", "pulled")]  # fmt: skip
"""A cell of each kind of wire for every day; all of them are proof."""


class Bed:
    """One simulated device that is made ill and well again."""

    def __init__(self, bench: SimBench, device_class: str, model: str, door: str | None) -> None:
        self._bench, self.device_class, self.model, self._door = bench, device_class, model, door

    def hand(self, op: str, **fields: object) -> None:
        with Control(self._bench.run_dir / f"{self.device_class}.ctl") as hands:
            hands(op, **fields)

    def bytes_in(self) -> int:
        with Control(self._bench.run_dir / f"{self.device_class}.ctl") as hands:
            return int(str(hands("status")["bytes_in"]))

    def hold_the_page(self) -> None:
        """Open the cover when a page is on its way through the printer."""
        with Control(self._bench.run_dir / f"{self.device_class}.ctl", timeout_s=PRINTS_S + 5) as hands:
            hands("slow", page_s=LONG_PAGE_S)
            hands("wait", key="printing", equals=True, timeout_s=PRINTS_S)
            hands("cover", open=True)
            hands("slow", page_s=0.3)

    def examined(self, changed: Mapping[str, object] | None = None) -> Examined:
        if self._door is not None:
            self._open_door()
        tables = {name: {**table, **(changed or {})} for name, table in self._bench.tables().items()}
        (subject,) = technician_shared.subjects(tables, ROOT / "config" / "devices.toml")
        pace = PATIENT if self.model in CAMERA_MODELS else HASTY
        return selftest(subject, self._bench.hands(), lambda: datetime.now(UTC), pace)

    def make_well(self) -> None:
        """As after a technician's hands: what this device does not have is passed over."""
        power = {"state": "mains"} if self.device_class == "ups" else {"on": True}
        hands: tuple[tuple[str, dict[str, object]], ...] = (
            ("clear", {}), ("power", {"on": False}), ("paper", {"state": "ok"}), ("cover", {"open": False}),
            ("unjam", {}), ("power", power), ("door", {"open": False}), ("lift", {}), ("hide", {}), ("remove", {}),
            ("unplug", {}), ("replug", {}),
        )  # fmt: skip
        for op, fields in hands:
            try:
                self.hand(op, **fields)
            except ControlError:
                continue
        if self.device_class == "document_printer":
            self.hand("wait", key="settled", equals=True)

    def _open_door(self) -> None:
        """pcsc-lite's library takes the door's name only once in a process: turn the door that it knows."""
        assert self._door is not None
        fresh = Path(self._door + ".new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self._bench.run_dir / "chip_card")
        fresh.replace(self._door)


@pytest.fixture(scope="module", autouse=True)
def _undisturbed() -> Iterator[None]:
    """As in the fault matrix: cameras and wires keep their time, for what is judged is not the machine's load."""
    with engine.before_others():
        yield


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Bed]]:
    """Beds by model, each made at its first patient and kept."""
    beds: dict[str, Bed] = {}
    open_benches: list[SimBench] = []

    class Ward(dict[str, Bed]):
        def __missing__(self, model: str) -> Bed:
            name = CLASS_OF[model]
            known = os.environ.get(CHIP_CARD_DOOR)
            table = {**WITH_EVERYTHING.get(model, {}), "model": model, "port": ""}
            bench = SimBench(ROOT / "config" / "sim.toml", {name: table})
            bench.__enter__()
            open_benches.append(bench)
            assert not bench.left_out, bench.left_out
            door = None
            if name == "chip_card":
                door = known or str(tmp_path_factory.mktemp("door") / "pcscd.comm")
                os.environ[CHIP_CARD_DOOR] = door
            beds[model] = self[model] = Bed(bench, name, model, door)
            return beds[model]

    yield Ward()
    for bench in reversed(open_benches):
        bench.__exit__(None, None, None)


@pytest.fixture(scope="module")
def verdicts() -> Iterator[dict[tuple[str, str], bool]]:
    """(model, fault) -> found; written down when all were tried."""
    tried: dict[tuple[str, str], bool] = {}
    yield tried
    wanted = [cell for cell in CELLS if cell not in NO_FAULT and not cannot_strike(cell)]
    if set(wanted) <= set(tried):
        target = ROOT / "out" / "proof" / "selftest.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        missed = ["/".join(cell) for cell in wanted if not tried[cell]]
        result = {"found": len(wanted) - len(missed), "of": len(wanted), "missed": missed}
        target.write_text(json.dumps(result, indent=1) + "\n")


def found(result: Examined) -> dict[str, str]:
    return {
        finding.check: f"{finding.fault.code if finding.fault else ''} {finding.note}".strip()
        for finding in result.findings
        if finding.result is Result.FAIL
    }


def ill(bed: Bed, fault: str) -> Examined:
    bed.make_well()
    bed.hand("fault", name=fault, count=UNTIL_CLEARED, **ARGUMENTS.get((bed.model, fault), {}))
    try:
        with ThreadPoolExecutor(1) as beside:
            hands = beside.submit(bed.hold_the_page) if (bed.model, fault) in WHILE_A_PAGE_IS_HELD else None
            result = bed.examined(TABLES.get((bed.model, fault)))
            if hands is not None:
                hands.result()
        return result
    finally:
        bed.make_well()


def cannot_strike(cell: tuple[str, str]) -> bool:
    unasked = {model for twin in twins().values() for model in twin.unasked_models}
    return cell[0] in unasked and cell[1] in SPOILS_WHAT_IS_SENT


def judge(cell: tuple[str, str], result: Examined) -> None:
    if cell in NO_FAULT or cannot_strike(cell):
        assert result.result is Result.PASS, found(result)
        return
    assert result.result is Result.FAIL, [(finding.check, finding.value, finding.note) for finding in result.findings]
    assert EXPECTED.get(cell, "") in " ".join(found(result).values()), found(result)


@pytest.mark.proof
@pytest.mark.parametrize("model", MODELS)
def test_a_healthy_device_passes_every_check_with_a_figure(ward: dict[str, Bed], model: str) -> None:
    bed = ward[model]
    bed.make_well()
    result = bed.examined()
    assert result.result is Result.PASS and not found(result), found(result)
    assert all(finding.value is not None and finding.unit for finding in result.findings), result.findings
    assert any(finding.guided for finding in result.findings)
    assert result.state.value == "online"


@pytest.mark.proof
@pytest.mark.parametrize(("model", "fault"), CELLS, ids=["-".join(cell) for cell in CELLS])
def test_every_fault_of_every_simulated_device_is_found(
    ward: dict[str, Bed], verdicts: dict[tuple[str, str], bool], model: str, fault: str
) -> None:
    bed = ward[model]
    before = bed.bytes_in() if cannot_strike((model, fault)) else 0
    result = ill(bed, fault)
    verdicts[model, fault] = result.result is Result.FAIL
    judge((model, fault), result)
    if cannot_strike((model, fault)):
        assert bed.bytes_in() == before, "something was sent, so it could have been found"


@pytest.mark.parametrize("cell", QUICK, ids="-".join)
def test_a_fault_on_each_kind_of_wire_is_found(ward: dict[str, Bed], cell: tuple[str, str]) -> None:
    judge(cell, ill(ward[cell[0]], cell[1]))


def test_what_is_no_fault_is_one_of_the_twins_names_and_has_its_reason() -> None:
    assert set(NO_FAULT) | set(EXPECTED) | set(ARGUMENTS) | set(QUICK) | WHILE_A_PAGE_IS_HELD <= set(CELLS)
    assert all(NO_FAULT.values())
    assert len(CELLS) > 100 and set(MODELS) == {model for model, _ in CELLS}


@pytest.mark.proof
@pytest.mark.parametrize(
    ("model", "op", "fields", "code"),
    [
        ("escpos_80mm", "paper", {"state": "low"}, "PRN-001"),
        ("escpos_80mm", "paper", {"state": "out"}, "PRN-002"),
        ("escpos_80mm", "cover", {"open": True}, "PRN-003"),
        ("escpos_80mm", "mute", {"on": True}, "DEV-002"),
        ("ipp_everywhere", "paper", {"state": "out"}, "DOC-002"),
        ("ipp_everywhere", "cover", {"open": True}, "DOC-004"),
        ("modbus_cabinet", "door", {"open": True}, "CAB-001"),
        ("nut_ups", "power", {"state": "battery"}, "UPS-001"),
        ("nut_ups", "charge", {"percent": 20}, "UPS-002"),
    ],
)
def test_what_hands_do_to_a_device_is_found(ward: dict[str, Bed], model: str, op: str, fields: dict, code: str) -> None:
    bed = ward[model]
    bed.make_well()
    bed.hand(op, **fields)
    try:
        assert code in " ".join(found(bed.examined()).values())
    finally:
        if op == "mute":
            bed.hand("mute", on=False)
        if op == "charge":
            bed.hand("charge", percent=100)
        bed.make_well()


@pytest.mark.proof
@pytest.mark.parametrize("fault", ["duplicate", "junk", "garble"])
def test_a_fault_that_the_driver_forgives_once_is_still_found_on_the_line(ward: dict[str, Bed], fault: str) -> None:
    bed = ward["sam_v"]
    bed.make_well()
    bed.hand("fault", name=fault, on="status", skip=2, count=1)
    assert set(found(bed.examined())) == {"line"}
    bed.make_well()


def test_a_sick_device_does_not_keep_the_others_from_being_tested_and_the_exit_code_says_so(terminal) -> None:
    with terminal.twin("id_card") as hands:
        hands("fault", name="mute", count=UNTIL_CLEARED)
    ran = terminal.kiosk("selftest", "--json")
    assert ran.code == 1
    assert {name: device["result"] for name, device in ran.devices.items()} == {
        "id_card": "fail", "receipt_printer": "pass", "code_scanner": "pass", "headphone": "pass",
    }  # fmt: skip
    (opened, *_) = ran.devices["id_card"]["measured"]
    assert opened["fault"]["code"] == "DEV-002" and opened["fault"]["remedy"]
    assert ran.devices["id_card"]["state"] == "offline"


@pytest.mark.proof
def test_without_a_terminal_guided_checks_are_not_applicable_and_say_why(terminal) -> None:
    with terminal.twin("receipt_printer") as hands:
        pages = hands("status")["pages"]
    ran = terminal.kiosk("selftest", "--json")
    assert ran.code == 0, ran.out
    rows = [row for device in ran.devices.values() for row in device["measured"]]
    guided = [row for row in rows if row["guided"]]
    assert len(guided) == 6
    assert all(row["result"] == "not-applicable" and "terminal" in row["note"] for row in guided)
    assert all(row["result"] == "pass" for row in rows if not row["guided"])
    assert all(datetime.fromisoformat(row["at"]).tzinfo for row in rows)
    with terminal.twin("receipt_printer") as hands:
        assert hands("status")["pages"] == pages, "no paper is used when nobody is there"
    assert set(ran.devices["id_card"]) == {"class", "model", "firmware", "state", "result", "measured", "at"}


@pytest.mark.proof
def test_with_sim_every_class_passes_guided_checks_too_and_nothing_is_left_behind(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    command = [sys.executable, "-m", "kiosk", "selftest", "--sim", "--json"]
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=110, env=environment
    )
    devices = {device["class"]: device for device in json.loads(done.stdout)["devices"]}
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(devices) == set(registry.FOLDER_OF_CLASS)
    for name, device in devices.items():
        assert {row["result"] for row in device["measured"]} == {"pass"}, name
    assert list(tmp_path.iterdir()) == [], "simulated results are no record of this terminal"
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in listed


def test_a_peer_that_cannot_be_started_is_named_and_not_passed_over(tmp_path: Path) -> None:
    """The printer's real peer is missing, and the exit code says so."""
    code = (
        "import drivers.sim._a4.ipp_peer as peer, shutil, sys;"
        "which = shutil.which;"
        "peer.shutil.which = lambda name, **more: None if name == 'ippeveprinter' else which(name, **more);"
        "from kiosk.__main__ import main; sys.exit(main(['selftest', 'document_printer', '--sim']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "document_printer: cannot be simulated here: ippeveprinter is missing: install" in done.stderr
