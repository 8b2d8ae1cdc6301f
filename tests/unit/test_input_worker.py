"""The input process: the real libraries, a protocol that nothing breaks, and the pipe that outlives a death."""

from __future__ import annotations

import ctypes
import io
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.pipes.input_pipe import InputPipe
from kiosk.domain.typing.state import LONGEST_CODE, MOST_POINTS, MOST_STROKES, Suggestion
from kiosk.input_worker import handwriting, kept, pinyin, request, rime_api
from kiosk.input_worker.__main__ import Ways, open_ways, serve
from kiosk.input_worker.library import Missing, open_library
from kiosk.input_worker.request import MOST_BYTES, BadInputRequest, read_request

ONE = (((100, 500), (900, 500)),)
"""The character of one stroke."""
PERSON = (((500, 100), (480, 400), (350, 700), (100, 900)), ((490, 420), (650, 700), (900, 900)))


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Ways:
    found, lacking = open_ways(tmp_path_factory.mktemp("input"))
    assert not lacking
    return found


def ask(ways: Ways, *lines: bytes) -> list[dict[str, object]]:
    sink = io.BytesIO()
    serve(ways, io.BytesIO(b"".join(line + b"\n" for line in lines)), sink)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def test_telephone_keys_give_simplified_words_with_what_they_leave(ways: Ways) -> None:
    _, surname, name = ask(
        ways, b'{"id": 1, "op": "pinyin", "code": "2436"}', b'{"id": 2, "op": "pinyin", "code": "243663"}'
    )
    assert surname["found"][0] == ["陈", ""]  # type: ignore[index]  # decoded JSON
    assert ["陈", "63"] in name["found"]  # type: ignore[operator]  # decoded JSON


def test_the_same_keys_give_the_same_words_again_whatever_was_taken(ways: Ways) -> None:
    line = b'{"id": 1, "op": "pinyin", "code": "94264267"}'
    answers = [ask(ways, line)[1] for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]


def test_a_drawn_character_is_found(ways: Ways) -> None:
    drawn = [json.dumps({"id": 1, "op": "drawn", "ink": ink}).encode() for ink in (ONE, PERSON)]
    _, one, person = ask(ways, *drawn)
    assert ["一", ""] in one["found"] and ["人", ""] in person["found"]  # type: ignore[operator]  # decoded JSON


LACKS = """
import json, sys
from pathlib import Path
from kiosk.input_worker.__main__ import open_ways
sys.dont_write_bytecode = True
shared, folder, model = map(Path, sys.argv[1:])
ways, lacking = open_ways(folder, shared, model)
print(json.dumps([sorted(ways), lacking]))
"""
INSTALLED, MODEL_INSTALLED = pinyin.SHARED, handwriting.MODEL


