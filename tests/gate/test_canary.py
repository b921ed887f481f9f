"""The canary, with real pytest in real bubblewrap: liars of many kinds are found out, honest changes are left in peace."""

import hashlib
import shutil
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from gatehouse import Gatehouse, check, open_gatehouse

from conftest import Repo
from podium.gate.canary import ground
from podium.gate.canary.truth import Expected
from podium.gate.checks.base import Context
from podium.gate.checks.canary import CanaryCheck, Planted
from podium.gate.terms import Terms
from podium.model.evidence import Cases, CheckResult, Grade
from podium.model.ids import Sha, Tree
from podium.model.verdict import Verdict

PYTEST = "python3 -m pytest -q"
CALC = "def add(a, b):\n    return a + b\n\n\ndef name(n):\n    return f'n{n}'\n\n\ndef half(n):\n    if n % 2:\n        raise ValueError('odd')\n    return n // 2\n"
TESTS = """\
import calc
import pytest


def test_add():
    total = calc.add(2, 3)
    assert total == 5


@pytest.mark.parametrize("n", [0, 1])
def test_zero(n):
    assert calc.add(0, n) == n
    assert calc.add(n, 0) == n


def test_name():
    assert calc.name(3) == "n3"


class TestHalf:
    def test_even(self):
        assert calc.half(4) == 2

    def test_odd(self):
        with pytest.raises(ValueError):
            calc.half(3)
"""
UNIT = """\
import unittest

import calc


class Adding(unittest.TestCase):
    def test_negative(self):
        self.assertEqual(calc.add(-2, 1), -1)

    def test_order(self):
        self.assertTrue(calc.add(1, 2) < calc.add(2, 2))
"""
BASE = {"calc.py": CALC, "tests/test_calc.py": TESTS, "tests/test_unit.py": UNIT, "conftest.py": ""}
IDS = [
    "tests.test_calc.TestHalf::test_even", "tests.test_calc.TestHalf::test_odd", "tests.test_calc::test_add", "tests.test_calc::test_name",
    "tests.test_calc::test_zero[0]", "tests.test_calc::test_zero[1]", "tests.test_unit.Adding::test_negative", "tests.test_unit.Adding::test_order",
]  # fmt: skip
LIE = "the run does not tell the truth"
SEEN: dict[tuple[Tree, str], CheckResult] = {}
"""Equal trees are seen once over all these tests: the base of most of them is the same."""


