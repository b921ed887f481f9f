"""Breaking tests: text in, text out, the same each time, and whatever is broken does fail."""

import ast
import types
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.gate.canary.base import LIMIT_BYTES, Outcome, apply
from podium.gate.canary.cases import likely_run
from podium.gate.canary.golang import Go
from podium.gate.canary.javascript import JavaScript
from podium.gate.canary.python import Python
from podium.gate.canary.registry import language_of
from podium.gate.canary.sabotage import Limits, Mark, Sabotage, sabotage, with_newcomer
from podium.gate.canary.truth import Expected, expect, listen
from podium.model.evidence import Cases, CheckResult
from podium.model.ids import Tree
from podium.model.verdict import Verdict

SOURCE = b'''\
"""Tests with every kind of assertion."""
import unittest
from contextlib import suppress

import pytest


def test_number():
    """Words."""
    assert 2 + 3 == 5


def test_many():
    name = "\xc3\xa4b"  # more bytes than characters
    assert name[1:] == "b"; assert name != "c"
    assert ("b" in name) is True
    assert len(name) <= 2, "a message"
    assert (
        name
        and [1, 2] == [1, 2]
    )
    for each in (1, 2):
        assert each == +each
    with suppress(KeyError):
        assert {"a": -3}["a"] == -3


def test_raises():
    with pytest.raises(ValueError):
        int("x")


def test_short(): assert () == ()


class TestGroup:
    def test_inside(self):
        assert (1,) == (1,)

    class TestDeeper:
        def test_deepest(self):
            assert b"x" == b"x" and {1} == {1}


class Unit(unittest.TestCase):
    def test_unit(self):
        self.assertEqual("a", "a")
        self.assertTrue(1)
        self.assertIsNone(None)
        with self.assertRaises(KeyError):
            {}["a"]


def helper():
    assert 1 == 2
'''
NAMES = {
    "test_number",
    "test_many",
    "test_raises",
    "test_short",
    "TestGroup.test_inside",
    "TestGroup.TestDeeper.test_deepest",
    "Unit.test_unit",
}
FILES = {"tests/test_all.py": SOURCE}


def case_of(name: str, *, path: str = "tests.test_all") -> str:
    *classes, function = name.split(".")
    return ".".join([path, *classes]) + f"::{function}"


PASSED = [case_of(name) for name in sorted(NAMES)]


def run(source: bytes, name: str) -> None:
    """Call one test of a source, as a runner would."""
    module = types.ModuleType("sample")
    exec(compile(source, "sample.py", "exec"), module.__dict__)
    *classes, function = name.split(".")
    place: object = module
    for each in classes:
        place = getattr(place, each)
    if classes:
        place = place(function) if classes == ["Unit"] else place()  # type: ignore[operator]
    getattr(place, function)()


def test_the_tests_of_a_file_are_found() -> None:
    assert {test.name for test in Python().tests(SOURCE)} == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_way_to_break_a_test_makes_it_fail_and_leaves_all_others(name: str) -> None:
    test = next(test for test in Python().tests(SOURCE) if test.name == name)
    run(SOURCE, name)
    assert test.ways
    for way in test.ways:
        changed = apply(SOURCE, [way.edit])
        assert {each.name for each in Python().tests(changed)} == NAMES
        with pytest.raises((Exception, pytest.fail.Exception)):
            run(changed, name)
        for other in NAMES - {name}:
            run(changed, other)


def test_an_exception_that_would_end_the_whole_run_stays_expected() -> None:
    source = b"def test_a():\n    with pytest.raises(KeyboardInterrupt):\n        stop()\n"
    assert {way.kind for test in Python().tests(source) for way in test.ways} == {"raised"}


def test_a_hollow_test_passes_at_once() -> None:
    broken = SOURCE.replace(b"==", b"!=").replace(b"assert", b"assert not")
    for test in Python().tests(broken):
        assert test.hollow
        run(apply(broken, [test.hollow]), test.name)


