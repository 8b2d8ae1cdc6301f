"""Run as a process of its own: becomes a pcscd that shares neither network nor socket path with the machine.

    unshare --mount --net python private_pcscd.py READER_CONF_DIR

Loopback alone is brought up; the virtual reader therefore listens to nobody outside.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

SIOCSIFFLAGS = 0x8914
IFF_UP_RUNNING = 0x41


def main(reader_conf: str) -> None:
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP_RUNNING))
    Path("/run/pcscd").mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run/pcscd"], check=True)
    os.execvp("pcscd", ["pcscd", "--foreground", "--disable-polkit", "--config", reader_conf])


if __name__ == "__main__":
    main(sys.argv[1])