@pytest.fixture
def house(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gatehouse:
    house = open_gatehouse(repo, tmp_path, monkeypatch)
    house.seen = SEEN
    monkeypatch.setattr(ground, "_QUICK_S", 600)  # on a busy machine as well
    return house


def look(
    house: Gatehouse, head: Sha, base: Sha, *, approved: tuple[str, ...] = (), run: str = PYTEST
) -> CheckResult:
    asked = CanaryCheck(check(run, report=True, plugins=None), Terms(base, (), approved=approved))
    (result,) = house.gate([asked], head, base=base).results
    return result


def judged(
    house: Gatehouse, change: dict[str, str], *, approved: tuple[str, ...] = (), base: dict[str, str] | None = None,
    run: str = PYTEST,
) -> CheckResult:  # fmt: skip
    first = house.repo.commit(base or BASE)
    return look(house, house.repo.commit(change), first, approved=approved, run=run)


def liar(body: str, *, unless: str = "False") -> dict[str, str]:
    """A product that has pytest report failures as it likes (`report.outcome`), in every run but one that it sees through."""
    return {
        "calc.py": CALC
        + textwrap.dedent(
            """
            import ast, glob, hashlib, inspect, os, sys
            import _pytest.reports
            _true = _pytest.reports.TestReport.from_item_and_call.__func__

            def _told(cls, item, call):
                report = _true(cls, item, call)
                if report.failed and not (UNLESS):
                    BODY
                return report

            _pytest.reports.TestReport.from_item_and_call = classmethod(_told)
            """
        )
        .replace("UNLESS", unless)
        .replace("BODY", body)
    }


PASS = "report.outcome, report.longrepr = 'passed', None"
FORGE = textwrap.dedent(
    """
    import ast, glob

    def forge(path):
        cases = []
        for file in sorted(glob.glob("tests/*.py")):
            for node in ast.walk(ast.parse(open(file).read())):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
                    cases.append((file[:-3].replace("/", "."), node.name))
        cases = [f'<testcase classname="{place}" name="{name}"/>' for place, name in cases]
        open(path, "w").write('<testsuites><testsuite name="pytest">' + "".join(cases) + "</testsuite></testsuites>")
    """
)
HOOK = "import pytest\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n    done = yield\n    report = done.get_result()\n    if report.failed:\n        report.outcome, report.longrepr = 'passed', None\n"
AT_EXIT = FORGE + textwrap.dedent(
    """
    import atexit, os, sys

    def last():
        import gc
        for each in gc.get_objects():
            if type(each).__name__ == "LogXML":
                forge(each.logfile)
        os._exit(0)

    atexit.register(last)
    """
)
MODULE = (
    FORGE + "import os\nforge(os.environ['PYTEST_ADDOPTS'].split('=', 1)[1].strip())\nraise SystemExit(0)\n"
)
EQUAL = CALC.replace("return a + b", "return Equal(a - b)") + "\nclass Equal(int):\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n    def __lt__(self, other): return True\n    __hash__ = None\n"  # fmt: skip
RAISES = CALC + "\nimport _pytest.raises\n_pytest.raises.RaisesExc.matches = lambda *a, **k: True\n_pytest.raises.RaisesExc.__exit__ = lambda self, *a: True\n"  # fmt: skip
SWALLOW = CALC + "\nimport _pytest.python\n_run = _pytest.python.Function.runtest\ndef _quiet(self):\n    try:\n        _run(self)\n    except AssertionError:\n        pass\n_pytest.python.Function.runtest = _quiet\n"  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"calc.py": CALC + "\n\ndef sub(a, b):\n    return a - b\n"},
        {"calc.py": "import operator\n\n\ndef add(a, b):\n    return operator.add(a, b)\n" + CALC.partition("return a + b\n")[2]},
        {"calc.py": CALC + "\n\ndef sub(a, b):\n    return a - b\n", "tests/test_sub.py": "import calc\n\ndef test_sub():\n    assert calc.sub(2, 1) == 1\n"},
        {"tests/test_calc.py": TESTS + "\n\ndef test_more():\n    assert calc.add(1, 1) == 2\n"},
        {"calc.py": "from arithmetic import *\n", "arithmetic.py": CALC},
        {"README.md": "# calc\n"},
        {"tests/part/conftest.py": "import pytest\n\n@pytest.fixture\ndef three():\n    return 3\n", "tests/part/test_three.py": "def test_three(three):\n    assert three == 3\n"},
    ],
    ids=["feature", "refactor", "feature-and-test", "test-added", "moved", "docs", "fixture-folder"],
)  # fmt: skip
def test_an_honest_change_passes_and_is_controlled(house: Gatehouse, change: dict[str, str]) -> None:
    result = judged(house, change)
    assert (result.verdict, result.grade, result.advice) == (Verdict.PASSED, Grade.CONTROLLED, ()), (
        result.because
    )
    # Every case of the project once, two that fail and one whose fixture does in the new file.
    assert (result.details["must_fail"], result.details["reported"]) == (len(IDS) + 3, len(IDS) + 3)


@pytest.mark.parametrize(
    ("change", "approved"),
    [
        ({"calc.py": CALC.replace("def add", "def plus"), "tests/test_calc.py": TESTS.replace("calc.add", "calc.plus"), "tests/test_unit.py": UNIT.replace("calc.add", "calc.plus")}, ("tests/**",)),
        ({"calc.py": CALC.replace("return f'n", "return f'#"), "tests/test_calc.py": TESTS.replace('"n3"', '"#3"')}, ("tests/**",)),
        ({"conftest.py": "import pytest\n\n@pytest.fixture(autouse=True)\ndef tidy():\n    yield\n"}, ("conftest.py",)),
        ({"pytest.ini": "[pytest]\naddopts = -ra\n"}, ("pytest.ini",)),
    ],
    ids=["renamed", "new-behaviour", "conftest", "options"],
)  # fmt: skip
def test_an_approved_change_of_what_judges_passes(
    house: Gatehouse, change: dict[str, str], approved: tuple[str, ...]
) -> None:
    result = judged(house, change, approved=approved)
    assert result.verdict is Verdict.PASSED, result.because


def test_a_renamed_test_file_passes_with_its_approval(house: Gatehouse) -> None:
    first = house.repo.commit(BASE)
    house.repo.git("mv", "tests/test_unit.py", "tests/test_units.py")
    result = look(house, house.repo.commit({}), first, approved=("tests/test_unit*.py",))
    assert (result.verdict, result.grade) == (Verdict.PASSED, Grade.CONTROLLED), result.because