def test_the_halves_are_different_and_together_all() -> None:
    first, second = (sabotage(FILES, "seed", half=half, passed=PASSED) for half in (0, 1))
    names = [{mark.name for mark in each.broken} for each in (first, second)]
    assert names[0] | names[1] == NAMES
    assert not names[0] & names[1]
    assert {mark.kind for mark in first.broken + second.broken} >= {"expected"}


def test_the_same_seed_breaks_the_same_and_another_one_something_else() -> None:
    once, again = (sabotage(FILES, "seed", half=0, passed=PASSED) for _ in range(2))
    assert once == again
    others = [sabotage(FILES, str(seed), half=0, passed=PASSED) for seed in range(5)]
    assert len({each.files["tests/test_all.py"] for each in others}) > 1


def test_only_tests_that_passed_are_broken_and_no_more_than_allowed() -> None:
    done = sabotage(FILES, "seed", half=0, passed=["tests.test_all::test_number", "tests.other::test_many"])
    assert [mark.name for mark in done.broken] == ["test_number"]
    assert len(sabotage(FILES, "seed", half=0, passed=PASSED, limits=Limits(cases=2)).broken) == 2
    assert not sabotage(FILES, "seed", half=0, passed=[]).files


def test_a_test_of_very_many_cases_is_broken_only_where_there_is_room() -> None:
    cases = [f"tests.test_all::test_number[{n}]" for n in range(100)]
    done = (
        sabotage(FILES, "seed", half=0, passed=[*PASSED, *cases]),
        sabotage(FILES, "seed", half=1, passed=[*PASSED, *cases]),
    )
    assert {mark.name for each in done for mark in each.broken} == NAMES - {"test_number"}
    alone = sabotage(FILES, "seed", half=0, passed=cases)
    assert [mark.name for mark in alone.broken] == ["test_number"]


def test_the_rest_of_a_slow_suite_is_hollowed() -> None:
    files = {**FILES, "tests/test_slow.py": b"def test_slow():\n    while True: pass\n"}
    done = sabotage(files, "seed", half=0, passed=PASSED, limits=Limits(cases=1, hollow=True))
    run(done.files["tests/test_slow.py"], "test_slow")
    (broken,) = done.broken
    for name in NAMES - {broken.name}:
        run(done.files["tests/test_all.py"], name)


def test_a_new_file_has_a_name_of_its_own_and_tests_that_end_as_said() -> None:
    done = with_newcomer(Sabotage(), FILES, "seed", taken=FILES)
    ((path, source),) = done.files.items()
    assert path.startswith("tests/test_")
    assert language_of(path)
    assert sorted(mark.outcome for mark in done.fresh) == [
        "failed",
        "failed",
        "failed",
        "passed",
        "passed",
        "skipped",
    ]
    assert {test.name for test in Python().tests(source)} == {mark.name for mark in done.fresh}
    other = with_newcomer(Sabotage(), FILES, "other", taken=FILES)
    assert not {mark.name for mark in done.fresh} & {mark.name for mark in other.fresh}


@pytest.mark.parametrize("seed", range(20))
def test_what_a_new_file_says_of_its_tests_holds(seed: int) -> None:
    made = Python().newcomer("test_x.py", b"", chance=Random(seed), taken=())
    assert made
    for name, outcome in made.outcomes.items():
        node = next(each for each in ast.parse(made.source).body if getattr(each, "name", "") == name)
        if isinstance(node, ast.FunctionDef) and node.args.args:
            assert outcome is Outcome.FAILED  # its fixture raises
            continue
        try:
            run(made.source, name)
        except pytest.skip.Exception:
            assert outcome is Outcome.SKIPPED
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 - any failure is one
            assert outcome is Outcome.FAILED
        else:
            assert outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "source",
    [
        b"def test_a(:\n", b"\xff\xfedef", b"def test_a():\r    assert 1 == 1\r", b"\x0cdef test_a(): assert 1 == 1\n", b"x" * (LIMIT_BYTES + 1),
        b"(" * 5000, b"def test_a():\n" + b"    assert " + b"not " * 20000 + b"1\n", b"\x00",
    ],
    ids=["syntax", "bytes", "returns", "form-feed", "long", "deep", "deeper", "nul"],
)  # fmt: skip
def test_what_cannot_be_read_has_no_tests(source: bytes) -> None:
    assert not Python().tests(source)


