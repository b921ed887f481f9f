"""Ways to a green test run that are not a green program, with real pytest in real bubblewrap."""

from pathlib import Path

import pytest
from gatehouse import Gatehouse, check, open_gatehouse

from conftest import Repo
from podium.model.evidence import CheckResult
from podium.model.ids import Tree
from podium.model.verdict import Verdict

PYTEST = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 pytest -q -p no:cacheprovider --junitxml={report}"
CALC = "def add(a, b):\n    return a + b\n"
TESTS = "import calc\n\ndef test_add():\n    assert calc.add(2, 3) == 5\n\ndef test_zero():\n    assert calc.add(0, 0) == 0\n"
BASE = {"calc.py": CALC, "test_calc.py": TESTS, "conftest.py": ""}
SEEN: dict[tuple[Tree, str], CheckResult] = {}
"""Equal trees are seen once over all these tests: the base of most of them is the same."""


@pytest.fixture
def house(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gatehouse:
    house = open_gatehouse(repo, tmp_path, monkeypatch)
    house.seen = SEEN
    return house


def judged(house: Gatehouse, change: dict[str, str], *, base: dict[str, str] | None = None) -> CheckResult:
    first = house.repo.commit(base or BASE)
    return house.run(PYTEST, house.repo.commit(change), base=first, report=True)


def test_an_honest_change_passes(house: Gatehouse) -> None:
    result = judged(house, {"calc.py": CALC + "\ndef sub(a, b):\n    return a - b\n"})
    assert (result.verdict, result.because) == (Verdict.PASSED, "2 tests passed")
    assert result.cases
    assert result.cases.passed == ("test_calc::test_add", "test_calc::test_zero")
    assert (result.sandbox, result.exit_code, result.command) == ("bubblewrap", 0, PYTEST)
    assert "2 passed" in result.output


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"calc.py": CALC.replace("+", "-")}, "1 test failed: test_calc::test_add"),
        ({"test_calc.py": TESTS.partition("\n\ndef test_zero")[0]}, "1 test that passed on the base is gone or skipped: test_calc::test_zero"),
        ({"test_calc.py": "import pytest\n" + TESTS.replace("def test_zero", "@pytest.mark.skip\ndef test_zero")}, "gone or skipped: test_calc::test_zero"),
        ({"test_calc.py": "import pytest\n" + TESTS.replace("def test_zero", "@pytest.mark.xfail\ndef test_zero").replace("== 0", "== 1")}, "gone or skipped: test_calc::test_zero"),
        ({"pytest.ini": "[pytest]\naddopts = -k test_add\n"}, "gone or skipped: test_calc::test_zero"),
        ({"calc.py": "def add(:\n"}, "1 test failed: test_calc; 2 tests that passed on the base are gone"),
        ({"calc.py": CALC.replace("+", "-"), "conftest.py": "import atexit, os\natexit.register(os._exit, 0)\n"}, "1 test failed: test_calc::test_add"),
        ({"calc.py": CALC + "raise SystemExit(0)\n"}, "test"),
    ],
    ids=["wrong", "deleted", "skipped", "xfail", "deselected", "syntax", "exit-code", "exit-at-import"],
)  # fmt: skip
def test_a_change_that_breaks_or_hides_a_test_fails(
    house: Gatehouse, change: dict[str, str], words: str
) -> None:
    result = judged(house, change)
    assert result.verdict is Verdict.FAILED, result.because
    assert words in result.because


@pytest.mark.parametrize(
    "way", ["import os\nos._exit(0)\n", "import sys\nsys.exit(0)\n", "raise ValueError\n"]
)
def test_a_run_that_leaves_no_report_is_no_verdict(house: Gatehouse, way: str) -> None:
    result = judged(house, {"conftest.py": way})
    assert result.verdict is Verdict.COULD_NOT_RUN
    assert "wrote no report" in result.because


HELPFUL = (
    "import pytest\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport():\n"
    "    out = yield\n    out.get_result().outcome = 'passed'\n"
)


@pytest.mark.parametrize("folder", ["", "src/"])
def test_a_plug_in_that_the_tree_installs_is_not_loaded_but_those_of_this_machine_are(
    house: Gatehouse, folder: str
) -> None:
    base = {**BASE, "pytest.ini": "[pytest]\naddopts = -n 2\n"}
    change = {
        f"{folder}helpful.py": HELPFUL,
        f"{folder}helpful.egg-info/PKG-INFO": "Metadata-Version: 2.1\nName: helpful\nVersion: 1\n",
        f"{folder}helpful.egg-info/entry_points.txt": "[pytest11]\nhelpful = helpful\nxdist = helpful\n",
        "calc.py": CALC.replace("+", "-"),
    }
    first = house.repo.commit(base)
    head = house.repo.commit(change)
    as_installed = check(f"PYTHONPATH={folder}. python -m pytest -v", plugins=None)
    result = house.gate([as_installed], head, base=first).results[0]
    assert (result.verdict, result.because) == (Verdict.FAILED, "1 test failed: test_calc::test_add")
    assert "2 workers" in result.output


def test_no_test_left_is_no_verdict(house: Gatehouse) -> None:
    result = judged(house, {"test_calc.py": ""})
    assert (result.verdict, result.because) == (
        Verdict.RAN_NOTHING,
        "no test ran (exit code 5); the base ran 2",
    )


def test_a_red_base_is_not_the_changes_fault_and_mending_it_passes(house: Gatehouse) -> None:
    red = {**BASE, "calc.py": CALC.replace("+", "-")}
    first = house.repo.commit(red)
    idle = house.run(PYTEST, house.repo.commit({"notes.txt": "x"}), base=first, report=True)
    assert (idle.verdict, idle.because) == (
        Verdict.COULD_NOT_RUN,
        "fails on the base too: test_calc::test_add",
    )
    mended = house.run(PYTEST, house.repo.commit({"calc.py": CALC}), base=first, report=True)
    assert mended.verdict is Verdict.PASSED


def test_what_was_seen_on_a_change_is_the_baseline_of_the_next(house: Gatehouse) -> None:
    first = house.repo.commit(BASE)
    second = house.repo.commit({"test_more.py": "def test_more(): pass\n"})
    assert house.run(PYTEST, second, base=first, report=True).verdict is Verdict.PASSED
    house.kept.clear()
    third = house.repo.commit({"test_more.py": "def test_less(): pass\n"})
    result = house.run(PYTEST, third, base=second, report=True)
    assert "gone or skipped: test_more::test_more" in result.because
    assert [kept.tree for kept in house.kept] == [result.tree]


def test_a_known_result_is_judged_anew_on_another_base(house: Gatehouse) -> None:
    more = house.repo.commit({**BASE, "test_more.py": "def test_more(): pass\n"})
    less = house.repo.commit({"test_more.py": ""})
    alone = house.gate([check(PYTEST, report=True)], less)
    assert alone.verdict is Verdict.PASSED
    against = house.gate([check(PYTEST, report=True)], less, base=more)
    assert (against.verdict, against.reused) == (Verdict.FAILED, True)
    assert "gone or skipped: test_more::test_more" in against.because()
