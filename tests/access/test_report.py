"""The report tells pass from fail, and a row that nothing measures fails."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WANTED = {*range(1, 57), 58, 60, 61, 62, 65}


@pytest.fixture(scope="module")
def report() -> ModuleType:
    spec = importlib.util.spec_from_file_location("access_report", HERE / "report.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_row_that_is_wanted_is_there(report: ModuleType) -> None:
    assert {row.n for row in report.read_rows()} == WANTED


def test_every_named_test_file_has_such_a_test(report: ModuleType) -> None:
    missing = [f"R{row.n} {test}" for row in report.read_rows() for test in row.tests if not _exists(test)]
    assert not missing, "\n".join(missing)


def _exists(pattern: str) -> bool:
    if "::" not in pattern and not pattern.endswith("*"):
        return False  # A test's name is longer than its file's.
    path, _, name = pattern.partition("::")
    function = re.compile(re.escape(name.partition("[")[0]).replace(r"\*", ".*"))
    files = [file for file in ROOT.glob(path if path.endswith(".py") else f"{path}*") if file.is_file()]
    files += [file for folder in ROOT.glob(path.rstrip("*")) if folder.is_dir() for file in folder.rglob("test_*.py")]
    return any(
        not name or function.match(found)
        for file in files
        for found in re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize(
    ("outcomes", "verdict", "figure"),
    [
        ([], "fail", "not measured in this run: t.py::test_a*"),
        ([("t.py::test_a", True, ["20.4 mm"])], "pass", "20.4 mm"),
        ([("t.py::test_a[x]", True, []), ("t.py::test_a[y]", True, [])], "pass", "2 checks hold"),
        ([("t.py::test_a", True, ["20.4 mm"]), ("t.py::test_a[y]", False, [])], "fail", "failed: t.py::test_a[y]"),
        ([("t.py::test_b", True, [])], "fail", "not measured in this run: t.py::test_a*"),
    ],
)
def test_a_row_passes_only_by_its_own_tests(
    report: ModuleType, outcomes: list[tuple[str, bool, list[str]]], verdict: str, figure: str
) -> None:
    row = report.Row(9, "targets", ">= 20 mm", "KR", ("t.py::test_a*",))
    judged = report.judge(row, [report.Outcome(test, passed, tuple(figures)) for test, passed, figures in outcomes])
    assert (judged.verdict, judged.figure) == (verdict, figure)


def test_a_row_fails_while_one_of_its_tests_did_not_run(report: ModuleType) -> None:
    row = report.Row(9, "targets", ">= 20 mm", "KR", ("t.py::test_a", "t.py::test_b"))
    assert report.judge(row, [report.Outcome("t.py::test_a", True)]).verdict == "fail"
    assert report.judge(report.Row(9, "targets", "", ""), []).verdict == "fail"


def test_what_only_a_site_can_measure_is_left_to_it_and_still_fails_with_its_tests(report: ModuleType) -> None:
    row = report.Row(32, "loudness", "65 dBA", "EN", ("t.py::*",), kind="site")
    assert report.judge(row, []).verdict == "needs site measurement"
    assert report.judge(row, [report.Outcome("t.py::test_a", False)]).verdict == "fail"


def test_the_page_marks_a_failing_row(report: ModuleType) -> None:
    row = report.Row(9, "a <b>", ">= 20 mm", "KR", ("t.py::test_a*",))
    page = report.as_html([report.judge(row, [])])
    assert page.count('<tr class="fail">') == 1
    assert "a &lt;b&gt;" in page


def test_outcomes_of_a_run_reach_the_report(report: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    (tmp_path / "test_it.py").write_text(
        "def test_good(record_property):\n    record_property('figure', '3 mm')\n\ndef test_bad():\n    assert 0\n"
    )
    kept = tmp_path / "kept"
    kept.mkdir()
    env = {"ACCESS_RESULTS": str(kept), "PATH": "/usr/bin:/bin", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        env=env,
        check=False,
        capture_output=True,
    )
    outcomes = {one.test: one for one in report.read_outcomes(kept)}
    assert outcomes["test_it.py::test_good"].figures == ("3 mm",)
    assert not outcomes["test_it.py::test_bad"].passed