def test_searching_tests_are_left_alone() -> None:
    assert not Python().tests(b"@given(st.integers())\ndef test_a(n):\n    assert n == n\n")


@given(st.text(alphabet="ab=( )\n'\":#\t+[]{}", max_size=60))
def test_no_text_is_broken_beyond_reading(body: str) -> None:
    source = ("def test_a():\n    " + body.replace("\n", "\n    ") + "\n    assert 1 == 1\n").encode()
    for half in (0, 1):
        done = sabotage(
            {"test_a.py": source}, "s", half=half, passed=["test_a::test_a"], limits=Limits(hollow=True)
        )
        assert all(Python().is_sound(changed) for changed in done.files.values())


@pytest.mark.parametrize(
    ("path", "name", "case", "owns"),
    [
        ("tests/test_a.py", "test_x", "tests.test_a::test_x", True),
        ("tests/test_a.py", "test_x", "test_a::test_x[1-a::b]", True),
        ("test_a.py", "test_x", "project.test_a::test_x #2", True),
        ("tests/test_a.py", "T.test_x", "tests.test_a.T::test_x", True),
        ("tests/test_a.py", "test_x", "tests.test_a.T::test_x", False),
        ("tests/test_a.py", "test_x", "tests.test_b::test_x", False),
        ("tests/test_a.py", "test_x", "tests.test_a::test_xy", False),
        ("a.test.js", "adds two", "test::adds two", True),
        ("a.test.js", "adds two", "calc::calc > adds two", True),
        ("a.test.js", "adds two", "test::adds two more", False),
        ("calc/a_test.go", "TestAdd", "example.com/m/calc::TestAdd", True),
        ("calc/a_test.go", "TestAdd", "example.com/m/calc::TestAdd/zero", True),
        ("calc/a_test.go", "TestAdd", "example.com/m/other::TestAdd", False),
    ],
)  # fmt: skip
def test_a_case_is_told_to_be_of_a_test(path: str, name: str, case: str, *, owns: bool) -> None:
    language = language_of(path)
    assert language
    assert language.owns(path, name, case) is owns


VITEST = b"""\
import { expect, it } from 'vitest';
import { add } from './calc';

it('adds', () => {
  expect(add(1, 2)).toBe(3);
  expect(add(1, 2)).not.toBe(4);
});

it('joins', async () => {
  expect(await join('a')).toEqual("a");
});
it('twice', () => { expect(1).toBe(1); });
it('twice', () => { expect(1).toBe(1); });
"""
GOLANG = b"""\
package calc

import "testing"

func TestAdd(t *testing.T) {
\tif got := Add(1, 2); got != 3 {
\t\tt.Errorf("got %d", got)
\t}
}

func TestName(t *testing.T) {
\trequire.Equal(t, "a", Name())
}
"""


def test_tests_in_javascript_are_broken() -> None:
    tests = {
        test.name: {apply(VITEST, [way.edit]) for way in test.ways} for test in JavaScript().tests(VITEST)
    }
    assert set(tests) == {"adds", "joins"}
    wanted = (
        b"toBe(3.1875)",
        b"2)).not.toBe(3)",
        b"2)).toBe(4)",
        b"=> { throw new RangeError('not valid');\n  expect(add",
    )
    assert all(any(words in changed for changed in tests["adds"]) for words in wanted)
    assert any(b'toEqual("q7 a")' in changed for changed in tests["joins"])


def test_a_new_file_in_javascript_is_written_in_the_manner_of_its_neighbour() -> None:
    made = JavaScript().newcomer("src/calc.spec.ts", VITEST, chance=Random(1), taken=())
    assert made
    assert made.path.startswith("src/")
    assert made.path.endswith(".spec.ts")
    assert made.source.startswith(b"import { expect, it } from 'vitest';\nit('")
    assert b"./calc" not in made.source
    assert {test.name for test in JavaScript().tests(made.source)} == set(made.outcomes)


