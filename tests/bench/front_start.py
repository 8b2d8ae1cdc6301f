"""Starts the measured front end as `kiosk run` starts: `python front_start.py [stock]`."""

from __future__ import annotations

import sys

from kiosk import quick_start


def main() -> int:
    quick_start.begin()
    import front_kiosk

    return front_kiosk.main()


if __name__ == "__main__":
    sys.exit(main())
