"""The server is killed while pieces arrive: what it acknowledged is there, and every file is whole in the end.

Writes out/proof/uploads_killed.json.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from office_support import programs
from PIL import Image

from backoffice.clock import SystemClock
from backoffice.files import by_content
from backoffice.office import open_office

OUT = Path(__file__).resolve().parents[3] / "out" / "proof" / "uploads_killed.json"
FILES, KILLS_EACH, PIECE, SEED = 6, 4, 48 * 1024, 20261127
TUS = {"Tus-Resumable": "1.0.0"}


class Sender(threading.Thread):
    """Sends pieces from an offset on until the server is gone; `acknowledged` is what it was told with 204."""

    def __init__(self, terminal: Any, target: str, content: bytes, offset: int) -> None:
        super().__init__()
        self.terminal, self.target, self.content = terminal, target, content
        self.acknowledged = offset
        self.under_way = threading.Semaphore(0)

    def run(self) -> None:
        try:
            while self.acknowledged < len(self.content):
                self._send()
        except httpx.HTTPError:
            return

    def _send(self) -> None:
        piece = self.content[self.acknowledged : self.acknowledged + PIECE]
        told = {"Upload-Offset": str(self.acknowledged), "Content-Type": "application/offset+octet-stream"}
        headers = self.terminal.headers("PATCH", self.target, piece, **TUS, **told)
        self.under_way.release()
        answer = self.terminal.http.request("PATCH", self.target, content=piece, headers=headers)
        assert answer.status_code == 204, answer.text
        self.acknowledged += len(piece)


def create(terminal: Any, content: bytes, n: int) -> str:
    values = {"digest": hashlib.new("sm3", content).hexdigest(), "filetype": "image/jpeg", "material": "photo"}
    coded = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())
    told = {"Upload-Length": str(len(content)), "Upload-Metadata": coded, "Idempotency-Key": f"upload-{n}"}
    headers = terminal.headers("POST", "/v1/uploads", b"", **TUS, **told)
    return str(terminal.http.request("POST", "/v1/uploads", headers=headers).headers["location"])


def offset_of(terminal: Any, target: str) -> int:
    answer = terminal.http.request("HEAD", target, headers=terminal.headers("HEAD", target, b"") | TUS)
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path, terminal_at: Callable[..., Any]) -> None:
    chance, data = random.Random(SEED), tmp_path / "data"
    key = tmp_path / "device.key"
    key.write_text(bytes(range(32)).hex(), "ascii")
    programs.run("device", "add", "K1", "--key-file", str(key), "--data", str(data))
    serve = ("serve", "--data", str(data), "--port", "0", "--lookups", "http://127.0.0.1:9")
    process, url = programs.start_program(*serve)
    seq, kept, sent_again, contents = None, 0, 0, []
    for n in range(FILES):
        content = _picture(chance)
        contents.append(content)
        terminal = terminal_at(url, SystemClock(), seq)
        target, offset = create(terminal, content, n), 0
        for _ in range(KILLS_EACH):
            sender = Sender(terminal, target, content, offset)
            sender.start()
            for _ in range(chance.randint(1, 4)):
                sender.under_way.acquire(timeout=30)
            threading.Event().wait(chance.random() * 0.02)  # anywhere between sending and being answered
            programs.end(process, signal.SIGKILL)
            sender.join()
            seq = terminal.seq
            process, url = programs.start_program(*serve)
            terminal = terminal_at(url, SystemClock(), seq)
            offset = offset_of(terminal, target)
            assert offset in (sender.acknowledged, sender.acknowledged + PIECE)
            kept += offset == sender.acknowledged + PIECE
            sent_again += offset == sender.acknowledged
        last = Sender(terminal, target, content, offset)
        last.start()
        last.join()
        assert last.acknowledged == len(content)
        seq = terminal.seq
        terminal.http.close()
    assert programs.end(process) == 0
    office = open_office(data, SystemClock())
    try:
        assert all(by_content.read(office, hashlib.new("sm3", content).hexdigest()) == content for content in contents)
    finally:
        office.close()
    assert not any((data / "uploads").iterdir())
    OUT.parent.mkdir(parents=True, exist_ok=True)
    figures = {"files": FILES, "kills": FILES * KILLS_EACH, "acknowledged_lost": 0}
    figures |= {"written_but_not_told": kept, "sent_again": sent_again}
    OUT.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")


def _picture(chance: random.Random) -> bytes:
    """About a megabyte of noise: it hardly gets smaller."""
    out = io.BytesIO()
    Image.frombytes("RGB", (900, 900), chance.randbytes(900 * 900 * 3)).save(out, "JPEG", quality=95)
    return out.getvalue()
