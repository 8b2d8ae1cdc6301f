"""Kivy's data folder without the rules of widgets that nobody here uses: reading them is a tenth of a start.

The folder consists of links to the installed one and an empty `style.kv`. Where it cannot be made the installed one is
used as it is.
"""

from __future__ import annotations

import importlib.util
import logging
from pathlib import Path

log = logging.getLogger(__name__)

STYLE = "style.kv"
_EMPTY = "#:kivy 1.0\n"


def lean_folder(inside: Path) -> Path | None:
    """Made once below `inside`, again when Kivy lies elsewhere. None: use the installed one."""
    installed = _installed()
    if installed is None:
        return None
    folder = inside / "kivy-data"
    try:
        if not _is_of(folder, installed):
            _make(folder, installed)
    except OSError as error:
        log.warning("Kivy's own data are used: %s", error)
        return None
    return folder


def _installed() -> Path | None:
    spec = importlib.util.find_spec("kivy")
    if spec is None or spec.origin is None:
        return None
    data = Path(spec.origin).parent / "data"
    return data if (data / STYLE).is_file() else None


def _is_of(folder: Path, installed: Path) -> bool:
    names = {path.name for path in installed.iterdir()}
    if not folder.is_dir() or {path.name for path in folder.iterdir()} != names:
        return False
    links = all((folder / name).resolve() == (installed / name).resolve() for name in names - {STYLE})
    return links and (folder / STYLE).read_text(encoding="utf-8") == _EMPTY


def _make(folder: Path, installed: Path) -> None:
    """Whole or not at all: another process may start at the same time."""
    # Of no use to any other start.
    import shutil
    import tempfile

    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="kivy-data-", dir=folder.parent))
    for path in installed.iterdir():
        if path.name != STYLE:
            (made / path.name).symlink_to(path)
    (made / STYLE).write_text(_EMPTY, encoding="utf-8")
    if folder.exists():
        shutil.rmtree(folder)
    made.rename(folder)
