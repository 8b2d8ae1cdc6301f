"""Shared by the tests of packs: a key that is trusted and an archive that it signed."""

from __future__ import annotations

from pathlib import Path

import pytest

from voices.packs import signing

from .packing import HELLO, MINNAN, THANKS, make, sign


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pair of `district`; the trusted folder in it has the public key alone."""
    folder = tmp_path_factory.mktemp("keys")
    _, public = signing.generate(folder, "district")
    (folder / "trusted").mkdir()
    (folder / "trusted" / "district.pem").write_bytes(public.read_bytes())
    return folder


@pytest.fixture(scope="module")
def keyring(keys: Path) -> signing.Keyring:
    return signing.load_keyring(keys / "trusted")


@pytest.fixture(scope="module")
def signed(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed archive of two clips."""
    packs = tmp_path_factory.mktemp("making")
    make(packs, MINNAN, HELLO, THANKS)
    return sign(packs / "test-nan", keys / "district.private.pem", packs / "pack.zip")
