"""The strength of a change's tests, measured by real pytest in real bubblewrap."""

import time
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from gatehouse import Gatehouse, check, open_gatehouse

from conftest import Repo
from podium.gate.checks.strength import StrengthCheck
from podium.gate.terms import Terms
from podium.model.evidence import CheckResult
from podium.model.ids import Sha
from podium.model.verdict import Verdict
from podium.workspaces.sandboxes.landlock import Landlock

CALC = """\
    def bigger(a, b):
        if a > b:
            return a
        return b
    """
GOOD = """\
    from calc import bigger

    def test_bigger():
        assert [bigger(a, b) for a, b in [(1, 2), (2, 1)]] == [2, 2]
    """
TAUTOLOGY = """\
    from calc import bigger

    def test_bigger():
        assert bigger(2, 1) == bigger(2, 1)
        assert bigger(1, 2) == bigger(1, 2)
    """


@pytest.fixture
def house(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gatehouse:
    return open_gatehouse(repo, tmp_path, monkeypatch)


def measure(
    house: Gatehouse,
    files: Mapping[str, str],
    *,
    minutes: float = 1,
    command: str = "pytest -q",
    limit: float = 1,
) -> CheckResult:
    """What the check says of a change that brings these files."""
    base = Sha(house.repo.git("rev-parse", "HEAD"))
    head = house.repo.commit({name: dedent(text) for name, text in files.items()})
    strength = StrengthCheck(check(command, report=True, minutes=limit), Terms(base, tuple(files)), minutes)
    [result] = house.gate([strength], head, base=base).results
    return result


def test_a_good_test_kills_the_mutants_of_its_change_in_a_copy_of_its_own(house: Gatehouse) -> None:
    result = measure(house, {"calc.py": CALC, "test_calc.py": GOOD})
    assert (result.verdict, result.advice) == (Verdict.PASSED, ())
    assert result.details["coverage"] == {"changed": 3, "run": 3, "missed": {}}
    assert result.details["mutants"]["tried"] == result.details["mutants"]["killed"] == 3
    assert house.repo.git("status", "--porcelain") == "", "nothing outside its own copy is touched"
    assert result.tree == house.repo.git("rev-parse", "HEAD^{tree}")
    assert not house.scratch.exists()


def test_a_tautology_leaves_them_alive_and_that_is_advice(house: Gatehouse) -> None:
    result = measure(house, {"calc.py": CALC, "test_calc.py": TAUTOLOGY})
    assert result.verdict is Verdict.PASSED
    assert result.advice == ("3 of 3 mutants of calc.py:1-4 survive",)
    assert {survivor["line"] for survivor in result.details["mutants"]["survivors"]} == {2, 3, 4}
    assert "3 of 3 mutants survive: calc.py:2" in result.because


def test_changed_lines_that_no_test_runs_are_named_and_their_mutants_not_tried(house: Gatehouse) -> None:
    only_one = GOOD.replace(", (2, 1)", "").replace("[2, 2]", "[2]")
    result = measure(
        house, {"src/calc.py": CALC, "tests/test_calc.py": only_one}, command="PYTHONPATH=src pytest"
    )
    assert result.advice[0] == "1 of 3 changed lines is never run by a test"
    assert result.details["coverage"]["missed"] == {"src/calc.py": [3]}
    mutants = result.details["mutants"]
    assert (mutants["total"], mutants["uncovered"]) == (2, 1)


def test_only_what_changed_is_measured(house: Gatehouse) -> None:
    house.repo.commit({"calc.py": dedent(CALC), "test_calc.py": dedent(TAUTOLOGY)})
    result = measure(house, {"calc.py": CALC.replace("a > b", "a >= b")})
    assert [survivor["line"] for survivor in result.details["mutants"]["survivors"]] == [2]
    assert measure(house, {"README.md": "more\n"}).because == "no Python source changed: nothing to measure"


def test_a_mutant_that_hangs_is_timed_out_and_what_follows_is_tried(house: Gatehouse) -> None:
    counting = """\
        def count(n):
            i = 0
            while i < n:
                i += 1
            return i
        """
    tests = "from calc import count\n\ndef test_count():\n    assert [count(0), count(2)] == [0, 2]\n"
    mutants = measure(house, {"calc.py": counting, "test_calc.py": tests}).details["mutants"]
    assert mutants["timed_out"] >= 1
    assert mutants["tried"] == mutants["total"] == mutants["killed"] + mutants["timed_out"]


@pytest.mark.slow
def test_the_time_box_holds_and_the_rest_is_said_to_be_untried(house: Gatehouse) -> None:
    body = "".join(f"    x{n} = n * {n + 2}\n" for n in range(40))
    slow = "import time\nfrom calc import f\n\ndef test_f():\n    time.sleep(1)\n    f(1)\n"
    begun = time.monotonic()
    result = measure(house, {"calc.py": f"def f(n):\n{body}", "test_calc.py": slow}, minutes=0.2)
    mutants = result.details["mutants"]
    assert time.monotonic() - begun < 12 + 10
    assert mutants["tried"] < mutants["total"] == 40
    assert result.verdict is Verdict.PASSED
    assert f"{mutants['tried']} of 40 mutants tried" in result.because


def test_without_time_the_lines_are_measured_and_no_mutant_tried(house: Gatehouse) -> None:
    result = measure(house, {"calc.py": CALC, "test_calc.py": TAUTOLOGY}, minutes=0)
    assert (result.because, result.advice) == ("advice: 3 of 3 changed lines are run by a test", ())


def test_mutants_that_spoil_the_tests_for_the_next_are_not_believed(house: Gatehouse) -> None:
    # Each mutant leaves a lock behind, so that whatever follows fails: nothing is known of it.
    locked = """\
        from pathlib import Path
        from calc import bigger

        def test_bigger():
            assert not Path("lock").exists()
            if bigger(2, 1) != 2 or bigger(1, 2) != 2:
                Path("lock").touch()
                raise AssertionError
        """
    result = measure(house, {"calc.py": CALC, "test_calc.py": locked})
    assert result.details["mutants"]["tried"] == 0
    [advice] = result.advice
    assert advice.startswith("how well the tests notice faults is not known: some tests that pass")


@pytest.mark.parametrize(
    ("tests", "command", "limit", "why"),
    [
        ("def test_a():\n    assert False\n", "pytest", 1, "the tests end with exit code 1"),
        (
            "import os\n\ndef test_a():\n    os._exit(0)\n",
            "pytest",
            1,
            "which lines the tests run was not recorded",
        ),
        (
            "import time\n\ndef test_a():\n    time.sleep(60)\n",
            "pytest",
            0.1,
            "`pytest` did not end within 6 s",
        ),
        ("", "no-such-place/pytest", 1, "the tests end with exit code 127"),
    ],
)
def test_trouble_is_unknown_strength_and_never_a_refusal(
    house: Gatehouse, tests: str, command: str, limit: float, why: str
) -> None:
    result = measure(house, {"calc.py": CALC, "test_calc.py": tests}, command=command, limit=limit)
    assert (result.verdict, result.because) == (Verdict.PASSED, f"not measured: {why}")
    assert result.advice == (f"how strong the tests are is not known: {why}",)


def test_tests_of_an_unknown_runner_and_other_languages_are_not_measured_and_said_so(
    house: Gatehouse,
) -> None:
    result = measure(house, {"calc.py": CALC, "web.ts": "let a = 1\n"}, command="sh run-tests.sh")
    assert (
        result.because == "not measured: no runner that Podium knows runs these tests; not measured: web.ts"
    )
    assert result.advice == ()


def test_a_podium_that_is_to_stop_leaves_it_for_the_next(house: Gatehouse) -> None:
    base = Sha(house.repo.git("rev-parse", "HEAD"))
    head = house.repo.commit({"calc.py": dedent(CALC), "test_calc.py": dedent(GOOD)})
    strength = StrengthCheck(check("pytest"), Terms(base, ("calc.py",)), 1)
    [result] = house.gate([strength], head, base=base, should_stop=lambda: True).results
    assert result.verdict is Verdict.COULD_NOT_RUN


def test_constants_of_a_module_are_tried_with_the_tests_that_use_the_module(house: Gatehouse) -> None:
    module = "LIMIT = 3\n\n\ndef limited(n):\n    return min(n, LIMIT)\n"
    tests = "from calc import limited\n\ndef test_limited():\n    assert limited(9) == 3\n"
    result = measure(
        house, {"calc.py": module, "test_calc.py": tests, "test_other.py": "def test_b():\n    pass\n"}
    )
    assert result.details["coverage"]["changed"] == 1
    assert (result.details["mutants"]["killed"], result.details["mutants"]["total"]) == (2, 2)


def test_without_a_sandbox_no_mutant_is_run(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_gatehouse(repo, tmp_path / "white space", monkeypatch, sandbox="none")
    result = measure(house, {"calc.py": CALC, "test_calc.py": TAUTOLOGY})
    assert (
        result.because == "advice: 3 of 3 changed lines are run by a test; no mutant is run without a sandbox"
    )
    assert result.details["mutants"]["tried"] == 0


def test_it_works_in_a_sandbox_without_mounts(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if Landlock().unavailable():
        pytest.skip(Landlock().unavailable())
    house = open_gatehouse(repo, tmp_path / "white space", monkeypatch, sandbox="landlock")
    result = measure(house, {"calc.py": CALC, "test_calc.py": GOOD})
    assert result.details["mutants"]["killed"] == 3


def test_the_digest_names_the_base_and_the_time(house: Gatehouse) -> None:
    one = house.repo.commit({})
    two = house.repo.commit({"a": ""})
    tests = check("pytest")
    checks = [
        StrengthCheck(tests, Terms(one, ()), 1),
        StrengthCheck(tests, Terms(two, ()), 1),
        StrengthCheck(tests, Terms(one, ()), 2),
        StrengthCheck(check("pytest -q"), Terms(one, ()), 1),
    ]
    assert len({each.digest for each in checks}) == 4
