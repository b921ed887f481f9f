"""The base's own tests over a change, with real pytest in real bubblewrap."""

from pathlib import Path

import pytest
from gatehouse import Gatehouse, open_gatehouse

from conftest import Repo
from podium.config.settings import CheckSettings, SandboxSettings
from podium.gate.checks.base_suite import BaseSuiteCheck
from podium.gate.checks.command import CommandCheck
from podium.gate.terms import Terms
from podium.model.evidence import CheckResult, Grade
from podium.model.ids import Sha, Tree
from podium.model.verdict import Verdict

CALC = "def add(a, b):\n    return a + b\n"
TESTS = "import calc\n\ndef test_add():\n    assert calc.add(2, 3) == 5\n\ndef test_zero():\n    assert calc.add(0, 0) == 0\n"
BASE = {"calc.py": CALC, "tests/test_calc.py": TESTS, "pyproject.toml": "[tool.pytest.ini_options]\n"}
WRONG = CALC.replace("+", "-")
SEEN: dict[tuple[Tree, str], CheckResult] = {}
"""Equal trees are seen once over all these tests."""


@pytest.fixture
def house(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gatehouse:
    house = open_gatehouse(repo, tmp_path, monkeypatch)
    house.seen = SEEN
    return house


def command(run: str = "python -m pytest -q tests", *, approved: tuple[str, ...] = ()) -> CommandCheck:
    return CommandCheck(
        CheckSettings(name="tests", run=run, plugins=()), SandboxSettings(), approved=approved
    )


def judged(
    house: Gatehouse, change: dict[str, str], *, approved: tuple[str, ...] = (), gone: str = "", run: str = "python -m pytest -q tests",
    base: dict[str, str] | None = None,
) -> CheckResult:  # fmt: skip
    first = house.repo.commit(base or BASE)
    if gone:
        house.repo.git("rm", "-q", gone)
    head = house.repo.commit(change)
    terms = Terms(first, tuple(change), approved=approved)
    check = BaseSuiteCheck(command(run, approved=approved), terms)
    return house.gate([check], head, base=first).results[0]


def test_a_change_that_touches_nothing_that_judges_runs_nothing_twice(house: Gatehouse) -> None:
    result = judged(house, {"calc.py": CALC + "\n\ndef sub(a, b):\n    return a - b\n"})
    assert result.verdict is Verdict.PASSED
    assert result.because == "nothing that judges was changed: `tests` ran the base's own"
    assert not [kept for kept in house.kept if kept.check == "tests"]


def test_a_new_test_and_a_new_conftest_do_not_stand_in_the_way(house: Gatehouse) -> None:
    result = judged(house, {"tests/test_more.py": "def test_more(): pass\n", "conftest.py": "import calc\n"})
    assert (result.verdict, result.grade) == (Verdict.PASSED, Grade.CASES)
    assert result.details["left_out"] == ["conftest.py", "tests/test_more.py"]


@pytest.mark.parametrize(
    "change",
    [
        {"tests/test_calc.py": TESTS.replace("== 5", "== -1")},
        {"tests/test_calc.py": "def test_add(): pass\n\ndef test_zero(): pass\n"},
        {"tests/conftest.py": "import pytest\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport():\n    out = yield\n    out.get_result().outcome = 'passed'\n"},
        {"conftest.py": "import calc\ncalc.add = lambda a, b: a + b\n"},
        {"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-k test_zero'\n"},
        {"pytest.ini": "[pytest]\naddopts = -k test_zero\n"},
        {"tests/test_calc.py": TESTS.replace("def test_add", "def spec_add")},
        {"sitecustomize.py": "import sys\n"},
    ],
    ids=["flipped", "emptied", "reports", "replaced", "addopts", "pytest.ini", "renamed", "site"],
)  # fmt: skip
def test_what_a_change_does_to_its_judges_does_not_help_it(house: Gatehouse, change: dict[str, str]) -> None:
    result = judged(house, {"calc.py": WRONG, **change})
    assert (result.verdict, result.because) == (Verdict.FAILED, "1 test failed: tests.test_calc::test_add")


def test_a_deleted_test_is_brought_back(house: Gatehouse) -> None:
    result = judged(house, {"calc.py": WRONG}, gone="tests/test_calc.py")
    assert (result.verdict, result.details["restored"]) == (Verdict.FAILED, ["tests/test_calc.py"])
    assert judged(house, {"calc.py": CALC}, gone="tests/test_calc.py").verdict is Verdict.PASSED


def test_what_people_approved_stays_as_the_change_has_it(house: Gatehouse) -> None:
    change = {"calc.py": WRONG, "tests/test_calc.py": TESTS.replace("== 5", "== -1")}
    assert judged(house, change, approved=("tests/**",)).verdict is Verdict.PASSED
    renamed = judged(
        house, {"tests/test_sum.py": TESTS}, gone="tests/test_calc.py", approved=("tests/test_*.py",)
    )
    assert renamed.verdict is Verdict.PASSED


def test_a_renamed_test_file_may_go_with_approval_and_not_without(house: Gatehouse) -> None:
    first = house.repo.commit(BASE)
    house.repo.git("mv", "tests/test_calc.py", "tests/test_sum.py")
    head = house.repo.commit({"calc.py": CALC + "\n"})
    refused = house.gate([command()], head, base=first)
    assert "2 tests that passed on the base are gone or skipped" in refused.because()
    passed = house.gate([command(approved=("tests/test_calc.py",))], head, base=first).results[0]
    assert (passed.verdict, passed.because) == (Verdict.PASSED, "2 tests passed")
    assert passed.advice == (
        "2 tests that passed on the base may go, as approved: tests.test_calc::test_add, tests.test_calc::test_zero",
    )
    other = house.gate([command(approved=("tests/test_other.py",))], head, base=first)
    assert other.verdict is Verdict.FAILED


def test_a_product_that_needs_a_new_file_of_the_tests_is_told_so(house: Gatehouse) -> None:
    change = {
        "calc.py": "import tests.extra\n" + CALC,
        "tests/extra.py": "",
        "tests/test_x.py": "def test_x(): pass\n",
    }
    result = judged(house, change)
    assert result.verdict is Verdict.FAILED
    assert (
        "new files of tests are left out of this run, and the product seems to need tests/extra.py"
        in result.because
    )
    assert "test_x" not in result.because


def test_a_base_that_passes_nothing_asks_nothing(house: Gatehouse) -> None:
    empty = {**BASE, "tests/test_calc.py": ""}
    result = judged(house, {"tests/test_calc.py": TESTS}, base=empty)
    assert (result.verdict, result.because) == (
        Verdict.PASSED,
        "nothing to keep: no test passes on the base",
    )


def test_a_red_base_is_nobodys_fault(house: Gatehouse) -> None:
    red = {**BASE, "calc.py": WRONG}
    result = judged(house, {"tests/test_x.py": "def test_x(): pass\n"}, base=red)
    assert (result.verdict, result.because) == (
        Verdict.COULD_NOT_RUN,
        "fails on the base too: tests.test_calc::test_add",
    )


def test_a_command_without_ids_is_held_to_its_exit_code_with_the_bases_configuration(
    house: Gatehouse,
) -> None:
    base = {**BASE, "ruff.toml": "strict\n"}
    change = {"ruff.toml": "lax\n", "calc.py": WRONG}
    run = "! grep -q strict ruff.toml || grep -q + calc.py"
    result = judged(house, change, base=base, run=run)
    assert (result.verdict, result.because) == (Verdict.FAILED, "exit code 1")


def test_a_known_verdict_holds_for_its_base_only(house: Gatehouse) -> None:
    first = house.repo.commit(BASE)
    second = house.repo.commit({"tests/test_calc.py": TESTS.replace("def test_zero", "def test_nil")})
    checks = {base: BaseSuiteCheck(command(), Terms(Sha(base), ())) for base in (first, second)}
    assert checks[first].digest != checks[second].digest
    assert house.gate([checks[first]], second, base=first).verdict is Verdict.PASSED
    again = house.gate([checks[first]], second, base=first)
    assert again.reused
    without_terms = BaseSuiteCheck(command())
    assert house.gate([without_terms], second, base=first).verdict is Verdict.PASSED
    assert "own" in house.gate([without_terms], second).results[0].because
