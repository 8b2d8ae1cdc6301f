"""How a server tells whoever started it that it is ready, and where."""

from __future__ import annotations

import json
import sys

HOST = "127.0.0.1"
"""TLS and the outside belong to the proxy in front."""


def announce(port: int) -> None:
    """The one line on standard output."""
    sys.stdout.write(json.dumps({"ready": True, "url": f"http://{HOST}:{port}"}) + "\n")
    sys.stdout.flush()
