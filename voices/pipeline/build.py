"""Build the Minnan voice into a private data folder: installed data + our tables, envelopes, rules, voices.

Nothing of the system is touched. The result is a derivative of espeak-ng's data (GPL-3) and stays on the
machine: it is never committed and never part of a package; only the speech worker reads it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from platform import machine

from voices import languages
from voices.pipeline import accent as accents
from voices.pipeline import contours, phoneme_data, phoneme_source
from voices.pipeline.accent import Accent
from voices.pipeline.phoneme_compile import compile_table
from voices.pipeline.phoneme_data import DataError

SOUND = Path(__file__).parent.parent / "nan" / "sound"
SEGMENTS = "nan"
_PREFIXES = (Path("/usr"), Path("/usr/local"))
_KEEP = ("en_dict", "lang/gmw/en", "intonations", "phondata-manifest")
"""What the library's own start needs besides the phoneme data."""
RECEIPT = "built.json"


class BuildError(RuntimeError):
    """The voice was not built; nothing half-made is left."""


def stock_folder() -> Path:
    """The installed engine's data. :raises BuildError: espeak-ng is not installed."""
    override = os.environ.get("KIOSK_ESPEAK_DATA")
    for path in (*([Path(override)] if override else []), *_installed()):
        if (path / "phontab").is_file():
            return path
    raise BuildError("espeak-ng's data was not found; install the package espeak-ng-data")


def _installed() -> Iterable[Path]:
    """Where distributions lay it; Debian has a folder for each processor, and this machine's own comes first."""
    for prefix in _PREFIXES:
        library = prefix / "lib"
        kinds = sorted(library.glob("*-linux-gnu*"), key=lambda kind: (not kind.name.startswith(machine()), kind.name))
        for place in (*kinds, prefix / "share", library, prefix / "lib64"):
            yield place / "espeak-ng-data"


def source_digest(stock: Path) -> str:
    """Changes whenever the sources, the compiler or the installed data change."""
    digest = hashlib.sha256()
    for path in (*_sources(), *(stock / name for name in ("phontab", "phonindex", "phondata"))):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterable[Path]:
    yield from sorted(SOUND.iterdir())
    yield from sorted(accents.FOLDER.glob("*.toml"))
    yield from sorted(Path(__file__).parent.glob("*.py"))
    yield from (language.folder / "pack.toml" for language in languages.every())


def is_current(folder: Path, stock: Path | None = None) -> bool:
    """Whether `folder` (the parent of espeak-ng-data) holds a voice built from these sources."""
    receipt = folder / RECEIPT
    if not receipt.is_file():
        return False
    built = json.loads(receipt.read_text(encoding="utf-8"))
    return bool(built.get("digest") == source_digest(stock or stock_folder()))


def build(folder: Path, stock: Path | None = None) -> dict[str, object]:
    """Build into `folder`/espeak-ng-data, whole or not at all; returns the receipt.

    :raises BuildError: no engine, data of an unknown version, or a source that does not compile.
    """
    stock = stock or stock_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".build-") as scratch:
        data = Path(scratch) / "espeak-ng-data"
        try:
            added = _fill(data, stock)
        except (DataError, phoneme_source.PhonemeSourceError, OSError, subprocess.SubprocessError) as error:
            raise BuildError(f"the Minnan voice was not built: {error}") from error
        final = folder / "espeak-ng-data"
        shutil.rmtree(final, ignore_errors=True)
        data.rename(final)
    receipt: dict[str, object] = {
        "digest": source_digest(stock),
        "accents": list(accents.names()),
        "added_bytes": added,
        "size_bytes": sum(path.stat().st_size for path in final.rglob("*") if path.is_file()),
        "status": "machine, unreviewed",
    }
    (folder / RECEIPT).write_text(json.dumps(receipt, indent=2) + "\n", encoding="utf-8")
    return receipt


def _fill(data: Path, stock: Path) -> int:
    needed = (name for language in languages.every() for name in language.settings.get("engine_data", ()))
    for name in (*_KEEP, *needed):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(stock / name, data / name)
    phonemes = phoneme_data.read(stock)
    before = len(phonemes.data) + len(phonemes.index)
    known = [accents.load(name) for name in accents.names()]
    for accent in known:
        for levels in accent.contours.values():
            if contours.envelope_name(levels) not in phonemes.addresses:
                phonemes.append_blob(contours.envelope_name(levels), contours.envelope(levels))
    sources = [(SOUND / "nan.ph").read_text(encoding="utf-8")]
    sources += [contours.table_source(accent, SEGMENTS) for accent in known]
    for source in sources:
        for table in phoneme_source.parse(source):
            compile_table(table, phonemes)
    phonemes.write(data)
    for accent in known:
        (data / "lang" / "sit" / accent.voice).write_text(_voice_file(accent), encoding="utf-8")
    _compile_rules(data)
    return len(phonemes.data) + len(phonemes.index) - before


def _voice_file(accent: Accent) -> str:
    """The first `language` line chooses the engine's treatment of tones (none of its own for yue)."""
    low, high = accent.pitch
    return "\n".join(
        (
            f"name {accent.voice}",
            "language yue 90",
            "language nan",
            "language zh-min-nan 5",
            f"phonemes {accent.table}",
            "dictionary nan",
            "words 1",
            f"pitch {low} {high}",
            "",
        )
    )


def _compile_rules(data: Path) -> None:
    """The engine itself compiles the letter rules, in a scratch folder."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("nan_rules", "nan_list"):
            shutil.copyfile(SOUND / name, Path(scratch) / name)
        done = subprocess.run(
            ["espeak-ng", f"--path={data.parent}", "--compile=nan"],
            cwd=scratch,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    if done.returncode != 0 or not (data / "nan_dict").is_file():
        raise BuildError(f"the letter rules do not compile: {done.stderr.strip()}")
    report = done.stdout + done.stderr
    if "error" in report.lower() and " 0 errors" not in report:
        raise BuildError(f"the letter rules have errors: {report.strip()}")
