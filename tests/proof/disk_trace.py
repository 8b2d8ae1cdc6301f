"""From an strace log to the list of everything that one process did to the files of one folder.

Whatever could change a file and is not understood here is an error: a proof must not look away.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

CALLS = (
    "openat,close,write,pwrite64,fsync,fdatasync,ftruncate,unlink,rename,"
    "open,creat,openat2,writev,pwritev,pwritev2,truncate,fallocate,unlinkat,renameat,renameat2,link,linkat,"
    "copy_file_range,sendfile,splice,mmap,sync_file_range,dup,dup2,dup3,mkdir,mkdirat,fork,vfork"
)
_LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+|\?)(.*)$")
_BEGUN = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
_QUOTED = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_FD = re.compile(r"^(\d+)(?:<((?:\\x[0-9a-f]{2})*)[^>]*>)?")
_IGNORED = frozenset({"close", "mkdir", "mkdirat"})


class Did(StrEnum):
    OPEN = "open"
    WRITE = "write"
    SYNC = "sync"
    SYNC_FOLDER = "sync_folder"
    TRUNCATE = "truncate"
    UNLINK = "unlink"
    RENAME = "rename"
    LINK = "link"
    ACK = "ack"


@dataclass(frozen=True, slots=True)
class Act:
    did: Did
    file: int = 0
    """Number of the open file description: two openings of one name may be two files."""
    name: str = ""
    to: str = ""
    offset: int = 0
    """Of a write; the new size of a truncate; 1 at an OPEN that empties the file."""
    data: bytes = b""


class NotUnderstood(Exception):
    pass


def record(command: list[str], log: Path, environment: dict[str, str]) -> None:
    """Run a command under strace whose threads change files one after the other. :raises CalledProcessError:"""
    strace = ["strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "1000000", "-e", f"trace={CALLS}", "-o", str(log)]
    subprocess.run([*strace, *command], check=True, env=environment, stdout=subprocess.DEVNULL, timeout=300)


def acts(log: Path, folder: Path) -> list[Act]:
    reader = _Reader(folder)
    with log.open("r", encoding="ascii") as lines:
        for line in lines:
            reader.take(line)
    return reader.acts


class _Reader:
    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._files: dict[int, int] = {}
        self._positions: dict[int, int] = {}
        self._count = 0
        self._begun: dict[str, tuple[str, int]] = {}
        """Thread -> the call in which it was when another thread's was written, and how much had been done by then."""
        self.acts: list[Act] = []

    def take(self, line: str) -> None:
        if line.endswith(("+++\n", "---\n")):
            return
        if begun := _BEGUN.match(line):
            if begun[2] == "close":
                # At once: its number may be given to another file before the call is written to the end.
                self._close(begun[3], 0)
            else:
                self._begun[begun[1]] = line.removesuffix(" <unfinished ...>\n"), len(self.acts)
            return
        if resumed := _RESUMED.match(line):
            if resumed[1] in self._begun:
                self._take_to_the_end(*self._begun.pop(resumed[1]), resumed[2] + "\n")
            return
        self._take_whole(line)

    def _take_to_the_end(self, beginning: str, done_before: int, end: str) -> None:
        """Of two acts at one time nobody can say which the disk saw first, or what a sync has taken along."""
        done_now = len(self.acts)
        self._take_whole(beginning + end)
        if done_before < done_now < len(self.acts):
            raise NotUnderstood(f"two acts at one time: {beginning[:200]}")

    def _take_whole(self, line: str) -> None:
        match = _LINE.match(line)
        if not match:
            if self._hex(self._folder) in line:
                raise NotUnderstood(line[:200])
            return
        _, call, arguments, result, _ = match.groups()
        if result.startswith("-") or result == "?":
            return
        handler = getattr(self, f"_{call}", None)
        if handler is not None:
            handler(arguments, int(result, 16 if result.startswith("0x") else 10))
        elif call not in _IGNORED and (self._hex(self._folder) in arguments or call.endswith("fork")):
            raise NotUnderstood(line[:200])

    @staticmethod
    def _hex(text: str) -> str:
        return "".join(f"\\x{byte:02x}" for byte in text.encode())

    @staticmethod
    def _bytes(escaped: str) -> bytes:
        return bytes.fromhex(escaped.replace("\\x", ""))

    def _name(self, path: str) -> str | None:
        """A file's name when it lies in the folder."""
        return path[len(self._folder) + 1 :] if path.startswith(self._folder + "/") else None

    def _quoted(self, arguments: str) -> list[bytes]:
        return [self._bytes(text) for text in _QUOTED.findall(arguments)]

    def _fd(self, arguments: str) -> tuple[int, str]:
        match = _FD.match(arguments)
        if not match:
            raise NotUnderstood(arguments[:100])
        return int(match[1]), self._bytes(match[2] or "").decode()

    def _openat(self, arguments: str, fd: int) -> None:
        path = self._quoted(arguments)[0].decode()
        self._files.pop(fd, None)
        name = self._name(path)
        if path == self._folder:
            self._files[fd] = 0
        if name is None or not ("O_WRONLY" in arguments or "O_RDWR" in arguments):
            return
        if "O_APPEND" in arguments:
            raise NotUnderstood("append")
        self._count += 1
        self._files[fd], self._positions[fd] = self._count, 0
        self.acts.append(Act(Did.OPEN, self._count, name, offset=int("O_TRUNC" in arguments)))

    def _close(self, arguments: str, result: int) -> None:
        self._files.pop(self._fd(arguments)[0], None)

    def _write(self, arguments: str, written: int) -> None:
        fd, _ = self._fd(arguments)
        if fd == 1:
            self.acts.append(Act(Did.ACK, data=self._quoted(arguments)[0]))
        elif self._files.get(fd):
            data = self._quoted(arguments)[0][:written]
            self.acts.append(Act(Did.WRITE, self._files[fd], offset=self._positions[fd], data=data))
            self._positions[fd] += written

    def _pwrite64(self, arguments: str, written: int) -> None:
        fd, _ = self._fd(arguments)
        if self._files.get(fd):
            offset = int(arguments.rsplit(", ", 1)[1])
            data = self._quoted(arguments)[0][:written]
            if len(data) != written:
                raise NotUnderstood("cut payload")
            self.acts.append(Act(Did.WRITE, self._files[fd], offset=offset, data=data))

    def _fsync(self, arguments: str, result: int) -> None:
        fd, path = self._fd(arguments)
        if path == self._folder:
            self.acts.append(Act(Did.SYNC_FOLDER))
        elif self._files.get(fd):
            self.acts.append(Act(Did.SYNC, self._files[fd]))

    _fdatasync = _fsync

    def _ftruncate(self, arguments: str, result: int) -> None:
        fd, _ = self._fd(arguments)
        if self._files.get(fd):
            size = int(arguments.rsplit(", ", 1)[1])
            self.acts.append(Act(Did.TRUNCATE, self._files[fd], offset=size))

    def _unlink(self, arguments: str, result: int) -> None:
        name = self._name(self._quoted(arguments)[0].decode())
        if name is not None:
            self.acts.append(Act(Did.UNLINK, name=name))

    def _rename(self, arguments: str, result: int) -> None:
        before, after = (self._name(path.decode()) for path in self._quoted(arguments))
        if before is not None and after is not None:
            self.acts.append(Act(Did.RENAME, name=before, to=after))

    def _link(self, arguments: str, result: int) -> None:
        one, another = (self._name(path.decode()) for path in self._quoted(arguments))
        if (one is None) != (another is None):
            raise NotUnderstood("a link across the folder's edge")
        if one is not None and another is not None:
            self.acts.append(Act(Did.LINK, name=one, to=another))

    def _mmap(self, arguments: str, result: int) -> None:
        """Reading through a map is harmless; a shared writable map of our files would escape this log.

        Except the index of a write-ahead log: SQLite makes it anew from the log after a cut.
        """
        shared = "PROT_WRITE" in arguments and "MAP_SHARED" in arguments
        if shared and self._hex(self._folder) in arguments and self._hex("-shm") not in arguments:
            raise NotUnderstood("shared writable map")
