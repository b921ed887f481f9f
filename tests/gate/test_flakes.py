"""Tests that fail now and then: known by name, told from broken ones, blamed on the change only where it made them so."""

from dataclasses import replace
from pathlib import Path

import pytest
from gatehouse import Gatehouse, open_gatehouse
from hypothesis import given
from hypothesis import strategies as st

from conftest import Repo
from podium.config.settings import CheckSettings, SandboxSettings
from podium.gate.checks.base_suite import BaseSuiteCheck
from podium.gate.checks.command import CommandCheck
from podium.gate.flakes import Rate, failures, flaky_in, rates, unsteady, write_rates
from podium.gate.terms import Terms
from podium.model.evidence import Cases, CheckResult
from podium.model.ids import Tree
from podium.model.verdict import Verdict

FLAKY = "tests.test_it::test_it"
STEADY = "tests.test_it::test_steady"


@pytest.fixture
def house(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gatehouse:
    """Without a sandbox, so that a test can remember how often it ran."""
    return open_gatehouse(repo, tmp_path, monkeypatch, sandbox="none")


def files(folder: Path, side: str, *, body: str = "assert turn()") -> dict[str, str]:
    test = (
        f"from pathlib import Path\n\ndef turn():\n    plan = Path({str(folder)!r}, Path('side').read_text())\n"
        "    outcomes = plan.read_text()\n    plan.write_text(outcomes[1:])\n    return outcomes[0] == 'p'\n\n"
        f"def test_it():\n    {body}\n\ndef test_steady(): pass\n"
    )
    return {"side": side, "tests/test_it.py": test, "tests/test_other.py": "def test_other(): pass\n"}


def judged(
    house: Gatehouse,
    *,
    change: str,
    base: str,
    quarantined: tuple[str, ...] = (),
    run: str = "python -m pytest -q",
) -> CheckResult:
    """How a change is judged whose test has these outcomes, run by run: `p` passes, `f` fails. Every one is used up."""
    plans = house.scratch.parent / "plans"
    plans.mkdir()
    (plans / "base").write_text(base)
    (plans / "change").write_text(change)
    first = house.repo.commit(files(plans, "base"))
    head = house.repo.commit(files(plans, "change"))
    settings = CheckSettings(name="tests", run=run, report="junit" if "{report}" in run else None, plugins=())
    command = CommandCheck(settings, SandboxSettings(), quarantined=quarantined)
    result = house.gate([command], head, base=first).results[0]
    assert (plans / "base").read_text() == (plans / "change").read_text() == ""
    return result


def test_a_test_that_fails_every_time_is_broken(house: Gatehouse) -> None:
    result = judged(house, change="fff", base="p")
    assert (result.verdict, result.because) == (Verdict.FAILED, f"1 test failed: {FLAKY}")
    assert "flaky" not in result.details


def test_only_the_failing_files_are_run_again(house: Gatehouse) -> None:
    judged(house, change="fff", base="p")
    again = [kept.cases for kept in house.kept if kept.check == "tests again"]
    assert again == [Cases((STEADY,), (FLAKY,))] * 2


def test_a_test_that_became_unstable_fails_the_change(house: Gatehouse) -> None:
    result = judged(house, change="fp", base="pppp")
    assert (result.verdict, result.because) == (
        Verdict.FAILED,
        f"1 test became unstable: {FLAKY} (failed 1 of 2 times)",
    )
    assert result.details["flaky"] == {FLAKY: [1, 2]}


@pytest.mark.parametrize("base", ["ppf", "pf", "fp", "fff"])
def test_a_test_that_is_flaky_on_the_base_too_is_shown_and_decides_nothing(
    house: Gatehouse, base: str
) -> None:
    result = judged(house, change="ffp", base=base)
    assert result.verdict is Verdict.PASSED, result.because
    assert result.because == f"2 tests passed; not counted: {FLAKY} (flaky on the base too, failed)"
    assert result.exit_code == 1
    assert result.advice[0].startswith(
        f"flaky on the base too: {FLAKY} failed 2 of 3 times, on the base failed 1 of "
    )
    assert result.details["flaky"] == {FLAKY: [2, 3]}
    assert list(result.details["flaky_on_base"]) == [FLAKY]


def test_a_test_that_is_flaky_on_the_base_and_always_fails_now_is_broken(house: Gatehouse) -> None:
    result = judged(house, change="fff", base="fp")
    assert (result.verdict, result.because) == (Verdict.FAILED, f"1 test failed: {FLAKY}")


def test_a_red_base_is_still_nobodys_fault(house: Gatehouse) -> None:
    result = judged(house, change="fff", base="fff")
    assert result.verdict is Verdict.COULD_NOT_RUN


def test_a_flaky_test_excuses_no_exit_code_that_may_be_anothers(house: Gatehouse) -> None:
    result = judged(
        house, change="ffp", base="pf", run="python -m pytest -q --junitxml={report}; python -c 'exit(1)'"
    )
    assert result.verdict is Verdict.FAILED
    assert "exit code 1, which does not say that 1 test failed" in result.because


@pytest.mark.parametrize("change", ["p", "fff", "fp"])
def test_a_test_in_quarantine_is_shown_and_decides_nothing(house: Gatehouse, change: str) -> None:
    result = judged(house, change=change, base="p", quarantined=(FLAKY,))
    assert result.verdict is Verdict.PASSED, result.because
    assert f"not counted: {FLAKY} (quarantined, {'passed' if change == 'p' else 'failed'})" in result.because


def test_quarantine_of_one_test_excuses_no_other(house: Gatehouse) -> None:
    result = judged(house, change="fff", base="p", quarantined=(STEADY,))
    assert result.verdict is Verdict.FAILED
    assert f"1 test failed: {FLAKY}" in result.because


def test_what_was_seen_to_be_flaky_is_not_run_again_to_be_judged_again(house: Gatehouse) -> None:
    judged(house, change="ffp", base="pf")
    kept = len(house.kept)
    head = house.repo.git("rev-parse", "HEAD")
    command = CommandCheck(
        CheckSettings(name="tests", run="python -m pytest -q", plugins=()), SandboxSettings()
    )
    evidence = house.gate([command], head, base=house.repo.git("rev-parse", "HEAD~1"))  # type: ignore[arg-type]
    assert (evidence.verdict, evidence.reused, len(house.kept)) == (Verdict.PASSED, True, kept)
    assert evidence.results[0].advice


def test_the_bases_suite_is_as_fair(house: Gatehouse) -> None:
    plans = house.scratch.parent / "plans"
    plans.mkdir()
    (plans / "base").write_text("pf")
    (plans / "change").write_text("ffp")
    first = house.repo.commit(files(plans, "base"))
    head = house.repo.commit({**files(plans, "change"), "tests/test_new.py": "def test_new(): pass\n"})
    command = CommandCheck(
        CheckSettings(name="tests", run="python -m pytest -q", plugins=()), SandboxSettings()
    )
    result = house.gate([BaseSuiteCheck(command, Terms(first, ()))], head, base=first).results[0]
    assert (result.verdict, result.details["flaky"]) == (Verdict.PASSED, {FLAKY: [2, 3]})
    assert "flaky on the base too" in result.because


def test_the_digest_names_the_quarantine_and_not_the_approvals() -> None:
    one = CommandCheck(CheckSettings(name="tests", run="pytest"), SandboxSettings())
    assert replace(one, quarantined=("a",)).digest != one.digest
    assert replace(one, approved=("tests/**",)).digest == one.digest


def result(flaky: dict[str, Rate], *passed: str, check: str = "tests") -> CheckResult:
    return CheckResult(
        check, "d", Tree("t"), Verdict.PASSED, "", cases=Cases(passed), details={"flaky": write_rates(flaky)}
    )


def test_the_rate_of_a_flaky_test_counts_the_runs_in_which_it_passed() -> None:
    seen = [
        result({"t::a": Rate(2, 3)}, "t::b"),
        result({}, "t::a", "t::b"),
        result({}, "t::a", check="lint"),
    ]
    assert rates(seen) == {("tests", "t::a"): Rate(2, 4)}
    assert flaky_in(seen[0]) == {"t::a": Rate(2, 3)}
    assert rates([]) == {}


outcomes = st.lists(st.sampled_from(["t::a", "t::b", "t::c"]), unique=True)
runs = st.builds(
    lambda passed, failed: Cases(tuple(passed), tuple(set(failed) - set(passed))), outcomes, outcomes
)


@given(runs, st.lists(runs, max_size=4))
def test_flaky_is_what_both_failed_and_passed(first: Cases, again: list[Cases]) -> None:
    found = unsteady(first, again)
    for test in first.failed:
        assert (test in found) is any(test in cases.passed for cases in again)
    assert set(found) <= set(first.failed)
    for rate in found.values():
        assert 0 < rate.failed < rate.runs <= 1 + len(again)
    assert found == {
        test: rate for test, rate in failures(first.failed, [first, *again]).items() if test in found
    }
