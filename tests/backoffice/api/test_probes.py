"""What monitoring asks: the office lives while its database answers, and its figures are not everybody's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from backoffice.api.probes import Pulse
from backoffice.documents import press
from backoffice.identity.limits import Limits, Rate
from backoffice.office import Office


def ask(terminal: Any, path: str, **headers: str) -> httpx.Response:
    answer: httpx.Response = terminal.http.get(path, headers=headers)
    return answer


def test_health_needs_no_key_and_tells_nothing_but_that_it_lives(terminal: Any) -> None:
    answer = ask(terminal, "/public/v1/health")
    assert answer.status_code == 200 and answer.json() == {"status": "ok"}


def test_health_is_503_while_the_database_does_not_answer(terminal: Any, office: Office) -> None:
    with office.database.write_alone() as connection:
        connection.exec_driver_sql("ALTER TABLE alembic_version RENAME TO moved")
    try:
        answer = ask(terminal, "/public/v1/health")
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "2"
        assert answer.json()["code"] == "busy" and "database" in answer.json()["detail"]
        assert "backoffice_database_up 0.0" in ask(terminal, "/metrics").text
    finally:
        with office.database.write_alone() as connection:
            connection.exec_driver_sql("ALTER TABLE moved RENAME TO alembic_version")


def test_an_office_without_faces_says_so_and_makes_papers_once_they_are_there(
    terminal: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    guide = "/v1/guides/XA047/paper?site=350213007007"
    with monkeypatch.context() as without:
        without.setenv("KIOSK_FONT_DIR", str(tmp_path))
        without.setattr(press, "_own", threading.local())
        answer = terminal.call("GET", guide)
        assert (answer.status_code, answer.json()["code"]) == (503, "papers_unavailable")
        assert answer.headers["Retry-After"] == "60" and str(tmp_path) not in answer.text
        assert terminal.call("GET", "/v1/health").json()["papers"] is False
        assert "backoffice_papers_up 0.0" in ask(terminal, "/metrics").text
    assert terminal.call("GET", guide).content.startswith(b"%PDF")
    assert terminal.call("GET", "/v1/health").json()["papers"] is True
    assert "backoffice_papers_up 1.0" in ask(terminal, "/metrics").text


def test_a_database_that_comes_back_is_seen_within_a_second(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [10.0]
    asked = iter([False, True])
    pulse = Pulse(office, lambda: now_s[0])
    monkeypatch.setattr(pulse, "_ask", lambda: next(asked))
    assert [pulse.beats(), pulse.beats()] == [False, False]
    now_s[0] += 1.0
    assert [pulse.beats(), pulse.beats()] == [True, True]


def test_probes_are_not_refused_for_what_their_neighbours_ask(start: Callable[..., Any]) -> None:
    one = Rate(1, 1)
    terminal = start(limits=Limits(one, one, one))
    answers = [ask(terminal, "/public/v1/documents/none").status_code for _ in range(4)]
    assert 429 in answers
    assert {ask(terminal, "/public/v1/health").status_code for _ in range(8)} == {200}


def test_figures_count_routes_and_never_numbers(terminal: Any) -> None:
    ask(terminal, "/public/v1/documents/ABCDEFGHJK")
    ask(terminal, "/public/v1/nowhere/350213")
    told = ask(terminal, "/metrics")
    assert told.status_code == 200 and told.headers["content-type"].startswith("text/plain")
    assert 'route="/public/v1/documents/{code}"' in told.text and "backoffice_database_up 1.0" in told.text
    assert "ABCDEFGHJK" not in told.text and "350213" not in told.text


def test_figures_are_not_told_through_a_proxy(terminal: Any) -> None:
    answer = ask(terminal, "/metrics", **{"X-Forwarded-For": "192.0.2.7"})
    assert answer.status_code == 403 and "backoffice_" not in answer.text


def test_with_a_token_only_who_shows_it_reads_figures(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKOFFICE_METRICS_TOKEN", "a-long-secret")
    terminal = start()
    assert ask(terminal, "/metrics").status_code == 401
    assert ask(terminal, "/metrics", Authorization="Bearer another").status_code == 401
    through = {"Authorization": "Bearer a-long-secret", "X-Forwarded-For": "192.0.2.7"}
    assert ask(terminal, "/metrics", **through).status_code == 200