def lacks(tmp_path: Path, *gone: str, model: Path = MODEL_INSTALLED) -> tuple[list[str], dict[str, str]]:
    """What the input process can do on a machine without these files; in a process of its own, as it is."""
    shared, folder = tmp_path / "shared", tmp_path / "folder"
    shutil.copytree(INSTALLED, shared)
    folder.mkdir()
    for name in gone:
        (shared / name).unlink()
    command = [sys.executable, "-c", LACKS, str(shared), str(folder), str(model)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    ways, lacking = json.loads(done.stdout)
    return ways, lacking


@pytest.mark.parametrize(
    ("gone", "package"), [("default.yaml", "rime-prelude"), ("build/luna_pinyin.table.bin", "rime-data-luna-pinyin")]
)
def test_keys_that_give_no_words_are_named_with_their_package(tmp_path: Path, gone: str, package: str) -> None:
    """The library takes the schema without what it includes, and gives nothing for any key."""
    found, lacking = lacks(tmp_path, gone)
    assert found == ["drawn"]
    assert list(lacking) == ["pinyin"] and package in lacking["pinyin"]


def test_a_missing_model_of_the_handwriting_is_named_with_its_package(tmp_path: Path) -> None:
    found, lacking = lacks(tmp_path, model=tmp_path / "none.model")
    assert found == ["pinyin"]
    assert list(lacking) == ["drawn"] and "tegaki-zinnia-simplified-chinese" in lacking["drawn"]


def library_with(data_size: int | None) -> rime_api.Table:
    """The real library's table of functions, as long as an older one's."""
    library = open_library("librime.so.1", "librime1t64")
    library.rime_get_api.restype = ctypes.POINTER(rime_api.Table)
    table = rime_api.Table.from_buffer_copy(library.rime_get_api().contents)
    if data_size is not None:
        table.data_size = data_size
    return table


def test_an_older_library_is_told_by_the_length_of_its_table_and_not_called() -> None:
    """`set_input` is the last function that is used; a table one short of it ends where it would lie."""
    assert set(rime_api.functions_of(library_with(None))) == set(rime_api.SIGNATURES)
    place = rime_api.SIGNATURES["set_input"][0]
    pointer, head = ctypes.sizeof(ctypes.c_void_p), ctypes.sizeof(ctypes.c_int)
    enough = rime_api.Table.functions.offset + (place + 1) * pointer - head
    assert rime_api.functions_of(library_with(enough))
    with pytest.raises(Missing, match=r"too old.*set_input"):
        rime_api.functions_of(library_with(enough - pointer))


SUGGESTS = """
import json, sys
from pathlib import Path
from kiosk.input_worker import kept
from kiosk.input_worker.pinyin import Pinyin
sys.dont_write_bytecode = False
keys, folder = map(Path, sys.argv[1:])
kept.place = lambda *_: keys
compiled = []
whole, Pinyin._compile = Pinyin._compile, lambda self, folder: compiled.append(whole(self, folder))
print(json.dumps([Pinyin(folder).suggest("243663"), len(compiled)]))
"""


def test_kept_keys_give_what_compiled_ones_do(tmp_path: Path) -> None:
    """Each in a process of its own: the library knows one folder in its life."""
    runs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        command = [sys.executable, "-c", SUGGESTS, str(tmp_path / "keys"), str(tmp_path / name)]
        runs.append(json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout))
    (compiled, first), (from_kept, second) = runs
    assert (first, second) == (1, 0)
    assert compiled[:3] and from_kept == compiled


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"\0" * len(data), lambda data: b""])
def test_damaged_keys_are_not_taken(
    tmp_path: Path, damage: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    made, keys = tmp_path / "made", tmp_path / "keys"
    made.mkdir()
    for name, content in (("a.bin", b"\n\0 7 b\n"), ("b c.yaml", b"")):
        (made / name).write_bytes(content)
    kept.keep(made, keys)
    assert kept.take(keys, tmp_path / "whole")
    assert {file.name: file.read_bytes() for file in (tmp_path / "whole").iterdir()} == {
        "a.bin": b"\n\0 7 b\n",
        "b c.yaml": b"",
    }
    keys.write_bytes(damage(keys.read_bytes()))
    assert not kept.take(keys, tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_another_library_or_dictionary_has_keys_of_its_own(tmp_path: Path) -> None:
    source = tmp_path / "dictionary"
    source.write_bytes(b"words")
    first = kept.place("1.13", [source])
    assert first == kept.place("1.13", [source])
    source.write_bytes(b"more words")
    assert len({first, kept.place("1.13", [source]), kept.place("1.14", [source])}) == 3


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"x", "json"),
        (b"[]", "json"),
        (b'{"op": "pinyin"}', "id"),
        (b'{"id": true, "op": "pinyin", "code": "2"}', "id"),
        (b'{"id": 1, "op": "learn"}', "op"),
        (b'{"id": 1, "op": "pinyin", "code": ""}', "code"),
        (b'{"id": 1, "op": "pinyin", "code": "1"}', "code"),
        (b'{"id": 1, "op": "pinyin", "code": "' + b"2" * 25 + b'"}', "code"),
        (b'{"id": 1, "op": "drawn", "ink": []}', "ink"),
        (b'{"id": 1, "op": "drawn", "ink": [[[0, 1001]]]}', "ink"),
        (b'{"id": 1, "op": "drawn", "ink": [[[0, 1.5]]]}', "ink"),
    ],
)
def test_what_is_no_request_is_named_and_never_repeated(line: bytes, name: str) -> None:
    with pytest.raises(BadInputRequest) as bad:
        read_request(line)
    assert (bad.value.name, str(bad.value)) == (name, name)


