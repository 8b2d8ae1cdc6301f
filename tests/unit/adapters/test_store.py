from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlcipher3 import dbapi2 as sqlcipher

from kiosk.adapters.store.high_water import HighWater, key_id
from kiosk.adapters.store.kiosk_key import load_store_key
from kiosk.adapters.store.migrations import LATEST, MIGRATIONS
from kiosk.adapters.store.sqlcipher import SERIAL_BLOCK, SqlcipherStore
from kiosk.domain.audit import AuditKind, verify
from kiosk.domain.outbox import ItemKind, ItemState, OutboxItem, StoreError

KEY = bytes(range(32))
START = datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=8)))
NAME = "陈阿金"
Open = Callable[..., SqlcipherStore]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Open]:
    opened: list[SqlcipherStore] = []

    def open_it(key: bytes = KEY, wall: Callable[[], datetime] = lambda: START, **more: object) -> SqlcipherStore:
        store = SqlcipherStore(tmp_path / "store.db", key, wall, **more)  # type: ignore[arg-type]  # on_fault only
        opened.append(store)
        return store

    yield open_it
    for store in opened:
        store.close()


def case(key: str = "A", **changes: object) -> OutboxItem:
    made = OutboxItem(
        key, ItemKind.CASE, key, 0, {"name": NAME, "n": 1}, START.isoformat(), 3, "2026-1", attachments=("ab", "cd")
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # replace() checks the names at run time


def deliver(store: SqlcipherStore, item: OutboxItem, token: str = "tok") -> OutboxItem:
    delivered = replace(item, state=ItemState.DELIVERED, receipt={"state": "accepted", "visit_token": token})
    store.update(delivered)
    return delivered


def test_an_item_comes_back_as_it_was_put_also_after_a_restart(open_store: Open) -> None:
    store = open_store()
    store.put(case())
    assert store.get("A") == case()
    store.close()
    assert list(open_store().pending()) == [case()]


def test_a_change_of_state_is_kept_and_the_waiting_time_is_not(open_store: Open) -> None:
    store = open_store()
    store.put(case())
    store.update(case(state=ItemState.SENDING, attempts=4, next_try_s=99.0, last_problem="no_answer"))
    store.close()
    assert open_store().get("A") == case(state=ItemState.SENDING, attempts=4, last_problem="no_answer")


def test_putting_the_same_item_twice_is_one_item_and_another_under_its_key_is_an_error(open_store: Open) -> None:
    store = open_store()
    store.put(case())
    store.put(case())
    assert len(store.pending()) == 1
    with pytest.raises(StoreError) as caught:
        store.put(case(body={"name": "other"}))
    assert caught.value.code == "store.duplicate_key"
    assert store.get("A") == case()


def test_an_update_of_an_unknown_item_is_an_error(open_store: Open) -> None:
    with pytest.raises(StoreError) as caught:
        open_store().update(case())
    assert caught.value.code == "store.unknown_key"


def test_settings_are_the_ones_the_promise_rests_on(open_store: Open) -> None:
    ask = open_store()._connection.execute
    assert ask("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert ask("PRAGMA synchronous").fetchone()[0] == 2
    assert ask("PRAGMA secure_delete").fetchone()[0] == 1
    assert ask("PRAGMA locking_mode").fetchone()[0] == "exclusive"
    assert ask("PRAGMA cipher_version").fetchone()[0].startswith("4.")


def test_nothing_on_the_disk_can_be_read_without_the_key(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    store.put(case())
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert NAME.encode() not in content
        assert b"SQLite format" not in content
        assert b"outbox" not in content


def test_the_purge_leaves_no_personal_data_in_table_pages_or_wal(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    for number in range(20):
        store.put(case(f"A{number}"))
        deliver(store, case(f"A{number}"))
    for number in range(20):
        store.purge(f"A{number}")
    assert not store.pending()
    assert (tmp_path / "store.db-wal").stat().st_size == 0
    store.close()
    plain = _decrypted(tmp_path / "store.db")
    assert b"store_opened" in plain, "the pages are really decrypted"
    assert NAME.encode() not in plain


def test_before_the_purge_the_same_search_finds_the_person(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    store.put(case())
    store.close()
    assert NAME.encode() in _decrypted(tmp_path / "store.db")


def _decrypted(file: Path) -> bytes:
    """Every page of the file, free ones too: SQLCipher 4 pages are AES-256-CBC, the last 80 bytes IV and HMAC."""
    content = file.read_bytes()
    plain = b""
    for start in range(0, len(content), 4096):
        page = content[start : start + 4096]
        # The first page begins with the salt in the clear.
        body = page[16:-80] if start == 0 else page[:-80]
        decryptor = Cipher(algorithms.AES(KEY), modes.CBC(page[-80:-64])).decryptor()
        plain += decryptor.update(body) + decryptor.finalize()
    return plain


def test_only_a_delivered_item_is_purged_and_twice_is_no_error(open_store: Open) -> None:
    store = open_store()
    store.put(case())
    with pytest.raises(StoreError) as caught:
        store.purge("A")
    assert caught.value.code == "store.not_delivered"
    deliver(store, case())
    store.purge("A")
    store.purge("A")
    store.purge("unknown")


def test_after_the_purge_the_visit_token_is_there_for_the_rating_and_goes_with_it(open_store: Open) -> None:
    store = open_store()
    store.put(case())
    deliver(store, case())
    store.purge("A")
    left = store.get("A")
    assert left is not None
    assert (left.state, left.body, left.receipt) == (ItemState.DELIVERED, {}, {"visit_token": "tok"})
    rating = OutboxItem("A/rating", ItemKind.RATING, "A", 2, {"level": 5}, START.isoformat())
    store.put(rating)
    store.update(replace(rating, state=ItemState.DELIVERED))
    store.purge("A/rating")
    after = store.get("A")
    assert after is not None
    assert after.receipt == {}


def test_a_restart_forgets_visit_tokens_unless_a_rating_waits(open_store: Open) -> None:
    store = open_store()
    for key in ("A", "B"):
        store.put(case(key))
        deliver(store, case(key))
        store.purge(key)
    store.put(OutboxItem("B/rating", ItemKind.RATING, "B", 2, {"level": 5}, START.isoformat()))
    store.close()
    store = open_store()
    a, b = store.get("A"), store.get("B")
    assert a is not None
    assert b is not None
    assert (a.receipt, b.receipt) == ({}, {"visit_token": "tok"})


def test_receipts_are_kept_30_days(open_store: Open) -> None:
    now = START
    store = open_store(wall=lambda: now)
    store.put(case())
    deliver(store, case())
    store.purge("A")
    store.close()
    now = START + timedelta(days=29, hours=23)
    store = open_store(wall=lambda: now)
    assert store.get("A") is not None
    store.close()
    now = START + timedelta(days=30, hours=1)
    assert open_store(wall=lambda: now).get("A") is None


def test_serials_begin_at_one_each_day_and_never_come_twice_after_a_kill(open_store: Open) -> None:
    store = open_store()
    assert [store.next_case_serial("261124") for _ in range(3)] == [1, 2, 3]
    assert store.next_case_serial("261125") == 1
    store._connection.close()
    store = open_store()
    assert store.next_case_serial("261124") == SERIAL_BLOCK + 1


def test_serials_run_over_block_borders_without_gap_or_repeat(open_store: Open) -> None:
    store = open_store()
    assert [store.next_case_serial("261124") for _ in range(3 * SERIAL_BLOCK)] == list(range(1, 3 * SERIAL_BLOCK + 1))


def test_many_threads_get_different_numbers(open_store: Open) -> None:
    store = open_store()
    got: list[int] = []

    def take() -> None:
        got.extend(store.next_request_seq() for _ in range(300))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(1, 1201))


def test_after_the_last_serial_of_a_day_none_is_invented(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    HighWater(tmp_path / "store.db.marks")
    store._marks.raise_to("serial/261124", 99_998)
    assert store.next_case_serial("261124") == 99_999
    with pytest.raises(StoreError) as caught:
        store.next_case_serial("261124")
    assert caught.value.code == "store.serials_used_up"


def test_the_wrong_key_is_a_clear_error_and_touches_nothing(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    store.put(case())
    store.close()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(StoreError) as caught:
        open_store(key=b"\x01" * 32)
    assert caught.value.code == "store.wrong_key"
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    assert open_store().get("A") == case()


def test_when_key_or_damage_cannot_be_told_nothing_is_touched(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    store.close()
    (tmp_path / "store.db.marks").unlink()
    before = (tmp_path / "store.db").read_bytes()
    with pytest.raises(StoreError) as caught:
        open_store(key=b"\x01" * 32)
    assert caught.value.code == "store.unreadable"
    assert (tmp_path / "store.db").read_bytes() == before


@pytest.mark.parametrize("place", [0, 20, 4096 + 100, 3 * 4096 + 7, -1])
def test_a_damaged_store_is_set_aside_kept_and_reported_and_numbers_go_on(
    open_store: Open, tmp_path: Path, place: int
) -> None:
    store = open_store()
    store.put(case())
    last = store.next_case_serial("261124")
    seq = store.next_request_seq()
    store.close()
    content = bytearray((tmp_path / "store.db").read_bytes())
    content[place] ^= 0x40
    (tmp_path / "store.db").write_bytes(content)
    faults: list[tuple[str, str]] = []
    fresh = open_store(on_fault=lambda code, detail: faults.append((code, detail)))
    assert [code for code, _ in faults] == ["store.replaced"]
    kept = faults[0][1].partition(",")[0]
    assert (tmp_path / kept).read_bytes() == bytes(content)
    assert fresh.next_case_serial("261124") > last
    assert fresh.next_request_seq() > seq
    assert fresh.audit_chain()[0].kind is AuditKind.STORE_REPLACED


def test_of_a_damaged_store_every_item_on_whole_pages_is_taken_over(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    items = [case(f"A{number}", body={"text": f"{number}" * 9000}) for number in range(20)]
    for item in items:
        store.put(item)
    store.close()
    content = bytearray((tmp_path / "store.db").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "store.db").write_bytes(content)
    fresh = open_store()
    saved = list(fresh.pending())
    assert 15 <= len(saved) < 20
    assert all(item in items for item in saved)
    assert not list(tmp_path.glob("salvage-*"))
    fresh.close()
    assert len(open_store().pending()) == len(saved)


def test_items_are_taken_over_also_when_the_power_failed_right_after_setting_aside(
    open_store: Open, tmp_path: Path
) -> None:
    store = open_store()
    store.put(case())
    store.close()
    (tmp_path / "store.db").rename(tmp_path / "store.db.damaged-20261124T090000")
    faults: list[str] = []
    fresh = open_store(on_fault=lambda code, detail: faults.append(detail))
    assert fresh.get("A") == case()
    assert faults == ["store.db.damaged-20261124T090000, 1 items saved"]
    deliver(fresh, case())
    fresh.purge("A")
    fresh.close()
    assert not open_store(on_fault=lambda code, detail: faults.append(detail)).pending()
    assert len(faults) == 1


def test_a_second_process_on_the_same_store_is_refused(open_store: Open, tmp_path: Path) -> None:
    open_store().put(case())
    code = (
        "import sys, datetime\nfrom pathlib import Path\n"
        "from kiosk.adapters.store.sqlcipher import SqlcipherStore\nfrom kiosk.domain.outbox import StoreError\n"
        "try:\n    SqlcipherStore(Path(sys.argv[1]), bytes(range(32)), lambda: datetime.datetime.now().astimezone())\n"
        "except StoreError as error:\n    print(error.code)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "store.db")],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "store.in_use"


@pytest.mark.parametrize("version", range(LATEST + 1))
def test_a_store_of_every_earlier_version_is_brought_up_and_keeps_its_items(
    open_store: Open, tmp_path: Path, version: int
) -> None:
    _store_of_version(tmp_path / "store.db", version)
    store = open_store()
    assert store._connection.execute("PRAGMA user_version").fetchone()[0] == LATEST
    if version:
        assert store.get("old") is not None
        assert store.next_case_serial("261124") == 41
    store.put(case())
    deliver(store, case())
    store.purge("A")
    store.save_catalogue(2, "{}")
    assert verify(store.audit_chain()) >= 4


def _store_of_version(path: Path, version: int) -> None:
    connection = sqlcipher.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    for statements in MIGRATIONS[:version]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {version}")
    if version:
        connection.execute(
            "INSERT INTO outbox VALUES ('old', 'case', 'old', 0, '{}', '2026', 1, '', '[]', 'queued', 0, '', '{}')"
        )
        connection.execute("INSERT INTO counters VALUES ('serial/261124', 40)")
    connection.close()


def test_a_store_of_a_newer_program_is_left_alone(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    store._connection.execute(f"PRAGMA user_version = {LATEST + 1}")
    store.close()
    with pytest.raises(StoreError) as caught:
        open_store()
    assert caught.value.code == "store.too_new"


def test_a_full_disk_is_a_named_error_and_keeps_what_was_there(open_store: Open) -> None:
    store = open_store()
    store.put(case())
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    with pytest.raises(StoreError) as caught:
        store.put(case("big", body={"text": "x" * 100_000}))
    assert caught.value.code == "store.full"
    assert store.get("big") is None
    assert store.get("A") == case()


def test_the_catalogue_is_kept(open_store: Open) -> None:
    store = open_store()
    assert store.load_catalogue() is None
    store.save_catalogue(1, '{"release":1}')
    store.save_catalogue(2, '{"release":2}')
    store.close()
    assert open_store().load_catalogue() == (2, '{"release":2}')


def test_the_audit_chain_names_what_happened_without_a_person_and_notices_a_change(open_store: Open) -> None:
    store = open_store()
    store.put(case())
    deliver(store, case())
    store.purge("A")
    store.record_login("1001", "wrong")
    store.record_idle_switch("1001", "unhurried")
    chain = store.audit_chain()
    assert [event.kind for event in chain] == [
        AuditKind.STORE_OPENED,
        AuditKind.STORED,
        AuditKind.DELIVERED,
        AuditKind.PURGED,
        AuditKind.STAFF_LOGIN,
        AuditKind.IDLE_SWITCH,
    ]
    assert NAME not in repr(chain)
    assert verify(chain) == 6
    with pytest.raises(ValueError, match="broken at 2"):
        verify([chain[0], replace(chain[1], facts={"key": "B", "kind": "case"}), *chain[2:]])
    with pytest.raises(ValueError, match="broken at 3"):
        verify([chain[0], chain[2], chain[3]])


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    key_file, store = tmp_path / "secret/store.key", tmp_path / "store.db"
    key = load_store_key(key_file, store)
    assert len(key) == 32
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert load_store_key(key_file, store) == key
    assert key_id(key) not in key.hex()


def test_a_lost_key_is_not_replaced_while_the_store_exists(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"something")
    with pytest.raises(StoreError) as caught:
        load_store_key(tmp_path / "store.key", tmp_path / "store.db")
    assert caught.value.code == "store.key_missing"
    assert not (tmp_path / "store.key").exists()


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        (b"00" * 32, 0o644, "store.key_exposed"),
        (b"zz" * 32, 0o600, "store.key_damaged"),
        (b"00" * 16, 0o600, "store.key_damaged"),
        (b"", 0o600, "store.key_damaged"),
    ],
)
def test_a_bad_key_file_is_a_clear_error(tmp_path: Path, content: bytes, mode: int, code: str) -> None:
    key_file = tmp_path / "store.key"
    key_file.write_bytes(content)
    key_file.chmod(mode)
    with pytest.raises(StoreError) as caught:
        load_store_key(key_file, tmp_path / "store.db")
    assert caught.value.code == code
