"""Values put into terminal.toml in their places, and an enrolment's answer that is not what it should be."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from kiosk.adapters import enrolment
from kiosk.adapters.config import ConfigError, load_terminal
from kiosk.adapters.terminal_file import put_values

SHIPPED = Path(__file__).resolve().parents[2] / "config" / "terminal.toml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    copy = tmp_path / "terminal.toml"
    copy.write_bytes(SHIPPED.read_bytes())
    return copy


def test_only_the_named_lines_change_and_their_comments_stay(file: Path) -> None:
    before = file.read_text("utf-8").splitlines()
    put_values(file, {("terminal", "device"): "XA-001-1", ("backoffice", "url"): "https://office.example"})
    after = file.read_text("utf-8").splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [new.partition("=")[0].strip() for _, new in changed] == ["device", "url"]
    assert changed[0][0].partition("#")[2] == changed[0][1].partition("#")[2]
    assert load_terminal(file).terminal.device == "XA-001-1"
    assert sorted(path.name for path in file.parent.iterdir()) == ["terminal.toml"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("terminal", "nowhere"), "x"),
        (("screen", "device"), "x"),
        (("terminal", "device"), 'x"\nsite = "0'),
        (("terminal", "device"), "x\\u0022"),
        (("screen", "width_px"), "1080"),
    ],
)
def test_what_has_no_place_or_no_sense_changes_nothing(file: Path, place: tuple[str, str], value: str) -> None:
    before = file.read_bytes()
    with pytest.raises(ConfigError):
        put_values(file, {place: value})
    assert file.read_bytes() == before
    assert sorted(path.name for path in file.parent.iterdir()) == ["terminal.toml"]


@pytest.mark.parametrize("typed", ["ab3de-fghjk", " AB3DEFGHJK ", "ab3 de fghjk"])
def test_a_code_is_the_same_however_it_is_typed(typed: str) -> None:
    assert enrolment.normal(typed) == "AB3DEFGHJK"


@pytest.mark.parametrize(
    "typed", ["", "AB3DEFGHJ", "AB3DEFGHJKK", "AB0DEFGHJK", "AB1DEFGHJK", "ABLDEFGHJK", "ＡB3DEFGHJK"]
)
def test_what_was_never_a_code_is_refused_before_it_is_sent(typed: str) -> None:
    with pytest.raises(enrolment.EnrolmentError, match="ten letters and digits"):
        enrolment.normal(typed)


class Answer:
    def __init__(self, status: int, body: Any) -> None:
        self.status_code, self._body = status, body

    def json(self) -> Any:
        return self._body


TOLD = {
    "device": "XA-017-1",
    "site": "350213007007",
    "site_no": "017",
    "server_time": 1,
    "profile": "hmac-sha256",
    "public_key": base64.urlsafe_b64encode(bytes([9]) + bytes(31)).decode().rstrip("="),
    "proof": "0" * 64,
}


@pytest.mark.parametrize(
    ("status", "body", "what"),
    [
        (201, TOLD, "does not have the same key"),
        (201, {**TOLD, "public_key": "A" * 43}, "none of a back office"),
        (201, {**TOLD, "public_key": "!"}, "none of a back office"),
        (201, {**TOLD, "server_time": "now"}, "none of a back office"),
        (201, {**TOLD, "profile": "none"}, "none of a back office"),
        (201, {"welcome": "to the hotel"}, "none of a back office"),
        (200, [], "Try again later"),
        (401, {"code": "code_wrong"}, "Ask the operator for a new one"),
        (429, {"code": "too_many_attempts"}, "Wait"),
        (502, {}, "Try again later"),
    ],
)
def test_an_answer_that_is_no_enrolment_gives_no_key(
    monkeypatch: pytest.MonkeyPatch, status: int, body: Any, what: str
) -> None:
    monkeypatch.setattr("requests.Session.post", lambda *_, **__: Answer(status, body))
    with pytest.raises(enrolment.EnrolmentError, match=what):
        enrolment.enrol("https://office.example", "AB3DEFGHJK")