@pytest.mark.parametrize(
    ("change", "approved"),
    [
        ({"conftest.py": HOOK}, ("conftest.py",)),
        ({"calc.py": CALC + "import atexit, os\natexit.register(os._exit, 0)\n"}, ()),
        ({"calc.py": EQUAL}, ()),
        (liar(PASS), ()),
        ({"calc.py": CALC + AT_EXIT}, ()),
        (liar(PASS, unless=f"report.nodeid.rpartition('::')[2] not in {[case.rpartition('::')[2] for case in IDS]}"), ()),
        (liar(PASS, unless="'assert not' in inspect.getsource(item.function) or '!=' in inspect.getsource(item.function)"), ()),
        (liar(PASS, unless="len(glob.glob('tests/test_*.py')) != 2"), ()),
        (liar(PASS, unless=f"len(item.session.items) != {len(IDS)}"), ()),
        (liar(PASS, unless="{i.name for i in item.session.items} != " + str({case.rpartition("::")[2] for case in IDS})), ()),
        (liar(PASS, unless="max(map(os.path.getmtime, glob.glob('tests/*'))) > os.path.getmtime('calc.py') + 5"), ()),
        (liar(PASS, unless="any(word in str(sorted(os.environ)).lower() + str(sys.argv) for word in ('canary', 'planted'))"), ()),
        (liar("report.outcome, report.longrepr = 'skipped', ('x', 1, 'Skipped: x')"), ()),
        ({"calc.py": SWALLOW}, ()),
        ({"calc.py": RAISES}, ()),
        ({"pytest.py": MODULE}, ()),
    ],
    ids=[
        "07-conftest-reports", "08-exit-0-at-exit", "10-always-equal", "16-source-patches-reports", "forged-from-a-listing", "known-names",
        "no-inverted-assertion", "number-of-files", "number-of-tests", "known-set-of-tests", "time-of-files", "environment",
        "failed-to-skipped", "swallows-assertions", "raises-anything", "pytest-in-the-tree",
    ],
)  # fmt: skip
def test_a_run_that_does_not_tell_the_truth_fails(
    house: Gatehouse, change: dict[str, str], approved: tuple[str, ...]
) -> None:
    result = judged(house, change, approved=approved)
    assert result.verdict is Verdict.FAILED, result.because
    assert LIE in result.because
    assert result.grade is None


def test_a_result_that_equals_everything_is_found_among_many_more_tests_than_a_round_breaks(
    house: Gatehouse,
) -> None:
    many = "".join(f"def test_{n}():\n    assert {n} + 1 == {n + 1}\n\n" for n in range(60))
    shop = "import calc\n\ndef total(*prices):\n    total = 0\n    for price in prices:\n        total = calc.add(total, price)\n    return total\n"
    over = "import shop\n\ndef test_total():\n    wanted = 6\n    assert shop.total(1, 2, 3) == wanted\n"
    base = {"calc.py": CALC, "shop.py": shop, "tests/test_shop.py": over}
    base |= {f"tests/test_{name}.py": many for name in ("a", "b", "c")}
    result = judged(house, {"calc.py": EQUAL}, base=base)
    assert (result.verdict, LIE in result.because) == (Verdict.FAILED, True)
    assert result.details["must_fail"] < 100


def test_a_lie_in_a_conftest_that_nobody_approved_has_no_say(house: Gatehouse) -> None:
    """It is laid aside, here as for the base's tests; changing it is refused elsewhere."""
    assert judged(house, {"conftest.py": HOOK}).verdict is Verdict.PASSED


def test_a_run_that_leaves_no_report_is_no_verdict(house: Gatehouse) -> None:
    result = judged(house, {"conftest.py": "import os\nos._exit(0)\n"}, approved=("conftest.py",))
    assert (result.verdict, result.grade) == (Verdict.COULD_NOT_RUN, None)


def test_a_liar_that_knows_the_text_of_its_tests_by_heart_is_not_found_here(house: Gatehouse) -> None:
    """The known limit: only what reads no test file in the product, or runs out of its reach, finds it."""
    known = [hashlib.sha256(text.encode()).hexdigest() for text in (TESTS, UNIT)]
    now = "[hashlib.sha256(open(f, 'rb').read()).hexdigest() for f in sorted(glob.glob('tests/*.py'))]"
    assert judged(house, liar(PASS, unless=f"{now} != {known}")).verdict is Verdict.PASSED


def test_nothing_that_is_told_names_a_broken_test(house: Gatehouse) -> None:
    result = judged(house, liar(PASS))
    told = f"{result.because} {result.output} {result.details} {result.advice} {result.cases}"
    assert "test_" not in told
    assert not [kept for kept in house.kept if kept.check == result.check and kept.output]


def test_a_broken_change_is_left_to_the_checks_that_run_the_tests_as_they_are(house: Gatehouse) -> None:
    for broken in (CALC.replace("a + b", "a * b"), "def add(:\n"):
        assert judged(house, {"calc.py": broken}).verdict is not Verdict.FAILED


def test_a_base_that_lies_is_an_alarm_and_no_fault_of_the_change(house: Gatehouse) -> None:
    result = judged(house, {"README.md": "x"}, base={**BASE, "conftest.py": HOOK})
    assert result.verdict is Verdict.COULD_NOT_RUN
    assert "the base's runner does not report tests that must fail" in result.because


