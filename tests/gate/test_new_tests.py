"""The tests that a change brings, with real pytest in real bubblewrap."""

from pathlib import Path

import pytest
from gatehouse import Gatehouse, open_gatehouse

from conftest import Repo
from podium.config.settings import CheckSettings, SandboxSettings
from podium.gate.checks.command import CommandCheck
from podium.gate.checks.new_tests import NewTestsCheck
from podium.gate.terms import Terms
from podium.model.evidence import CheckResult
from podium.model.ids import Tree
from podium.model.task import Kind
from podium.model.verdict import Verdict

CALC = "def add(a, b):\n    return a + b\n"
SUB = CALC + "\n\ndef sub(a, b):\n    return a - b\n"
TESTS = "import calc\n\ndef test_add():\n    assert calc.add(2, 3) == 5\n"
BASE = {"calc.py": CALC, "tests/test_calc.py": TESTS}
SUB_TEST = "\n\ndef test_sub():\n    assert calc.sub(3, 2) == 1\n"
SEEN: dict[tuple[Tree, str], CheckResult] = {}


@pytest.fixture
def house(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gatehouse:
    house = open_gatehouse(repo, tmp_path, monkeypatch)
    house.seen = SEEN
    return house


def judged(
    house: Gatehouse, change: dict[str, str], *, kind: Kind | None = Kind.FEATURE, run: str = "python -m pytest -q tests",
    base: dict[str, str] | None = None, woven: bool = False,
) -> CheckResult:  # fmt: skip
    first = house.repo.commit(base or BASE)
    head = house.repo.commit(change)
    settings = CheckSettings(name="tests", run=run, report="junit" if "{report}" in run else None, plugins=())
    command = CommandCheck(settings, SandboxSettings())
    check = NewTestsCheck(command, Terms(first, tuple(change), kind=kind, woven=woven))
    return house.gate([check], head, base=first).results[0]


def test_a_test_of_the_change_passes_shuffled_and_fails_without_it(house: Gatehouse) -> None:
    result = judged(house, {"calc.py": SUB, "tests/test_calc.py": TESTS + SUB_TEST})
    assert result.verdict is Verdict.PASSED
    assert result.because == (
        "1 new test passed 3 times in shuffled order; 1 of them does not pass without the change"
    )


def test_new_tests_that_pass_without_the_change_prove_nothing(house: Gatehouse) -> None:
    change = {"calc.py": SUB, "tests/test_more.py": "def test_more():\n    assert True\n"}
    result = judged(house, change)
    assert result.verdict is Verdict.FAILED
    assert (
        result.because
        == "the new tests pass without the change: they prove nothing of it: tests.test_more::test_more"
    )
    for kind in (Kind.REFACTOR, Kind.TEST, Kind.CHORE, None):
        assert judged(house, change, kind=kind).verdict is Verdict.PASSED
    assert judged(house, change, woven=True).verdict is Verdict.PASSED


def test_one_test_that_proves_something_is_enough(house: Gatehouse) -> None:
    change = {"calc.py": SUB, "tests/test_calc.py": TESTS + SUB_TEST + "\n\ndef test_more(): pass\n"}
    assert "1 of them does not pass without the change" in judged(house, change).because


def test_no_new_test_is_said_and_a_fix_is_advised_to_bring_one(house: Gatehouse) -> None:
    change = {"calc.py": SUB}
    feature, fix = judged(house, change), judged(house, change, kind=Kind.FIX)
    assert (feature.verdict, feature.because, feature.advice) == (Verdict.PASSED, "no new test", ())
    assert fix.verdict is Verdict.PASSED
    assert fix.advice == ("a fix without a test that would have caught it",)


def test_a_fix_of_a_test_that_was_red_needs_no_other(house: Gatehouse) -> None:
    red = {**BASE, "calc.py": CALC.replace("+", "-")}
    result = judged(house, {"calc.py": CALC}, kind=Kind.FIX, base=red)
    assert (result.verdict, result.because, result.advice) == (
        Verdict.PASSED,
        "no new test; 1 test passed that did not on the base",
        (),
    )


def test_a_new_test_that_depends_on_the_order_is_named(house: Gatehouse) -> None:
    tests = "import calc\nSEEN = []\n\n" + "\n".join(
        f"def test_{n}():\n    SEEN.append({n})\n    assert SEEN == list(range({n} + 1)) and calc.sub(1, 1) == 0\n"
        for n in range(5)
    )
    result = judged(house, {"calc.py": SUB, "tests/test_order.py": tests})
    assert result.verdict is Verdict.FAILED
    assert "new tests that do not pass in every order: tests.test_order::test_" in result.because


def test_without_a_runner_all_is_run_once_more(house: Gatehouse) -> None:
    run = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 python -m pytest -q --junitxml={report} tests; exit $?"
    result = judged(house, {"calc.py": SUB, "tests/test_calc.py": TESTS + SUB_TEST}, run=run)
    assert result.because == "1 new test passed twice; 1 of them does not pass without the change"


def test_a_command_that_names_no_tests_is_not_asked(house: Gatehouse) -> None:
    result = judged(house, {"calc.py": SUB}, run="true")
    assert (result.verdict, result.because) == (
        Verdict.PASSED,
        "`tests` does not name its tests: which are new is not known",
    )
