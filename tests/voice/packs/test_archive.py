"""Packs that come on a stick: only whole, only unchanged, only from somebody trusted."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from voices.__main__ import main
from voices.packs import archive, signing
from voices.packs.errors import PackError
from voices.packs.pack import open_pack
from voices.packs.shelf import Shelf
from voices.reading import Reading

from .packing import HELLO, MANDARIN, MINNAN, RECORDED, entries, make, nothing_there, sign

Rewrite = Callable[[dict[str, bytes]], object]


def rewritten(source: Path, target: Path, change: Rewrite) -> Path:
    """The archive with its entries changed by hand."""
    parts = entries(source)
    change(parts)
    with zipfile.ZipFile(target, "w") as out:
        for name, raw in parts.items():
            out.writestr(name, raw)
    return target


def test_a_signed_pack_comes_in_and_speaks(signed: Path, keyring: signing.Keyring, tmp_path: Path) -> None:
    done = archive.bring_in(signed, tmp_path, keyring)
    assert done.signer.name == "district"
    shelf = Shelf.open(tmp_path)
    assert shelf.find("nan", "tongan", "test.prompt", 0, HELLO) is not None
    assert shelf.describe()[0]["signer"] == "district" and shelf.describe()[0]["status"] == "machine, unreviewed"


def test_the_same_pack_is_the_same_file(signed: Path, keys: Path, keyring: signing.Keyring, tmp_path: Path) -> None:
    archive.bring_in(signed, tmp_path, keyring)
    again = sign(tmp_path / "test-nan", keys / "district.private.pem", tmp_path / "again.zip")
    assert again.read_bytes() == signed.read_bytes()


def test_who_is_not_known_is_refused_and_it_is_said_what_to_do(signed: Path, tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"does not know\. Ask her for her public key, compare its number by telephone"):
        archive.bring_in(signed, tmp_path, {})
    assert nothing_there(tmp_path)


def test_without_signature_nothing_comes_in(keyring: signing.Keyring, tmp_path: Path) -> None:
    folder = make(tmp_path / "making", MINNAN, HELLO)
    archive.write(open_pack(folder), tmp_path / "pack.zip")
    with pytest.raises(PackError, match="not signed"):
        archive.bring_in(tmp_path / "pack.zip", tmp_path / "packs", keyring)


def claim(**fields: object) -> Rewrite:
    def change(parts: dict[str, bytes]) -> None:
        parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | fields).encode()

    return change


def clip_name(parts: dict[str, bytes]) -> str:
    return next(name for name in parts if name.endswith(".wav"))


def other_clip(parts: dict[str, bytes]) -> None:
    first, second = (name for name in parts if name.endswith(".wav"))
    parts[first] = parts[second] + b"\0"


def one_bit(parts: dict[str, bytes]) -> None:
    raw = bytearray(parts[clip_name(parts)])
    raw[-1] ^= 1
    parts[clip_name(parts)] = bytes(raw)


TAMPERINGS: dict[str, tuple[Rewrite, str]] = {
    "a bit of a clip": (one_bit, "hash differs"),
    "another clip": (other_clip, "hash differs"),
    "a clip is missing": (lambda parts: parts.pop(clip_name(parts)), "is missing"),
    "no manifest": (lambda parts: parts.pop("manifest.json"), "manifest.json is missing"),
    "no table": (lambda parts: parts.pop("prompts.tsv"), "prompts.tsv is missing"),
    "a word of the table": (
        lambda parts: parts.update({"prompts.tsv": parts["prompts.tsv"].replace("多谢".encode(), "多代".encode())}),
        "hash differs",
    ),
    "another licence": (claim(licence="mine"), "changed after district had signed"),
    "claimed to be reviewed": (claim(status="reviewed", reviewers=["chen", "lin"]), "other reviews"),
    "claimed to be Mandarin": (claim(language="cmn", accent=""), "mislabelled"),
    "another accent": (claim(accent="xiamen"), "mislabelled"),
    "no signature": (claim(signature=None), "not signed"),
    "half a signature": (claim(signature={"signer": "district"}), "malformed"),
    "climbing out": (lambda parts: parts.update({"../../evil.wav": b"x"}), "no part of a pack"),
    "climbing out below clips": (lambda parts: parts.update({"clips/../../evil.wav": b"x"}), "no part of a pack"),
    "an absolute path": (lambda parts: parts.update({"/etc/evil.wav": b"x"}), "no part of a pack"),
    "a program": (lambda parts: parts.update({"setup.exe": b"x"}), "no part of a pack"),
    "a clip of no prompt": (lambda parts: parts.update({"clips/more.wav": b"x"}), "belongs to no prompt"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_what_was_changed_on_the_way_is_refused_whole(
    what: str, signed: Path, keyring: signing.Keyring, tmp_path: Path
) -> None:
    change, complaint = TAMPERINGS[what]
    bad = rewritten(signed, tmp_path / "bad.zip", change)
    packs = tmp_path / "packs"
    with pytest.raises(PackError, match=complaint):
        archive.bring_in(bad, packs, keyring)
    assert not packs.exists() or nothing_there(packs)
    assert not (tmp_path / "evil.wav").exists() and not (tmp_path.parent / "evil.wav").exists()


def test_minnan_relabelled_as_mandarin_with_fresh_hashes_is_refused_by_its_signature(
    signed: Path, keyring: signing.Keyring, tmp_path: Path
) -> None:
    """The cleverest forgery: a real Mandarin pack's tables under the Minnan pack's signature."""
    folder = make(tmp_path / "making", MANDARIN, Reading("您好", "您好"))
    forged = open_pack(folder).manifest
    own = json.loads(entries(signed)["manifest.json"])["signature"]
    (folder / "manifest.json").write_text(json.dumps(json.loads(forged.dump()) | {"signature": own}), encoding="utf-8")
    archive.write(open_pack(folder), tmp_path / "forged.zip")
    with pytest.raises(PackError, match="changed after district had signed"):
        archive.bring_in(tmp_path / "forged.zip", tmp_path / "packs", keyring)


def test_a_link_is_no_clip(signed: Path, keyring: signing.Keyring, tmp_path: Path) -> None:
    parts = entries(signed)
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as out:
        for name, raw in parts.items():
            info = zipfile.ZipInfo(name)
            if name == clip_name(parts):
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            out.writestr(info, b"/etc/passwd" if info.external_attr else raw)
    with pytest.raises(PackError, match="no plain file"):
        archive.bring_in(tmp_path / "bad.zip", tmp_path / "packs", keyring)


def test_a_file_that_stands_twice_is_refused(signed: Path, keyring: signing.Keyring, tmp_path: Path) -> None:
    target = tmp_path / "bad.zip"
    target.write_bytes(signed.read_bytes())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(target, "a") as out:
        out.writestr("manifest.json", "{}")
    with pytest.raises(PackError, match="holds a file twice"):
        archive.bring_in(target, tmp_path / "packs", keyring)


def test_a_bomb_is_not_unfolded(signed: Path, keyring: signing.Keyring, tmp_path: Path) -> None:
    parts = entries(signed)
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", zipfile.ZIP_DEFLATED) as out:
        for name, raw in parts.items():
            out.writestr(name, b"\0" * 50_000_000 if name == clip_name(parts) else raw)
    assert (tmp_path / "bad.zip").stat().st_size < 1_000_000
    with pytest.raises(PackError, match="larger than a part"):
        archive.bring_in(tmp_path / "bad.zip", tmp_path / "packs", keyring)
    assert nothing_there(tmp_path / "packs")


def test_an_entry_that_is_larger_than_its_header_says_is_refused(
    signed: Path, keyring: signing.Keyring, tmp_path: Path
) -> None:
    raw = signed.read_bytes()
    with zipfile.ZipFile(signed) as file:
        info = max(file.infolist(), key=lambda each: each.file_size)
    lied = raw.replace(info.file_size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    (tmp_path / "bad.zip").write_bytes(lied)
    with pytest.raises(PackError):
        archive.bring_in(tmp_path / "bad.zip", tmp_path / "packs", keyring)


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_was_cut_short_is_refused(
    part: float, signed: Path, keyring: signing.Keyring, tmp_path: Path
) -> None:
    raw = signed.read_bytes()
    (tmp_path / "cut.zip").write_bytes(raw[: int(part * len(raw))])
    with pytest.raises(PackError, match="copy it to the stick again"):
        archive.bring_in(tmp_path / "cut.zip", tmp_path / "packs", keyring)


def test_a_failed_import_leaves_the_version_in_use(signed: Path, keyring: signing.Keyring, tmp_path: Path) -> None:
    archive.bring_in(signed, tmp_path / "packs", keyring)
    bad = rewritten(signed, tmp_path / "bad.zip", one_bit)
    with pytest.raises(PackError):
        archive.bring_in(bad, tmp_path / "packs", keyring)
    assert Shelf.open(tmp_path / "packs").find("nan", "tongan", "test.prompt", 0, HELLO) is not None
    assert not list((tmp_path / "packs" / ".versions").glob(".coming-*"))


def test_an_unreviewed_recording_cannot_be_signed(keys: Path, tmp_path: Path) -> None:
    folder = make(tmp_path / "making", RECORDED, HELLO, reviewers=("chen",))
    with pytest.raises(PackError, match="right by two reviewers"):
        sign(folder, keys / "district.private.pem", tmp_path / "pack.zip")
    assert not (tmp_path / "pack.zip").exists()


def voices_pack(*words: str | Path) -> tuple[int, str]:
    """The command's exit code and all that it printed."""
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        code = main(["pack", *map(str, words)])
    return code, printed.getvalue()