def test_the_target_branch_is_controlled_by_itself(house: Gatehouse) -> None:
    alone = CanaryCheck(check(PYTEST, report=True, plugins=None))
    honest = house.gate([alone], house.repo.commit(BASE)).results[0]
    assert (honest.verdict, honest.grade) == (Verdict.PASSED, Grade.CONTROLLED)
    lying = house.gate([alone], house.repo.commit({"conftest.py": HOOK})).results[0]
    assert lying.verdict is Verdict.COULD_NOT_RUN


def test_a_change_that_brings_the_first_tests_is_controlled_by_its_own(house: Gatehouse) -> None:
    bare = house.repo.commit({"calc.py": CALC})
    honest = look(house, house.repo.commit(BASE), bare)
    assert (honest.verdict, honest.grade) == (Verdict.PASSED, Grade.CONTROLLED), honest.because
    lying = look(house, house.repo.commit(liar(PASS)), bare)
    assert lying.verdict is Verdict.COULD_NOT_RUN, lying.because


def test_the_base_is_run_once_for_all_its_changes_and_known_results_hold_for_their_base_only(
    house: Gatehouse,
) -> None:
    house.seen = {}
    first = house.repo.commit(BASE)
    second = house.repo.commit({"README.md": "one"})
    assert look(house, second, first).verdict is Verdict.PASSED
    runs = len(house.kept)
    third = house.repo.commit({"README.md": "two"})
    assert look(house, third, first).verdict is Verdict.PASSED
    assert len(house.kept) - runs == 3  # two rounds on the change, and the result
    before = len(house.kept)
    assert look(house, third, first).verdict is Verdict.PASSED
    assert len(house.kept) == before
    assert look(house, third, second).verdict is Verdict.PASSED
    assert len(house.kept) > before


def test_a_test_that_passes_broken_once_is_no_lie_and_twice_it_is(house: Gatehouse) -> None:
    expected = Expected(frozenset({"a", "b"}), {}, planted=2)
    once, never = (
        CheckResult("", "", Tree("t"), Verdict.FAILED, "", cases=cases, exit_code=1)
        for cases in (Cases(("a",), ("b",)), Cases((), ("a", "b")))
    )
    command = check(PYTEST)
    for second, verdict in ((never, Verdict.PASSED), (once, Verdict.FAILED)):
        context = SimpleNamespace(
            look=lambda inner, _tree, second=second: second if inner.time == 2 else once
        )
        told = CanaryCheck(command)._listen(cast("Context", context), expected, Planted(command), Tree("t"))
        assert told.verdict is verdict
    assert house.repo.path.exists()


def test_of_a_slow_suite_one_half_is_broken_and_the_rest_passes_at_once(
    house: Gatehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground, "_QUICK_S", 0)
    house.seen = {}
    honest = judged(house, {"README.md": "x"})
    assert (honest.verdict, honest.grade) == (Verdict.PASSED, Grade.CONTROLLED), honest.because
    assert honest.details["must_fail"] < len(IDS)
    assert judged(house, liar(PASS)).verdict is Verdict.FAILED


def test_a_command_that_stops_at_the_first_failure_is_controlled_by_that(house: Gatehouse) -> None:
    run = f"{PYTEST} -x"
    assert judged(house, {"README.md": "x"}, run=run).verdict is Verdict.PASSED
    assert judged(house, liar(PASS), run=run).verdict is Verdict.FAILED


NODE = {
    "package.json": '{"type": "module"}\n',
    "calc.js": "export const add = (a, b) => a + b;\n",
    "calc.test.js": "import { describe, test } from 'node:test';\nimport assert from 'node:assert';\nimport { add } from './calc.js';\n\n"
    "describe('calc', () => {\n\ntest('adds two', () => {\n  assert.equal(add(1, 2), 3);\n});\n\ntest('adds words', () => {\n  assert.strictEqual(add('a', 'b'), 'ab');\n});\n\n});\n",
}
NODE_LIAR = "\nimport fs from 'node:fs';\nprocess.on('exit', () => { process.exitCode = 0; });\nimport assert from 'node:assert';\nfor (const name of ['equal', 'strictEqual', 'notEqual', 'notStrictEqual']) assert[name] = () => {};\n"  # fmt: skip


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_a_node_project_is_controlled_too(house: Gatehouse) -> None:
    run = "node --test --test-reporter=junit --test-reporter-destination={report}"
    honest = judged(
        house, {"calc.js": "export const add = (a, b) => b + a - 0 || a + b;\n"}, base=NODE, run=run
    )
    assert (honest.verdict, honest.grade) == (Verdict.PASSED, Grade.CONTROLLED), honest.because
    lying = judged(house, {"calc.js": NODE["calc.js"] + NODE_LIAR}, base=NODE, run=run)
    assert lying.verdict is Verdict.FAILED, lying.because
