"""The reviewing page over HTTP: what a native speaker does, and what nobody else may."""

from __future__ import annotations

import http.client
import io
import json
import re
import socket
import threading
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voices.packs import reviews
from voices.packs.said import surface
from voices.prompts import load_words
from voices.review import proposal
from voices.review.desk import Desk
from voices.review.items import of_texts
from voices.review.server import BODY_BYTES, Server
from voices.worker.espeak import Espeak


@dataclass
class Page:
    """A browser that has the page open."""

    server: Server
    reviewer: str = "陈老师"

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        return self.request("GET", path, None, headers)

    def post(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        headers = {"Content-Type": "application/json", "X-Review-Token": self.server.token}
        status, content = self.request("POST", path, json.dumps({"reviewer": self.reviewer, **body}).encode(), headers)
        return status, {} if content[:4] == b"RIFF" else json.loads(content)

    def request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=20)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def items(self) -> list[dict[str, Any]]:
        _, raw = self.get(f"/api/items?reviewer={self.quoted}")
        found: list[dict[str, Any]] = json.loads(raw)
        return found

    @property
    def quoted(self) -> str:
        return quote(self.reviewer)

    def hear(self, number: int) -> tuple[int, bytes]:
        return self.get(f"/api/sound?item={number}&reviewer={self.quoted}")


@pytest.fixture(scope="session")
def engine(voice_dir: Path) -> Espeak:
    return Espeak(voice_dir)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "reviews.jsonl"


@pytest.fixture
def page(engine: Espeak, results: Path) -> Iterator[Page]:
    server = Server(Desk(of_texts(load_words(), "nan", "tongan"), results, engine, own=("王作者",)), 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield Page(server)
    server.shutdown()
    thread.join()
    server.server_close()


def number(page: Page, key: str) -> int:
    return next(int(item["number"]) for item in page.items() if item["key"] == key)


def test_the_page_needs_nothing_from_anywhere_else(page: Page) -> None:
    status, html = page.get("/")
    assert status == 200 and page.server.token in html.decode()
    for path in ("/", "/page.css", "/page.js"):
        status, raw = page.get(path)
        assert status == 200
        assert not re.search(rb"https?://(?!127\.0\.0\.1)", raw), path
    assert b"<script>" not in html and b"onclick" not in html, "the page's policy forbids scripts inside it"


def test_she_hears_every_kind_and_the_unsure_are_marked(page: Page) -> None:
    items = page.items()
    groups = ("prompts", "values", "surnames", "places", "terms")
    assert {item["group"] for item in items} == set(groups)
    low = [item for item in items if item["sure"] == "low"]
    assert low and all(item["why"] for item in low if item["group"] == "prompts")
    for group in groups:
        status, raw = page.hear(next(int(item["number"]) for item in items if item["group"] == group))
        with wave.open(io.BytesIO(raw)) as sound:
            assert status == 200 and sound.getnframes() > 0.2 * sound.getframerate()


@pytest.mark.parametrize(("lang", "accent"), [("nan", "tongan"), ("nan", "xiamen"), ("cmn", "")])
def test_every_item_can_be_said_and_none_stands_twice(lang: str, accent: str) -> None:
    items = of_texts(load_words(), lang, accent)
    assert len({(item.key, item.index, item.reading) for item in items}) == len(items) > 600
    for item in items:
        assert surface(lang, accent, item.reading), item
        if lang == "nan":
            proposal.reading(lang, item.reading.script, item.reading.sound)


def test_right_is_noted_and_there_when_she_comes_back(page: Page, results: Path) -> None:
    at = number(page, "welcome.invite")
    page.hear(at)
    assert page.post("/api/verdict", item=at, verdict="right") == (200, {"noted": True})
    assert page.items()[at]["verdict"] == "right"
    (review,) = reviews.read(results)
    assert (review.reviewer, review.key, review.index, review.sound) == (
        "陈老师",
        "welcome.invite",
        0,
        page.items()[at]["sound"],
    )
    assert Page(page.server, "林老师").items()[at]["verdict"] == "", "another person has her own list"


def test_nothing_is_judged_unheard(page: Page, results: Path) -> None:
    at = number(page, "welcome.start_nan")
    status, answer = page.post("/api/verdict", item=at, verdict="right")
    assert status == 400 and "先听一遍" in answer["error"]
    assert reviews.read(results) == []


def test_a_better_reading_is_heard_before_it_is_taken(page: Page, results: Path) -> None:
    at = number(page, "welcome.start_nan")
    page.hear(at)
    better = {"han": "听闽南话", "sound": "thiann1 ban5-lam5-ue7--e5"}
    status, answer = page.post("/api/verdict", item=at, verdict="better", **better)
    assert status == 400 and "4 个" in answer["error"] and "5 个" in answer["error"]
    better = {"han": "来听闽南话", "sound": "lai5 thiann1 ban5-lam5-ue7"}
    status, answer = page.post("/api/verdict", item=at, verdict="better", **better)
    assert status == 400 and "先听一遍" in answer["error"]
    assert page.post("/api/try", item=at, **better)[0] == 200
    assert page.post("/api/verdict", item=at, verdict="better", **better)[0] == 200
    (review,) = reviews.read(results)
    assert (review.better_han, review.better) == ("来听闽南话", "lai5 thiann1 ban5-lam5-ue7")


@pytest.mark.parametrize(
    ("han", "sound", "complaint"),
    [
        ("听闽南话", "thiann1 ban5-lam5-xe7", "「xe7」读不出来"),
        ("听闽南话", "thiann1 ban5-lam5-ue4", "「ue4」读不出来"),
        ("听闽南话", "thiann1 ban5-lam6-ue7", "「lam6」没有这个声调"),
        ("听闽南话", "thiann1 ban5-lam5", "要一样多"),
        ("听闽南话", "", "请写台罗拼音"),
        ("", "thiann1", "请写汉字"),
        ("listen", "thiann1", "只写汉字"),
        ("听", "--thiann1", "前面要有一个音节"),
        ("听" * 500, "thiann1", "太长"),
    ],
)
def test_what_cannot_be_said_is_explained(han: str, sound: str, complaint: str, page: Page) -> None:
    status, answer = page.post("/api/try", item=number(page, "welcome.start_nan"), han=han, sound=sound)
    assert status == 400 and complaint in answer["error"]


def test_what_was_noted_is_never_overwritten_and_the_last_word_counts(page: Page, results: Path) -> None:
    at = number(page, "welcome.invite")
    page.hear(at)
    page.post("/api/verdict", item=at, verdict="wrong", note="太快")
    first = results.read_bytes()
    page.post("/api/verdict", item=at, verdict="right")
    assert results.read_bytes().startswith(first) and len(reviews.read(results)) == 2
    assert page.items()[at]["verdict"] == "right"


@pytest.mark.parametrize("name", ["王作者", " 王 作者 ", "", "x" * 41, "陈,林", "a\tb"])
def test_the_author_and_nobody_are_refused(name: str, page: Page, results: Path) -> None:
    stranger = Page(page.server, name)
    status, raw = stranger.get(f"/api/items?reviewer={stranger.quoted}")
    assert status == 400 and json.loads(raw)["error"]
    assert stranger.post("/api/verdict", item=0, verdict="right")[0] == 400
    assert reviews.read(results) == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "evil.example:{port}", "127.0.0.1.evil.example:{port}"])
