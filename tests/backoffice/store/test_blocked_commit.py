"""A commit that a strict standby holds up: 503 while the terminal still listens; the repeat gets the same number."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice.office import Office
from backoffice.store.deadline import left_s, within
from backoffice.store.failures import DatabaseBusy
from backoffice.store.tables import tables
from backoffice.store.writer_threads import WriterThreads

OUT = Path(__file__).resolve().parents[3] / "out" / "proof"
ON_POSTGRESQL = pytest.mark.parametrize("place", ["postgresql"], indirect=True)


@contextmanager
def blocked(cluster: Any) -> Iterator[None]:
    """Nobody of that name will ever acknowledge a commit."""
    try:
        _set(cluster, "nobody")
        yield
    finally:
        _set(cluster, "")
        # Each of the server's processes reads the setting at its own time and lets its commit go then.
        _await(cluster, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", 0)


def _set(cluster: Any, standbys: str) -> None:
    cluster.admin(f"ALTER SYSTEM SET synchronous_standby_names = '{standbys}'")
    cluster.admin("SELECT pg_reload_conf()")
    _await(cluster, "SHOW synchronous_standby_names", standbys)


def _await(cluster: Any, query: str, value: object) -> None:
    ends = time.monotonic() + 30
    while cluster.admin(query) != [(value,)]:
        assert time.monotonic() < ends, f"not {value!r}: {query}"


def _cases(office: Office) -> int:
    with office.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.service_case)).scalar_one())


def _refused_then_repeated(
    start: Callable[..., Any], office: Office, cluster: Any, body: dict[str, Any], **options: float
) -> dict[str, Any]:
    terminal = start(**options)
    with blocked(cluster):
        began = time.monotonic()
        refused = terminal.post_case(body)
        took_s = time.monotonic() - began
        again = terminal.post_case(body)
    assert [(answer.status_code, answer.json()["code"]) for answer in (refused, again)] == [(503, "busy")] * 2
    assert refused.json()["next"] == "retry" and int(refused.headers["retry-after"]) >= 1
    accepted = terminal.post_case(body)
    assert accepted.status_code == 201, accepted.text
    assert terminal.post_case(body).json() == accepted.json()
    assert accepted.json()["case_no"] == body["case_no"] and _cases(office) == 1
    return {"refused_after_s": round(took_s, 2), "cases": _cases(office)}


@ON_POSTGRESQL
def test_a_blocked_commit_is_told_in_time_and_repeated_without_doubling(
    start: Callable[..., Any], office: Office, cluster: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    _refused_then_repeated(start, office, cluster, submission(), answer_within_s=0.5)


@pytest.mark.proof
@ON_POSTGRESQL
def test_with_the_real_deadline_the_refusal_comes_before_a_terminal_hangs_up(
    start: Callable[..., Any], office: Office, cluster: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    figures = _refused_then_repeated(start, office, cluster, submission())
    assert figures["refused_after_s"] < 6.0
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "blocked-commit.json").write_text(json.dumps({**figures, "load": os.getloadavg()[0]}) + "\n", "utf-8")


def test_whoever_asked_leaves_and_the_work_is_done_all_the_same() -> None:
    hands, go, done = WriterThreads(1, 0.05), threading.Event(), threading.Event()

    def work() -> None:
        assert go.wait(20)
        done.set()

    with pytest.raises(DatabaseBusy, match="not known yet"):
        hands.run(work)
    with pytest.raises(DatabaseBusy, match="no turn"):
        hands.run(lambda: pytest.fail("it was given up before its turn"))
    go.set()
    assert done.wait(20)
    hands.close()
    with pytest.raises(DatabaseBusy, match="closed"):
        hands.run(lambda: None)


def test_a_result_and_a_problem_reach_the_one_who_asked() -> None:
    hands = WriterThreads(2, 20.0)
    assert hands.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        hands.run(lambda: 1 // 0)
    hands.close()


def test_no_more_threads_than_allowed_and_none_that_is_not_needed() -> None:
    hands, names = WriterThreads(3, 20.0), set()
    for _ in range(5):
        names.add(hands.run(threading.current_thread))
    assert len(names) <= 2
    hands.close()


def test_a_deadline_only_ever_shortens_a_wait() -> None:
    assert left_s(5.0) == 5.0
    with within(1.0):
        assert left_s(0.25) == 0.25 and 0.0 < left_s(5.0) <= 1.0
        with within(0.0):
            assert left_s(5.0) == 0.0
    assert left_s(5.0) == 5.0
