"""A longer proof of the Minnan voice: our compiler against the engine's own."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from voices.pipeline import accent, build, contours, phoneme_data

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]


def engine_source(folder: Path) -> Path:
    """The engine's source package, fetched by apt with lists of its own; the system's lists stay as they are."""
    sources = folder / "source.sources"
    system = [path.read_text(encoding="utf-8") for path in Path("/etc/apt/sources.list.d").glob("*.sources")]
    sources.write_text(re.sub(r"^Types: *deb$", "Types: deb-src", "\n".join(system), flags=re.MULTILINE))
    (folder / "lists" / "partial").mkdir(parents=True)
    options = [
        f"Dir::Etc::sourcelist={sources}",
        "Dir::Etc::sourceparts=/dev/null",
        f"Dir::State::lists={folder}/lists",
    ]
    apt = ["apt-get", *(part for option in options for part in ("-o", option))]
    for command in ([*apt, "update"], [*apt, "source", "--download-only", "espeak-ng"]):
        if subprocess.run(command, cwd=folder, capture_output=True).returncode != 0:
            pytest.skip("the engine's source package is not to be had here")
    (archive,) = folder.glob("*.orig.tar.gz")
    subprocess.run(["tar", "xf", archive], cwd=folder, check=True)
    return next(folder.glob("*/phsource"))


def full_compile(folder: Path) -> Path:
    """The installed data made anew from its whole source plus ours, by the engine's own compiler."""
    source = engine_source(folder)
    data = folder / "full" / "espeak-ng-data"
    shutil.copytree(build.stock_folder(), data)
    (source / "nan").mkdir()
    known = [accent.load(name) for name in accent.names()]
    levels = [each for spoken in known for each in spoken.contours.values()]
    for each in levels:
        # The engine's compiler cannot take a finished envelope: a placeholder first, the bytes afterwards.
        (source / contours.envelope_name(each)).write_text("ENVELOPE\n 0 50\n 50 50\n 100 50\n")
    ours = (build.SOUND / "nan.ph").read_text(encoding="utf-8")
    tables = "\n".join(contours.table_source(spoken, build.SEGMENTS) for spoken in known)
    (source / "ph_ours").write_text(f"{ours}\n{tables}\n", encoding="utf-8")
    with (source / "phonemes").open("a", encoding="latin-1") as master:
        master.write("\n\ninclude ph_ours\n")
    command = ["espeak-ng", f"--path={data.parent}", f"--compile-phonemes={source}"]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=True)
    assert " 0 errors" in done.stdout + done.stderr
    blob = bytearray((data / "phondata").read_bytes())
    addresses = phoneme_data.read(data).addresses
    for each in levels:
        at = addresses[contours.envelope_name(each)]
        blob[at : at + 128] = contours.envelope(each)
    (data / "phondata").write_bytes(bytes(blob))
    return data


def test_our_compiler_makes_the_same_bits_as_a_full_compile_of_the_engine(voice_dir: Path, tmp_path: Path) -> None:
    data = full_compile(tmp_path)
    for name in ("phontab", "phonindex", "phondata"):
        ours, theirs = (voice_dir / "espeak-ng-data" / name).read_bytes(), (data / name).read_bytes()
        assert ours == theirs, name
        print(f"{name}: {len(ours)} bytes, the same")
