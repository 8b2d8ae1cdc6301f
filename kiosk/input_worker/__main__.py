"""`python -m kiosk.input_worker`: JSON lines in, JSON lines out, until the input ends.

    {"id": 7, "op": "pinyin", "code": "2436"}            -> {"id": 7, "found": [["word", ""], ["w", "36"]]}
    {"id": 8, "op": "drawn", "ink": [[[0, 500], …], …]}   -> {"id": 8, "found": [["word", ""]]}

`found`: text and what is left of the code, the likely one first. What cannot be answered: {"id": …, "error": "name"};
a line that is no request has no id. First of all: {"ready": ["drawn"], "lacking": {"pinyin": "why"}}, what this machine
can do and why not the rest.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from kiosk.input_worker.handwriting import MODEL, Handwriting
from kiosk.input_worker.library import Missing
from kiosk.input_worker.pinyin import SHARED, Pinyin
from kiosk.input_worker.request import MOST_BYTES, BadInputRequest, Request, read_request

Found = list[tuple[str, str]]
Ways = Mapping[str, Callable[[Request], Found]]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="tshu-pinn-input-") as folder:
        ways, lacking = open_ways(Path(folder))
        sys.stderr.write("".join(f"input: {what}\n" for what in lacking.values()))
        serve(ways, sys.stdin.buffer, sys.stdout.buffer, lacking)
    return 0


def open_ways(folder: Path, shared: Path = SHARED, model: Path = MODEL) -> tuple[Ways, Mapping[str, str]]:
    """What can be done here, and why the rest cannot.

    :param folder: empty and this process's own. :param shared: librime's data. :param model: of the handwriting.
    """
    ways: dict[str, Callable[[Request], Found]] = {}
    lacking: dict[str, str] = {}
    try:
        pinyin = Pinyin(folder, shared)
        ways["pinyin"] = lambda request: pinyin.suggest(request.code)
    except Missing as why:
        lacking["pinyin"] = str(why)
    try:
        handwriting = Handwriting(model)
        ways["drawn"] = lambda request: [(text, "") for text in handwriting.suggest(request.ink)]
    except Missing as why:
        lacking["drawn"] = str(why)
    return ways, lacking


def serve(ways: Ways, source: BinaryIO, sink: BinaryIO, lacking: Mapping[str, str] = MappingProxyType({})) -> None:
    """One answer for each line, in their order."""
    _write(sink, {"ready": sorted(ways), "lacking": dict(lacking)})
    while line := source.readline(MOST_BYTES + 1):
        if len(line) > MOST_BYTES and not line.endswith(b"\n"):
            _skip(source)
            _write(sink, {"error": "long"})
            continue
        _write(sink, _answer(ways, line))


def _skip(source: BinaryIO) -> None:
    """To the end of a line that is too long."""
    while (part := source.readline(MOST_BYTES)) and not part.endswith(b"\n"):
        pass


def _answer(ways: Ways, line: bytes) -> dict[str, object]:
    try:
        request = read_request(line)
    except BadInputRequest as bad:
        return {"error": bad.name} if bad.id is None else {"id": bad.id, "error": bad.name}
    way = ways.get(request.op)
    return {"id": request.id, "error": "missing"} if way is None else {"id": request.id, "found": way(request)}


def _write(sink: BinaryIO, answer: Mapping[str, object]) -> None:
    sink.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
    sink.flush()


if __name__ == "__main__":
    sys.exit(main())