def test_the_commands_from_the_first_key_to_the_stick_and_back(tmp_path: Path) -> None:
    making, packs, keys = tmp_path / "making", tmp_path / "packs", tmp_path / "keys"
    folder = make(making, MINNAN, HELLO)
    stick = tmp_path / "stick.zip"
    assert "keep it secret" in voices_pack("key", "village", "--out", tmp_path)[1]
    assert (tmp_path / "village.private.pem").stat().st_mode & 0o777 == 0o600
    assert "not signed" in voices_pack("verify", folder)[1]
    code, said = voices_pack("sign", folder, "--key", tmp_path / "village.private.pem", "--out", stick)
    assert code == 0, said
    code, said = voices_pack("import", stick, "--packs", packs, "--keys", keys)
    assert code == 1 and "does not know" in said and str(keys) in said
    keys.mkdir()
    (keys / "village.pem").write_bytes((tmp_path / "village.pem").read_bytes())
    assert "signed by village" in voices_pack("verify", stick, "--keys", keys)[1]
    assert voices_pack("import", stick, "--packs", packs, "--keys", keys)[0] == 0
    assert "test-nan: nan tongan, rendered, 1 clips" in voices_pack("list", "--packs", packs)[1]
    assert voices_pack("remove", "test-nan", "--packs", packs)[0] == 0
    assert "no packs" in voices_pack("list", "--packs", packs)[1]
    assert "test-nan" in voices_pack("restore", "test-nan", "--packs", packs)[1]


def test_bytes_that_are_no_zip_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip")
    code, said = voices_pack("verify", tmp_path / "x.zip")
    assert code == 1 and "damaged or no zip file" in said
