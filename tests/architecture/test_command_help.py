"""What shells complete and `man` shows of both commands: written as Debian looks for it, asked of a real bash."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "config" / "deploy" / "command_help.py"
ASK = """
source "$1/share/bash-completion/completions/$2"
COMP_WORDS=("${@:2}"); COMP_CWORD=$(( $# - 2 )); COMP_LINE="${*:2}"; COMP_POINT=${#COMP_LINE}
function=$(complete -p "$2" | sed 's/.*-F \\([^ ]*\\).*/\\1/')
"$function"
printf '%s\\n' "${COMPREPLY[@]}"
"""
"""Asks as readline does after a tab: the words so far, of which the last is being typed."""


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prefix")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.split()) == sorted(str(path) for path in folder.rglob("*") if path.is_file())
    return folder


def completed(prefix: Path, *words: str) -> set[str]:
    done = subprocess.run(
        ["bash", "--norc", "-c", ASK, "ask", str(prefix), *words],
        cwd=prefix,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def documented(command: str) -> set[str]:
    """Subcommands that the page of all commands names."""
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    if command == "kiosk":
        return set(re.findall(r"`kiosk ([a-z]+)(?![a-z<])", page))
    rows = page.partition("\n## backoffice\n")[2].partition("\n## ")[0].splitlines()
    return {word for row in rows if row.startswith("| `") for word in re.findall(r"`([a-z]+)", row.split("|")[1])[:1]}


@pytest.mark.parametrize("command", ["kiosk", "backoffice"])
def test_every_documented_command_is_completed_and_has_its_part_of_the_man_page(prefix: Path, command: str) -> None:
    wanted = documented(command)
    assert len(wanted) > 8
    assert wanted <= completed(prefix, command, "")
    page = (prefix / "share" / "man" / "man1" / f"{command}.1").read_text(encoding="utf-8")
    assert page.startswith(f'.TH {command.upper()} "1"')
    assert [name for name in sorted(wanted) if f"\\fB{command} {name}\\fR" not in page] == []
    zsh = (prefix / "share" / "zsh" / "site-functions" / f"_{command}").read_text(encoding="utf-8")
    assert zsh.startswith(f"#compdef {command}\n")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("kiosk", "se"), {"selftest"}),
        (("kiosk", "outbox", "exp"), {"export"}),
        (("kiosk", "play", "--lad"), {"--ladder"}),
        (("backoffice", "catalogue", "pub"), {"publish"}),
        (("backoffice", "serve", "--look"), {"--lookups"}),
    ],
)
def test_a_word_that_is_begun_is_ended(prefix: Path, words: tuple[str, ...], found: set[str]) -> None:
    assert completed(prefix, *words) == found


def test_where_a_file_is_wanted_files_are_offered(prefix: Path) -> None:
    (prefix / "visit.toml").touch()
    assert "visit.toml" in completed(prefix, "kiosk", "play", "vis")


def test_a_folder_that_cannot_be_written_is_named_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "share").write_text("a file", encoding="ascii")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert str(tmp_path / "share") in done.stderr and "cannot be written" in done.stderr