def test_a_name_that_was_bent_to_this_machine_gets_nothing(host: str, page: Page) -> None:
    for path in ("/", "/api/items?reviewer=a", "/api/sound?item=0&reviewer=a"):
        status, raw = page.get(path, Host=host.format(port=page.server.server_port))
        assert status == 403 and page.server.token not in raw.decode()


def test_another_page_cannot_note_anything(page: Page, results: Path) -> None:
    body = json.dumps({"reviewer": "a", "item": 0, "verdict": "wrong"}).encode()
    good = {"Content-Type": "application/json", "X-Review-Token": page.server.token}
    for change in (
        {"X-Review-Token": ""},
        {"X-Review-Token": "é"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Content-Type": "text/plain"},
    ):
        status, _ = page.request("POST", "/api/verdict", body, {**good, **change})
        assert status in (403, 415), change
    assert reviews.read(results) == []


def test_only_this_machine_is_listened_to(page: Page) -> None:
    assert page.server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("size", ["", "-1", "x", str(BODY_BYTES + 1), "99999999999999999999"])
def test_a_body_without_a_fair_size_is_not_read(size: str, page: Page) -> None:
    with socket.create_connection(("127.0.0.1", page.server.server_port), timeout=20) as wire:
        head = f"POST /api/verdict HTTP/1.1\r\nHost: 127.0.0.1:{page.server.server_port}\r\n"
        head += f"X-Review-Token: {page.server.token}\r\nContent-Type: application/json\r\n"
        wire.sendall(f"{head}Content-Length: {size}\r\n\r\n".encode())
        assert re.match(rb"HTTP/1\.\d (411|413)", wire.recv(100))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/api/try", "/api/verdict", "/api/other"]),
    body=st.binary(max_size=60)
    | st.dictionaries(
        st.sampled_from(["reviewer", "item", "verdict", "han", "sound", "note"]),
        st.none() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=2),
    ).map(lambda table: json.dumps(table).encode()),
)
def test_any_body_gets_a_clear_answer(path: str, body: bytes, page: Page, results: Path) -> None:
    headers = {"Content-Type": "application/json", "X-Review-Token": page.server.token}
    status, raw = page.request("POST", path, body, headers)
    assert status in (400, 404) and json.loads(raw)["error"]
    assert reviews.read(results) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60))
def test_any_query_gets_a_clear_answer(query: str, page: Page) -> None:
    for path in ("/api/sound", "/api/items", "/"):
        status, raw = page.get(f"{path}?{query}")
        assert status in (200, 400) and raw
