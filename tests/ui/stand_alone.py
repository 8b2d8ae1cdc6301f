"""Opens the screens in a process of its own, as the terminal does: `python stand_alone.py SOCKET`."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from pathlib import Path

from kiosk.adapters.observer import Observer
from kiosk.ui import app

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
spec = importlib.util.spec_from_file_location("ui_conftest", Path(__file__).parent / "conftest.py")
assert spec is not None and spec.loader is not None
conftest = importlib.util.module_from_spec(spec)
sys.modules["ui_conftest"] = conftest
spec.loader.exec_module(conftest)


class RealClock(conftest.FakeClock):  # type: ignore[name-defined,misc]  # loaded by path
    def now(self) -> float:
        return time.monotonic()


def main() -> int:
    observer = Observer(Path(sys.argv[1]))
    screen = conftest.ScreenConfig(fullscreen=bool(os.environ.get("FULLSCREEN")))
    ready = lambda: print("ready", flush=True)  # noqa: E731
    return app.run(conftest.FakeService(), conftest.VoicesWords(), screen, RealClock(), observer, ready, "后村社区")


if __name__ == "__main__":
    sys.exit(main())
