"""`kiosk demo` on a display that is there: every device and the payment side, and the hands that play them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from kiosk.play import demo
from kiosk.play.run_folder import environment, make_folder

SHOWN: list[tuple[Any, ...]] = []


class Stage:
    """Only notes what it is asked for; the real one is tried by every journey."""

    def __init__(self, _folder: Any, **options: Any) -> None:
        SHOWN.append(("devices", *options["devices"]))

    def set_up(self, **options: Any) -> None:
        SHOWN.append(("set_up", options))

    def twin(self, device: str, op: str, **options: Any) -> None:
        SHOWN.append((device, op, *options))

    def start_kiosk(self) -> None: ...
    def check_alive(self) -> None: ...
    def stop_all(self) -> None: ...


def test_the_kiosk_to_touch_has_payments_a4_paper_cameras_and_a_paper_scanner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SHOWN.clear()
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr(demo, "Stage", Stage)
    monkeypatch.setattr("sys.stdin", io.StringIO("page\nlook\npage off\nquit\n"))
    assert demo.main(tmp_path / "out") == 0
    assert SHOWN == [
        ("devices", "document_printer", "document_scanner", "id_face", "portrait"),
        ("set_up", {"payments": True}),
        ("document_scanner", "show", "page"),
        ("portrait", "show", "portrait"),
        ("document_scanner", "clear_view"),
    ]


def test_what_this_machine_cannot_simulate_is_named_and_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Lacking:
        stdout, stderr = "ippeveprinter is missing: install the Debian package cups-ipp-utils", ""

    monkeypatch.setattr("subprocess.run", lambda *_, **__: Lacking)
    assert demo._simulated() == ()
    assert "kiosk demo: without document_printer: ippeveprinter is missing" in capsys.readouterr().err


@pytest.mark.parametrize(("display", "cookie"), [(":7", "/somewhere/cookie"), (":8", None)])
def test_a_display_that_was_there_gets_its_cookie(
    display: str, cookie: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setenv("XAUTHORITY", "/somewhere/cookie")
    folder = make_folder(None)
    try:
        assert environment(folder, display).get("XAUTHORITY") == cookie
    finally:
        folder.remove()
