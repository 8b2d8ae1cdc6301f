"""Damage anywhere in an archive: never another exception than the clear one, never half a pack."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voices.packs import archive, reviews, signing
from voices.packs.errors import PackError
from voices.packs.shelf import Shelf

from .packing import entries, nothing_there

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = settings(FEW, max_examples=3000)

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


def damaged(data: st.DataObject, signed: Path, keyring: signing.Keyring, tmp_path: Path) -> None:
    """Bytes changed, taken out or put in anywhere."""
    raw = bytearray(signed.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        # Half of the damage falls on the zip's own tables and the manifest, which are a small part of the file.
        near_end = data.draw(st.booleans())
        at = data.draw(st.integers(max(len(raw) - 700, 0), len(raw) - 1) if near_end else st.integers(0, len(raw) - 1))
        piece = data.draw(st.binary(max_size=6))
        raw[at : at + data.draw(st.integers(0, 6))] = piece
    import_or_refuse(bytes(raw), keyring, tmp_path)


def any_bytes(raw: bytes, keyring: signing.Keyring, tmp_path: Path) -> None:
    import_or_refuse(raw, keyring, tmp_path)


def other_tables(data: st.DataObject, signed: Path) -> None:
    """A value of the manifest and a cell of the table replaced, the hash between them put right."""
    parts = entries(signed)
    table = json.loads(parts["manifest.json"])
    lines = parts["prompts.tsv"].decode().split("\n")
    if data.draw(st.booleans()):
        at, cell = data.draw(st.integers(0, len(lines) - 1)), data.draw(st.integers(0, 13))
        cells = lines[at].split("\t")
        cells[cell % len(cells)] = data.draw(st.text(max_size=8))
        lines[at] = "\t".join(cells)
    else:
        table[data.draw(st.sampled_from(sorted(table)))] = data.draw(_JSON)
    prompts = "\n".join(lines).encode("utf-8", "surrogatepass")
    table["prompts_sha256"] = hashlib.sha256(prompts).hexdigest()
    try:
        archive.assemble(signed, json.dumps(table).encode(), prompts)
    except PackError as error:
        assert str(error)


def reviews_of(line: str, tmp_path: Path) -> None:
    (tmp_path / "reviews.jsonl").write_bytes(line.encode("utf-8", "surrogatepass"))
    try:
        reviews.read(tmp_path / "reviews.jsonl")
    except PackError as error:
        assert str(error)


test_any_damage_is_refused_or_changes_nothing = FEW(given(data=st.data())(damaged))
test_any_bytes_are_no_pack = FEW(given(raw=st.binary(max_size=300))(any_bytes))
test_any_manifest_and_table_are_refused_clearly = FEW(given(data=st.data())(other_tables))
test_any_line_is_a_review_or_refused = FEW(
    given(
        line=st.text(max_size=40)
        | _JSON.map(json.dumps)
        | st.dictionaries(st.sampled_from(["at", "reviewer", "index", "verdict", "key"]), _JSON).map(json.dumps)
    )(reviews_of)
)
test_much_damage = pytest.mark.proof(pytest.mark.timeout(600)(MANY(given(data=st.data())(damaged))))
test_many_tables = pytest.mark.proof(pytest.mark.timeout(600)(MANY(given(data=st.data())(other_tables))))


def import_or_refuse(raw: bytes, keyring: signing.Keyring, folder: Path) -> None:
    (folder / "fuzz.zip").write_bytes(raw)
    packs = folder / "packs"
    try:
        done = archive.bring_in(folder / "fuzz.zip", packs, keyring)
    except PackError as error:
        assert str(error)
        assert not packs.exists() or nothing_there(packs)
    else:
        # Damage outside of what is signed: the zip's own dates, for example.
        assert len(Shelf.open(packs).packs) == 1 and len(done.pack.rows) == 2
    finally:
        shutil.rmtree(packs, ignore_errors=True)
