"""Where packs lie: `<packs>/<id>` is a link to the version in use, so that a change is one rename.

Versions lie in `<packs>/.versions/<id>/`; the one before stays until the next comes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from voices.packs.errors import PackError
from voices.packs.manifest import IDENTIFIER
from voices.packs.pack import open_pack

_VERSIONS = ".versions"
_BEFORE = "before"
_COMING = ".coming-"


def new_folder(packs: Path) -> Path:
    """A place to put a pack together, on the same file system; the caller places or deletes it.

    :raises PackError: no place to write.
    """
    try:
        (packs / _VERSIONS).mkdir(parents=True, exist_ok=True)
        _sweep_unfinished(packs / _VERSIONS)
        return Path(tempfile.mkdtemp(dir=packs / _VERSIONS, prefix=f"{_COMING}{os.getpid()}-"))
    except OSError as error:
        raise PackError(f"{packs} cannot be written ({error.strerror}); choose another folder") from error


def place(packs: Path, folder: Path) -> Path:
    """Put a finished pack on the shelf in one step; returns its folder. What was there before can be restored.

    :raises PackError: the pack is not in order, or the folder cannot be written.
    """
    identifier = open_pack(folder).manifest.header.id
    link, versions = packs / identifier, packs / _VERSIONS / identifier
    try:
        versions.mkdir(exist_ok=True)
        version = Path(tempfile.mkdtemp(dir=versions, prefix="v-"))
        for path in sorted(folder.rglob("*")):
            _sync(path)
        folder.rename(version)
        version.chmod(0o755)
        before = _target(link)
        if before:
            _point(versions / _BEFORE, before)
        _point(link, version)
        _sweep(versions, keep={version, before})
    except OSError as error:
        raise PackError(f"the pack {identifier} was not put in place ({error.strerror}); nothing changed") from error
    return link


def restore(packs: Path, identifier: str) -> Path:
    """Take the version before; the one in use becomes the one before.

    :raises PackError: there is none.
    """
    link, versions = _named(packs, identifier)
    before, now = _target(versions / _BEFORE), _target(link)
    if before is None:
        raise PackError(f"there is no earlier version of {identifier}")
    _point(link, before)
    if now:
        _point(versions / _BEFORE, now)
    else:
        (versions / _BEFORE).unlink()
    return link


def remove(packs: Path, identifier: str) -> None:
    """Take a pack off the shelf; `restore` brings it back.

    :raises PackError: there is none of this name.
    """
    link, versions = _named(packs, identifier)
    now = _target(link)
    if now is None:
        raise PackError(f"there is no pack {identifier} in {packs}")
    _point(versions / _BEFORE, now)
    link.unlink()
    _sweep(versions, keep={now})


def _named(packs: Path, identifier: str) -> tuple[Path, Path]:
    if not IDENTIFIER.fullmatch(identifier):
        raise PackError(f"{identifier!r} is no identifier of a pack")
    return packs / identifier, packs / _VERSIONS / identifier


def _target(link: Path) -> Path | None:
    """The version that a link leads to; None when there is none."""
    if not link.is_symlink() or not link.is_dir():
        return None
    return link.parent / link.readlink()


def _point(link: Path, version: Path) -> None:
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(os.path.relpath(version, link.parent))
    fresh.replace(link)
    _sync(link.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep_unfinished(versions: Path) -> None:
    """What a process left that was ended in the middle."""
    for each in versions.glob(f"{_COMING}*-*"):
        if not _runs(each.name.removeprefix(_COMING).partition("-")[0]):
            shutil.rmtree(each, ignore_errors=True)


def _runs(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def _sweep(versions: Path, keep: set[Path | None]) -> None:
    kept = {path.resolve() for path in keep if path}
    for each in versions.glob("v-*"):
        if each.resolve() not in kept:
            shutil.rmtree(each, ignore_errors=True)
