"""Where this system keeps its font files: each distribution has folders of its own, the names of files are the same."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


def installed_font(name: str, folders: tuple[Path, ...] = FOLDERS) -> str:
    """The path of a font file; of one that is not installed its bare name, so that an error can say which it is."""
    return next((files[name] for files in map(_files, folders) if name in files), name)


@cache
def _files(folder: Path) -> Mapping[str, str]:
    return {name: f"{place}/{name}" for place, _, names in os.walk(folder) for name in names}