def test_tests_in_go_are_broken_and_a_new_file_joins_their_package() -> None:
    tests = {test.name: {apply(GOLANG, [way.edit]) for way in test.ways} for test in Go().tests(GOLANG)}
    assert any(b"got == 3" in changed for changed in tests["TestAdd"])
    assert any(b"got != 31875" in changed for changed in tests["TestAdd"])
    assert any(b"require.NotEqual(t" in changed for changed in tests["TestName"])
    made = Go().newcomer("calc/add_test.go", GOLANG, chance=Random(1), taken=())
    assert made
    assert made.source.startswith(b'package calc\n\nimport "testing"\n')
    assert {test.name for test in Go().tests(made.source)} == set(made.outcomes)


def test_files_that_a_report_mentions_come_first() -> None:
    paths = ["unit/test_a.py", "slow/test_b.py"]
    assert likely_run(paths, ["unit.test_a::test_x"]) == ["unit/test_a.py"]
    assert likely_run(paths, ["something else"]) == sorted(paths)


def result(passed: str = "", failed: str = "", skipped: str = "", *, code: int = 1) -> CheckResult:
    cases = Cases(*(tuple(names.split()) for names in (passed, failed, skipped)))
    return CheckResult("", "", Tree("t"), Verdict.FAILED, "", exit_code=code, cases=cases)


def test_the_base_decides_what_counts() -> None:
    done = Sabotage(
        {}, (Mark("test_a.py", "test_x"), Mark("test_a.py", "test_y")), (Mark("test_n.py", "test_n"),)
    )
    plain = Cases(("test_a::test_x", "test_a::test_y", "test_a::test_z"))
    expected = expect(done, plain, result("test_a::test_y test_a::test_z", "test_a::test_x test_n::test_n"))
    assert (expected.must_fail, expected.fresh) == (
        frozenset({"test_a::test_x"}),
        {"test_n::test_n": Outcome.FAILED},
    )
    assert (expected.planted, expected.lied, expected.proves, expected.breaks_off) == (2, False, 2, False)
    assert expect(done, plain, result("test_n::test_n", "test_a::test_x")).lied
    assert expect(done, plain, result("", "test_a::test_x")).breaks_off


NONE: frozenset[str] = frozenset()
EXPECTED = Expected(
    frozenset({"a", "b"}), {"n": Outcome.FAILED, "p": Outcome.PASSED, "s": Outcome.SKIPPED}, planted=2
)


def test_the_truth_is_no_lie() -> None:
    told = listen(EXPECTED, result("c p", "a b n", "s"))
    assert (told.failed, told.lies, told.fresh_lies, told.untold, told.exit_lies) == (
        3,
        NONE,
        NONE,
        NONE,
        False,
    )


@pytest.mark.parametrize(
    ("seen", "lies", "fresh"),
    [
        (result("a p", "b n", "s"), frozenset("a"), NONE),
        (result("p", "b n", "s a"), frozenset("a"), NONE),
        (result("p", "b n", "s"), frozenset("a"), NONE),
        (result("n p", "a b", "s"), NONE, frozenset("n")),
        (result("p", "a b", "s"), NONE, frozenset("n")),
        (result("p s", "a b n"), NONE, frozenset("s")),
        (result("a p", "b n other", "s"), frozenset("a"), NONE),
    ],
)  # fmt: skip
def test_what_must_fail_and_is_not_reported_so_is_a_lie(
    seen: CheckResult, lies: frozenset[str], fresh: frozenset[str]
) -> None:
    told = listen(EXPECTED, seen)
    assert (told.lies, told.fresh_lies) == (lies, fresh)


def test_a_run_that_breaks_off_for_a_reason_of_its_own_is_no_lie() -> None:
    told = listen(EXPECTED, result("", "test_a"))
    assert (told.lies, told.fresh_lies, told.untold) == (NONE, NONE, frozenset("abn"))


def test_an_exit_code_of_0_with_failed_tests_is_a_lie_where_the_bases_was_another() -> None:
    assert listen(EXPECTED, result("p", "a b n", "s", code=0)).exit_lies
    assert not listen(Expected(frozenset("a"), {}, fails_exit=False), result("", "a", code=0)).exit_lies
