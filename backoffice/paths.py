"""Where the back office finds what is installed with it: a checkout, a wheel, a system package."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

SHARE = Path("share") / "tshu-pinn"


class OfficeFilesMissing(Exception):
    """The shipped catalogue is neither beside the code nor under the prefix."""


def config_dir() -> Path:
    """The folder that holds `catalogue/` and `schema/`. :raises OfficeFilesMissing:"""
    checkout = Path(__file__).resolve().parents[1]
    roots = [checkout, Path(sysconfig.get_path("data")) / SHARE, Path(sys.prefix) / SHARE, Path("/usr") / SHARE]
    for root in roots:
        if (root / "config" / "catalogue" / "release.toml").is_file():
            return root / "config"
    raise OfficeFilesMissing("config/catalogue not found in: " + ", ".join(map(str, roots)))


def catalogue_dir() -> Path:
    named = os.environ.get("BACKOFFICE_CATALOGUE")
    return Path(named) if named else config_dir() / "catalogue"


def schema_dir() -> Path:
    return config_dir() / "schema"
