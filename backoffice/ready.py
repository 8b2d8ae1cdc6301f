"""How a server tells whoever started it that it is ready, and where."""

from __future__ import annotations

import argparse
import errno
import json
import sys

HIGHEST_PORT = 65_535
HOST = "127.0.0.1"
"""TLS and the outside belong to the proxy in front."""


def port_number(text: str) -> int:
    """For argparse."""
    if not (text.isascii() and text.isdecimal() and int(text) <= HIGHEST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 1 to {HIGHEST_PORT}, or 0 for a free one")
    return int(text)


def taken(port: int, error: OSError) -> OSError:
    """The same with what to do about it."""
    if error.errno != errno.EADDRINUSE:
        return error
    return OSError(
        f"port {port} of {HOST} is taken by another process: end that one, or name another --port (0: a free one)"
    )


def announce(port: int) -> None:
    """The one line on standard output."""
    sys.stdout.write(json.dumps({"ready": True, "url": f"http://{HOST}:{port}"}) + "\n")
    sys.stdout.flush()
