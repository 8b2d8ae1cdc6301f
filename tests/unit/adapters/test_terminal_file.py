"""What an enrolment leaves and where, and an answer that is not what it should be."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from kiosk.__main__ import main
from kiosk.adapters import enrolment
from kiosk.adapters.settings.config import ConfigError, load_terminal
from kiosk.adapters.signing import Profile
from kiosk.adapters.store.kiosk_key import read_hex_key

SHIPPED = Path(__file__).resolve().parents[3] / "config" / "terminal.toml"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    (tmp_path / "state").mkdir(mode=0o700)
    copy = tmp_path / "config" / "terminal.toml"
    copy.parent.mkdir()
    copy.write_bytes(SHIPPED.read_bytes())
    return copy


def enrolled(device: str = "XA-001-1") -> enrolment.Enrolled:
    return enrolment.Enrolled(device, "350213001001", "001", 1, Profile("hmac-sm3"), bytes(range(32)))


def enrol(file: Path, monkeypatch: pytest.MonkeyPatch, told: enrolment.Enrolled, *more: str) -> int:
    monkeypatch.setattr(enrolment, "enrol", lambda *_: told)
    return main(["enrol", "AB3DEFGHJK", "--config", str(file.parent), *more])


def test_an_enrolment_lies_in_the_state_folder_and_the_settings_stay_as_they_are(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.chmod(0o444)
    file.parent.chmod(0o555)
    assert enrol(file, monkeypatch, enrolled(), "--server", "https://office.example") == 0
    assert file.read_bytes() == SHIPPED.read_bytes()
    assert [path.name for path in file.parent.iterdir()] == ["terminal.toml"]
    config = load_terminal(file)
    assert (config.terminal.device, config.terminal.site_no) == ("XA-001-1", "001")
    assert (config.terminal.village, config.backoffice.url) == ("后村社区", "https://office.example")
    assert read_hex_key(file.parent / config.backoffice.key_file) == bytes(range(32))
    assert enrol(file, monkeypatch, enrolled("XA-001-2")) == 0
    assert load_terminal(file).backoffice.url == "https://office.example", "a new key keeps the address"


def test_what_root_enrols_belongs_to_the_owner_of_the_state_folder(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:
        pytest.fail("only root can give a file away")
    os.chown(tmp_path / "state", 12345, 12346)
    assert enrol(file, monkeypatch, enrolled()) == 0
    for name in ("device.key", "enrolled.toml"):
        made = (tmp_path / "state" / name).stat()
        assert (made.st_uid, made.st_gid, stat.S_IMODE(made.st_mode)) == (12345, 12346, 0o600)


def test_root_makes_no_state_folder_that_the_terminal_could_not_read(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").rmdir()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert enrol(file, monkeypatch, enrolled()) == 2
    assert "Start the terminal once" in (told := capsys.readouterr().err) and "The code was not used" in told
    assert not (tmp_path / "state").exists()


def test_an_answer_that_cannot_be_used_leaves_everything_as_it_was(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = enrolment.Enrolled("XA-001-1", "nowhere", "001", 1, Profile("hmac-sm3"), bytes(32))
    assert enrol(file, monkeypatch, wrong) == 1
    assert "site must be the village's 12-digit code" in capsys.readouterr().err
    assert not list((tmp_path / "state").iterdir())


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("not toml", "not TOML"),
        ("[screen]\nwidth_px = 1", "none of an enrolment"),
        ("[terminal]\nsite = 3", "none of an enrolment"),
        ('[terminal]\n\nsite = "x"', "enrolled.toml:3: site must be the village's 12-digit code"),
    ],
)
def test_a_damaged_enrolment_is_named_with_its_place(file: Path, tmp_path: Path, content: str, what: str) -> None:
    (tmp_path / "state" / "enrolled.toml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=what) as told:
        load_terminal(file)
    assert str(told.value).startswith(str(tmp_path / "state" / "enrolled.toml"))


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