def test_a_line_without_end_is_skipped_and_the_next_is_answered() -> None:
    ways: Ways = {"pinyin": lambda asked: [("ok", "")]}
    answers = ask(ways, b"2" * (3 * MOST_BYTES), b'{"id": 5, "op": "pinyin", "code": "2"}')
    assert answers[1:] == [{"error": "long"}, {"id": 5, "found": [["ok", ""]]}]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "op", "code", "ink"]), inner),
    max_leaves=12,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_has_one_answer(line: bytes) -> None:
    ways: Ways = {"pinyin": lambda asked: [], "drawn": lambda asked: []}
    lines = line.replace(b"\n", b" ")
    assert len(ask(ways, lines)) == 2


def test_both_sides_hold_the_same_bounds() -> None:
    ours = (request.LONGEST_CODE, request.MOST_STROKES, request.MOST_POINTS)
    assert ours == (LONGEST_CODE, MOST_STROKES, MOST_POINTS)


# ---- the pipe


DIES = """
import json, sys
print(json.dumps({"ready": ["pinyin"]}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if asked["code"] == "9":
        sys.exit(1)
    print(json.dumps({"id": asked["id"], "found": [["word", asked["code"]]]}), flush=True)
"""


LACKING = """
import json, pathlib, sys
lacking = {} if pathlib.Path(sys.argv[1]).exists() else {"pinyin": "no dictionary"}
print(json.dumps({"ready": [], "lacking": lacking}), flush=True)
sys.stdin.read()
"""


class Heard:
    """What a question came to; waited for, not slept for."""

    def __init__(self) -> None:
        self.found: list[tuple[Suggestion, ...] | None] = []
        self._came = threading.Event()

    def __call__(self, found: tuple[Suggestion, ...] | None) -> None:
        self.found.append(found)
        self._came.set()

    def wait(self) -> tuple[Suggestion, ...] | None:
        assert self._came.wait(20)
        return self.found[-1]


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[InputPipe]:
    script = tmp_path / "worker.py"
    script.write_text(DIES, encoding="utf-8")
    clock = SystemClock()
    made = InputPipe(clock, (sys.executable, str(script)))
    yield made
    made.close()
    clock.close()
    assert made.pid is None


def answered(pipe: InputPipe, code: str) -> tuple[Suggestion, ...]:
    """Ask until the process is there: while it is away each question is answered by None at once."""
    for _ in range(2_000_000):
        heard = Heard()
        pipe.pinyin(code, heard)
        found = heard.wait()
        if found is not None:
            return found
    raise AssertionError("the process never came")


def test_what_is_lacking_is_told_by_each_process_and_can_be_had_again(tmp_path: Path) -> None:
    """As it stands in the first line: a process that is started again may find what the one before did not."""
    script, found = tmp_path / "worker.py", tmp_path / "found"
    script.write_text(LACKING, encoding="utf-8")
    clock, told = SystemClock(), queue.Queue[Mapping[str, str]]()
    pipe = InputPipe(clock, (sys.executable, str(script), str(found)), told.put)
    try:
        assert told.get(timeout=20) == {"pinyin": "no dictionary"}
        found.touch()
        pid = pipe.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert told.get(timeout=20) == {}
    finally:
        pipe.close()
        clock.close()


def test_a_death_is_told_and_the_next_question_is_answered_by_a_new_process(pipe: InputPipe) -> None:
    assert answered(pipe, "24") == (Suggestion("word", "24"),)
    heard = Heard()
    pipe.pinyin("9", heard)
    assert heard.wait() is None
    assert answered(pipe, "36") == (Suggestion("word", "36"),)
    assert pipe.restarts == 1
