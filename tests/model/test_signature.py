"""The same failure is known again, whenever and wherever it comes; another one is not taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.model.evidence import Cases, CheckResult, Evidence
from podium.model.ids import Tree
from podium.model.signature import normalised
from podium.model.verdict import Verdict

ALIKE = [
    ("src/sum.py:12:5: error: bad", "src/sum.py:99:1: error: bad"),
    ("FAILED in 0.31s", "FAILED in 12.07s"),
    ("ok 1m3.2s", "ok 59.1s"),
    ("at 0x7f3a2b", "at 0xdeadbeef"),
    ("commit 3537498f", "commit 1ead0f4"),
    ("at 2026-11-21T10:03:23Z failed", "at 2026-11-22 23:59:59.123 failed"),
    ("in /tmp/pytest-1/a.txt", "in /tmp/other/b.txt"),
    ("id 123e4567-e89b-12d3-a456-426614174000", "id 00000000-0000-4000-8000-000000000000"),
]
DIFFERENT = [
    ("test_2 failed", "test_3 failed"),
    ("error TS2322", "error TS2345"),
    ("src/sum.py: E501", "src/total.py: E501"),
    ("sum is wrong", "total is wrong"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_what_differs_between_two_runs_is_left_out(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_names_a_failure_is_kept(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def result(because: str = "exit code 1", **more: object) -> CheckResult:
    return CheckResult("tests", "d", Tree("t"), Verdict.FAILED, because, exit_code=1, **more)  # type: ignore[arg-type]


def signature(*results: CheckResult, tree: str = "t", at: float = 1.0) -> str:
    return Evidence("gate:s/1@1", "s/1@1", Tree(tree), "base", "g", results, at).finding().signature


def test_the_cases_that_failed_are_the_signature_whatever_was_printed() -> None:
    one = result("1 test failed: a", cases=Cases(("b",), ("a",)), output="took 3 s", duration_s=3.0)
    again = result("1 test failed: a", cases=Cases((), ("a",)), output="Error: elsewhere", duration_s=9.0)
    other = result("1 test failed: b", cases=Cases(("a",), ("b",)))
    assert signature(one) == signature(again, tree="u", at=7.0)
    assert signature(one) != signature(other)


def test_without_cases_the_lines_that_name_a_failure_tell_one_from_another() -> None:
    one = result(output="collecting 12\nsrc/a.py:3: error: no sum\nran in 0.3s")
    again = result(output="collecting 13\nsrc/a.py:9: error: no sum\nran in 0.9s")
    other = result(output="collecting 12\nsrc/b.py:3: error: no sum\nran in 0.3s")
    assert signature(one) == signature(again)
    assert signature(one) != signature(other)


def test_what_did_not_fail_has_no_part_in_it() -> None:
    passed = CheckResult("lint", "d", Tree("t"), Verdict.PASSED, "exit code 0")
    stuck = CheckResult("types", "d", Tree("t"), Verdict.COULD_NOT_RUN, "mypy was not found here")
    assert signature(passed) == ""
    assert signature(passed, stuck) == ""
    assert signature(passed, stuck, result()) == signature(result())


@given(st.permutations(["a", "b", "c", "d"]))
def test_the_order_of_cases_and_checks_does_not_matter(names: list[str]) -> None:
    failed = result(cases=Cases((), tuple(names)))
    lint = CheckResult("lint", "d", Tree("t"), Verdict.FAILED, "exit code 1")
    straight = result(cases=Cases((), ("a", "b", "c", "d")))
    assert signature(failed, lint) == signature(lint, straight)


@given(st.text(max_size=200))
def test_any_text_can_be_normalised_and_stays_one_line(text: str) -> None:
    assert "\n" not in normalised(text)
