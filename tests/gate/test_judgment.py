"""What a command's end means, case by case and in general."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.base.processes import Ended
from podium.gate.execution import Execution
from podium.gate.flakes import Rate
from podium.gate.judgment import Leave, Seen, gone, judge, needs_base, observe, program_named, seen_before
from podium.gate.junit import Unreadable
from podium.model.evidence import Cases, CheckResult
from podium.model.ids import Tree
from podium.model.verdict import Verdict

PASSED, FAILED, COULD_NOT_RUN, RAN_NOTHING = Verdict

CLEAN_END = Execution(Ended(0, "exit", 1.0, 0, truncated=False), True, b"", Path("/room"))
GREEN = Seen(0, Cases(("t::a", "t::b")))


def ended(code: int = 0, reason: str = "exit", *, output: str = "", note: str = "") -> Execution:
    return replace(
        CLEAN_END, ended=Ended(code, reason, 60.0, 0, truncated=False, note=note), output=output.encode()
    )


def observed(done: Execution, report: Cases | Unreadable | None = None) -> Seen:
    return observe(done, report, command="make test")


@pytest.mark.parametrize(
    ("done", "words"),
    [
        (ended(137, "timeout"), "`make test` did not end within 60 s"),
        (ended(137, "stopped"), "was stopped"),
        (
            ended(137, "vanished", note="the process that watched this one was killed"),
            "watched this one was killed",
        ),
        (ended(127, "not-started", note="bwrap: No such file"), "bwrap: No such file"),
        (ended(137), "was killed"),
        (
            replace(ended(1, output="bwrap: cannot"), started=False),
            "did not get to start `make test`: bwrap: cannot",
        ),
        (replace(ended(1), disk_full=True), "ran out of space"),
    ],
)
def test_a_run_that_was_cut_short_says_nothing_whatever_its_report(done: Execution, words: str) -> None:
    for report in (None, Cases(("t::a",)), Cases(failed=("t::a",)), Unreadable("x")):
        seen = observed(done, report)
        verdict, because = judge(seen, None)
        assert (verdict, seen.exit_code) == (COULD_NOT_RUN, None)
        assert words in because


def test_a_missing_program_is_named_and_nobody_is_blamed() -> None:
    for output in (
        "sh: 1: pytest: not found",
        "sh: line 1: pytest: command not found",
        "hi\n/bin/sh: pytest: not found\n",
    ):
        verdict, because = judge(observed(ended(127, output=output)), None)
        assert (verdict, because) == (COULD_NOT_RUN, "pytest was not found here (exit code 127)")
    assert judge(observed(ended(126)), None) == (
        COULD_NOT_RUN,
        "`make test` cannot be executed here (exit code 126)",
    )
    assert program_named("sh: 1: a: not found\nsh: 2: b: Permission denied") == "b"


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 139])
def test_a_report_that_cannot_be_read_is_never_a_verdict_on_the_tree(code: int) -> None:
    verdict, because = judge(observed(ended(code), Unreadable("it wrote no report")), GREEN)
    assert verdict is COULD_NOT_RUN
    assert because == f"`make test` ended with exit code {code}, but it wrote no report"


def test_without_a_report_the_exit_code_decides() -> None:
    assert judge(Seen(0), None) == (PASSED, "exit code 0")
    assert judge(Seen(3), None) == (FAILED, "exit code 3")
    assert judge(Seen(3), Seen(0)) == (FAILED, "exit code 3")
    assert judge(Seen(3), Seen(1)) == (COULD_NOT_RUN, "exit code 3; it fails on the base too, with 1")


@pytest.mark.parametrize("code", [0, 1, 4, 5])
def test_no_case_at_all_is_ran_nothing_on_any_base(code: int) -> None:
    for base in (None, GREEN, Seen(5, Cases()), Seen(0, Cases())):
        assert judge(Seen(code, Cases()), base)[0] is RAN_NOTHING
        assert judge(Seen(code, Cases(skipped=("t::a",))), base)[0] is RAN_NOTHING
    assert judge(Seen(5, Cases()), GREEN)[1] == "no test ran (exit code 5); the base ran 2"


def test_the_report_wins_over_an_exit_code_of_0() -> None:
    assert judge(Seen(0, Cases(("t::a",), ("t::b",))), GREEN) == (FAILED, "1 test failed: t::b")


def test_an_exit_code_that_the_cases_do_not_explain_fails() -> None:
    assert judge(Seen(2, Cases(("t::a", "t::b"))), GREEN) == (
        FAILED,
        "exit code 2, though 2 tests passed and none failed",
    )


def test_a_case_that_passed_on_the_base_must_pass_still() -> None:
    for cases in (Cases(("t::a",)), Cases(("t::a",), skipped=("t::b",)), Cases(("t::a", "t::c"))):
        verdict, because = judge(Seen(0, cases), GREEN)
        assert (verdict, because) == (FAILED, "1 test that passed on the base is gone or skipped: t::b")
    assert judge(Seen(0, Cases(("t::c",))), GREEN)[1].startswith("2 tests that passed on the base are gone")


def test_a_case_that_was_skipped_or_failed_on_the_base_may_go() -> None:
    base = Seen(1, Cases(("t::a",), ("t::b",), ("t::c",)))
    assert judge(Seen(0, Cases(("t::a",))), base) == (PASSED, "1 test passed")


def test_a_red_base_is_never_blamed_on_the_change() -> None:
    base = Seen(1, Cases(("t::a",), ("t::b",)))
    assert judge(Seen(1, Cases(("t::a",), ("t::b",))), base) == (COULD_NOT_RUN, "fails on the base too: t::b")
    assert judge(Seen(1, Cases((), ("t::a", "t::b"))), base) == (FAILED, "2 tests failed: t::a, t::b")
    assert judge(Seen(1, Cases((), ("t::b",))), base)[0] is FAILED
    assert judge(Seen(0, Cases(("t::a", "t::b"))), base)[0] is PASSED
    assert judge(Seen(2, Cases(("t::a",))), Seen(2, Cases(("t::a",))))[0] is COULD_NOT_RUN


def test_a_base_too_broken_to_report_can_be_mended() -> None:
    base = Seen(4, None, "`pytest` ended with exit code 4, but it wrote no report")
    verdict, because = judge(GREEN, base)
    assert verdict is PASSED
    assert "nothing to compare with" in because
    assert judge(Seen(1, Cases(("t::a",), ("t::b",))), base)[0] is COULD_NOT_RUN


def test_a_base_that_the_machine_could_not_check_leaves_the_change_unjudged() -> None:
    base = Seen(None, None, "`pytest` was stopped")
    for seen in (GREEN, Seen(1, Cases((), ("t::a",))), Seen(1), Seen(0)):
        assert judge(seen, base) == (COULD_NOT_RUN, "the base could not be checked: `pytest` was stopped")


def test_reasons_stay_short_and_harmless() -> None:
    nasty = tuple(f"t::\x1b[31m{'x' * 400}{n}" for n in range(50))
    _, because = judge(Seen(1, Cases((), nasty)), None)
    assert "and 47 more" in because
    assert "\x1b" not in because
    assert len(because) < 500


def test_what_a_stored_result_saw_is_judged_as_it_was() -> None:
    stored = CheckResult("tests", "d", Tree("t"), FAILED, "old words", exit_code=0, cases=Cases(("t::a",)))
    assert judge(seen_before(stored), None) == (PASSED, "1 test passed")
    assert seen_before(replace(stored, verdict=COULD_NOT_RUN, cases=None)).trouble == "old words"


def test_an_unstable_case_fails_and_says_how_often() -> None:
    seen = Seen(1, Cases(("t::a",), ("t::b", "t::c")), flaky={"t::b": Rate(1, 3)})
    assert judge(seen, Seen(0, Cases(("t::a", "t::b", "t::c")))) == (
        FAILED,
        "1 test failed: t::c; 1 test became unstable: t::b (failed 1 of 3 times)",
    )


def test_what_is_excused_decides_nothing_and_is_always_named() -> None:
    leave = Leave({"t::b": "quarantined"}, failing_codes=range(1, 2))
    red, skipped = Seen(1, Cases(("t::a",), ("t::b",))), Seen(0, Cases(("t::a",), skipped=("t::b",)))
    assert judge(red, GREEN, leave) == (PASSED, "1 test passed; not counted: t::b (quarantined, failed)")
    assert (
        judge(skipped, GREEN, leave)[1]
        == "1 test passed, 1 skipped; not counted: t::b (quarantined, did not run)"
    )
    assert judge(GREEN, GREEN, leave) == (PASSED, "2 tests passed; not counted: t::b (quarantined, passed)")
    assert judge(Seen(1, Cases((), ("t::a", "t::b"))), GREEN, leave)[0] is FAILED


def test_an_exit_code_that_does_not_agree_with_the_cases_is_no_pass_though_they_are_excused() -> None:
    leave = Leave({"t::b": "quarantined"}, failing_codes=range(1, 2))
    for code in (0, 2, 3):
        verdict, because = judge(Seen(code, Cases(("t::a",), ("t::b",))), GREEN, leave)
        assert verdict is FAILED
        assert because.startswith(f"exit code {code}, which does not say that 1 test failed")
    assert judge(Seen(1, Cases(("t::a", "t::b"))), GREEN, leave)[0] is FAILED


def test_a_case_may_go_by_leave_but_not_fail() -> None:
    leave = Leave(may_go=frozenset({"t::b"}))
    assert judge(Seen(0, Cases(("t::a",))), GREEN, leave) == (PASSED, "1 test passed")
    assert judge(Seen(1, Cases(("t::a",), ("t::b",))), GREEN, leave)[0] is FAILED


def test_a_case_that_is_flaky_on_the_base_passed_there_and_may_neither_go_nor_break() -> None:
    base = Seen(1, Cases(("t::a",), ("t::b",)), flaky={"t::b": Rate(1, 2)})
    assert gone(Seen(0, Cases(("t::a",))), base) == ["t::b"]
    assert judge(Seen(0, Cases(("t::a",))), base)[0] is FAILED
    assert judge(Seen(1, Cases(("t::a",), ("t::b",))), base)[0] is FAILED


names = st.sets(st.sampled_from(["t::a", "t::b", "t::c", "t::d"]))


@st.composite
def some_cases(draw: st.DrawFn) -> Cases:
    passed, failed, skipped = draw(names), draw(names), draw(names)
    return Cases(
        tuple(sorted(passed - failed)), tuple(sorted(failed)), tuple(sorted(skipped - passed - failed))
    )


codes = st.sampled_from([0, 1, 2, 5, 126, 127, 137])
reasons = st.sampled_from(["exit", "exit", "exit", "timeout", "stopped", "vanished", "not-started"])
reports = st.one_of(st.none(), some_cases(), st.just(Unreadable("it wrote no report")))
runs = st.builds(
    lambda code, reason, started, full, report: observed(replace(ended(code, reason), started=started, disk_full=full), report),
    codes, reasons, st.booleans(), st.booleans(), reports,
)  # fmt: skip


@given(runs, st.one_of(st.none(), runs))
def test_passed_means_that_nothing_failed_and_nothing_is_missing(seen: Seen, base: Seen | None) -> None:
    verdict, because = judge(seen, base)
    assert because
    if verdict is PASSED:
        assert seen.exit_code == 0
        assert not seen.trouble
        assert seen.cases is None or (seen.cases.ran and not seen.cases.failed)
        if seen.cases and base and base.cases:
            assert set(base.cases.passed) <= set(seen.cases.passed)


@given(runs, st.one_of(st.none(), runs))
def test_failed_means_that_the_change_made_something_worse(seen: Seen, base: Seen | None) -> None:
    if judge(seen, base)[0] is not FAILED:
        return
    assert not seen.trouble
    assert seen.exit_code not in (None, 126, 127, 137)
    if seen.cases is None:
        assert not (base and base.exit_code)
        return
    before = base.cases if base and base.cases else Cases()
    assert (
        set(seen.cases.failed) - set(before.failed)
        or set(before.passed) - set(seen.cases.passed)
        or (seen.exit_code and not seen.cases.failed)
    )


leaves = st.builds(
    lambda excused, may_go, code: Leave(dict.fromkeys(sorted(excused), "why"), frozenset(may_go), range(1, code)),
    names, names, st.integers(1, 3),
)  # fmt: skip


@given(runs, st.one_of(st.none(), runs), leaves)
def test_leave_lets_pass_what_it_names_and_nothing_else(seen: Seen, base: Seen | None, leave: Leave) -> None:
    if judge(seen, base, leave)[0] is not PASSED:
        return
    assert not seen.trouble
    if seen.cases is None:
        assert seen.exit_code == 0
        return
    assert set(seen.cases.failed) <= set(leave.excused)
    assert set(gone(seen, base)) <= {*leave.excused, *leave.may_go}
    assert seen.exit_code == 0 if not seen.cases.failed else seen.exit_code in leave.failing_codes


@given(runs, runs)
def test_a_base_that_is_not_needed_does_not_matter(seen: Seen, base: Seen) -> None:
    if not needs_base(seen) and not (base.trouble and base.exit_code is None):
        assert judge(seen, base)[0] is judge(seen, None)[0]


@given(some_cases())
def test_a_passed_tree_passes_against_itself(cases: Cases) -> None:
    seen = Seen(0, replace(cases, failed=()))
    assert judge(seen, seen)[0] is judge(seen, None)[0] is (PASSED if cases.passed else RAN_NOTHING)
