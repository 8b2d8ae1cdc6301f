"""Starts every twin of a sim.toml as its own process and ends them all together."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import stat
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from drivers.sim.lifetime import ends_with_us

READY_TIMEOUT_S = 20.0
END_TIMEOUT_S = 5.0


class UpError(Exception):
    """A twin did not come up; the text names it."""


def read_plan(path: Path) -> dict[str, Mapping[str, object]]:
    """sim.toml: one table a device; its name is the link's name. :raises UpError: naming the file."""
    try:
        plan = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UpError(f"{path}: {error}") from error
    for name, table in plan.items():
        if not isinstance(table, dict):
            raise UpError(f"{path}: {name} must be a table")
    return plan


def command(twin: str, link: Path, control: Path, settings: Mapping[str, object]) -> list[str]:
    """The command line of one twin."""
    options = ["--link", str(link), "--control", str(control), "--settings", json.dumps(settings, ensure_ascii=False)]
    return [sys.executable, "-m", "drivers.sim", twin, *options]


def up(plan_path: Path, run_dir: Path) -> None:
    """Start all, write `ready`, wait for SIGTERM, SIGINT or the end of our own stdin pipe, end all.

    :raises UpError: when a twin does not come up; those already started are ended.
    """
    plan = read_plan(plan_path)
    run_dir.mkdir(parents=True, exist_ok=True)
    with _alone_in(run_dir):
        _up(plan, plan_path, run_dir)


@contextlib.contextmanager
def _alone_in(run_dir: Path) -> Iterator[None]:
    """A second one would take the links away from the first, whose devices nobody would find any more.

    :raises UpError: another process has its devices there; they go on.
    """
    # The kernel lets go of it however the process ends.
    descriptor = os.open(run_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UpError(
                f"{run_dir}: simulated devices run in this folder already, and go on; end them or name another --dir"
            ) from error
        yield
    finally:
        os.close(descriptor)


def _up(plan: Mapping[str, Mapping[str, object]], plan_path: Path, run_dir: Path) -> None:
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, table in plan.items():
            settings = _resolved(table, plan_path.parent)
            line = command(str(table.get("twin", name)), run_dir / name, run_dir / f"{name}.ctl", settings)
            children[name] = subprocess.Popen(ends_with_us(line), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        _await_ready(children)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        _wait_for_the_end(children)
    finally:
        _end(list(children.values()))


def _resolved(table: Mapping[str, object], home: Path) -> dict[str, object]:
    """The twin's settings; a relative `..._file` is meant from the sim.toml's folder."""
    settings = {key: value for key, value in table.items() if key != "twin"}
    for key, value in settings.items():
        if key.endswith("_file"):
            settings[key] = str((home / str(value)).resolve())
    return settings


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _await_ready(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    for name, child in children.items():
        assert child.stdout is not None
        left_s = max(0.0, deadline_s - time.monotonic())
        readable, _, _ = select.select([child.stdout], [], [], left_s)
        if not readable or child.stdout.readline().strip() != b"ready":
            raise UpError(f"{name}: the simulated device did not start")


def parent_pipe() -> int | None:
    """Our stdin when it is a pipe or socket: its end means that the parent has gone. None otherwise."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return None
    return 0 if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) else None


def _wait_for_the_end(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """A twin's stdout ends when it dies: then the whole bench ends, loudly."""
    watched = {child.stdout.fileno(): name for name, child in children.items() if child.stdout is not None}
    pipe = parent_pipe()
    while True:
        readable, _, _ = select.select([*watched, *([] if pipe is None else [pipe])], [], [])
        for fd in readable:
            if os.read(fd, 4096):
                continue
            if fd == pipe:
                return
            raise UpError(f"{watched[fd]}: the simulated device ended")


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
