"""A back office that knows the terminal already, kept for the runs that come after.

Making its database and registering the device takes as much of a core as the start of the kiosk, and comes out the
same each time. Where a folder for it is named, the first run leaves what it has made there, key and all, and the others
begin with a copy; without one every run makes its own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from kiosk.play.run_folder import RunFolder

FOLDER_NAMED_BY = "KIOSK_PLAY_REGISTERED"
_WHOLE = "registered"


def take(folder: RunFolder) -> bool:
    """Begin with the kept one; False when none is kept."""
    kept = _kept()
    if kept is None or not kept.is_dir():
        return False
    shutil.copytree(kept / "office", folder.office, dirs_exist_ok=True)
    shutil.copy2(kept / "device.key", folder.key_file)
    return True


def keep(folder: RunFolder) -> None:
    """For others, whole or not at all; the first of several runs counts. No process may have the database open."""
    kept = _kept()
    if kept is None:
        return
    made = Path(tempfile.mkdtemp(prefix="registering-", dir=kept.parent))
    try:
        shutil.copytree(folder.office, made / "office")
        shutil.copy2(folder.key_file, made / "device.key")
        made.rename(kept)
    except OSError:
        shutil.rmtree(made)
        if not kept.is_dir():
            raise


def _kept() -> Path | None:
    named = os.environ.get(FOLDER_NAMED_BY)
    return Path(named) / _WHOLE if named else None
