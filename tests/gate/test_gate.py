"""The gate as a whole: order, reuse, trouble, and what it leaves behind."""

import errno
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from gatehouse import Gatehouse, check, open_gatehouse

from conftest import Repo
from podium.base.errors import GitError
from podium.config.settings import CheckSettings, GateSettings, Settings
from podium.gate.checks.base import Context
from podium.gate.checks.registry import checks_for
from podium.gate.checks.scope import ScopeCheck
from podium.gate.gate import gate_digest
from podium.gate.terms import Terms
from podium.model.attempt import Change
from podium.model.evidence import CheckResult
from podium.model.ids import ChangeId, Sha, TaskId, Tree
from podium.model.task import Acceptance, Kind, Task
from podium.model.verdict import Verdict


@pytest.fixture
def house(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gatehouse:
    return open_gatehouse(repo, tmp_path, monkeypatch)


@pytest.fixture
def head(repo: Repo) -> Sha:
    return repo.commit({"a.txt": "a\n"})


@dataclass
class Troubled:
    """A check on a machine that fails it."""

    error: Exception
    name: str = "tests"
    digest: str = "d"
    instant: bool = False

    def run(self, context: Context) -> CheckResult:
        (context.export() / "left").write_text("behind")
        raise self.error

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:
        raise AssertionError(known, context)


CHANGE = Change(
    ChangeId("s/1@1"), TaskId("s/1"), None, Sha("b" * 40), Sha("c" * 40), Tree("d" * 40), ("calc.py",), 1, 1, "t", "a", 0.0
)  # fmt: skip
TASK = Task(
    TaskId("s/1"), "s", "t", Kind.FIX, paths=("*.py",), accept=(Acceptance("true"), Acceptance("echo 5", "5"))
)


def test_the_first_check_that_does_not_pass_ends_the_gate(house: Gatehouse, head: Sha) -> None:
    evidence = house.gate([check("true", name="a"), check("exit 1", name="b"), check("true", name="c")], head)
    assert [(result.check, result.verdict) for result in evidence.results] == [
        ("a", Verdict.PASSED),
        ("b", Verdict.FAILED),
    ]
    assert evidence.verdict is Verdict.FAILED
    assert [result.check for result in house.kept] == ["a", "b"]


def test_a_gate_without_checks_judged_nothing(house: Gatehouse, head: Sha) -> None:
    evidence = house.gate([], head)
    assert (evidence.verdict, evidence.reused) == (Verdict.RAN_NOTHING, False)


def test_what_is_known_of_the_tree_does_not_run_again(house: Gatehouse, head: Sha) -> None:
    checks = [check("true", name="a"), check("exit 1", name="b")]
    first, second = house.gate(checks, head), house.gate(checks, head)
    assert (first.reused, second.reused) == (False, True)
    assert second.results == first.results
    assert len(house.kept) == 2
    house.repo.commit({"b.txt": "b"})
    assert not house.gate(checks, Sha(house.repo.git("rev-parse", "HEAD"))).reused


def test_a_gate_that_was_cut_short_goes_on_where_it_stood(house: Gatehouse, head: Sha) -> None:
    house.gate([check("true", name="a")], head)
    evidence = house.gate([check("true", name="a"), check("true", name="b")], head)
    assert (evidence.verdict, evidence.reused) == (Verdict.PASSED, False)
    assert [result.check for result in house.kept] == ["a", "b"]


@pytest.mark.parametrize("verdict", [Verdict.COULD_NOT_RUN, Verdict.RAN_NOTHING])
def test_no_verdict_is_never_reused(house: Gatehouse, head: Sha, verdict: Verdict) -> None:
    house.gate([check("true")], head)
    (key,) = house.seen
    house.seen[key] = replace(house.seen[key], verdict=verdict)
    evidence = house.gate([check("true")], head)
    assert (evidence.verdict, evidence.reused) == (Verdict.PASSED, False)


def test_a_base_nobody_looked_at_is_looked_at_once(house: Gatehouse, head: Sha) -> None:
    later = house.repo.commit({"b.txt": "b"})
    red = check("exit 1")
    assert house.gate([red], later, base=head).verdict is Verdict.COULD_NOT_RUN
    assert [result.verdict for result in house.kept] == [Verdict.FAILED, Verdict.COULD_NOT_RUN]
    assert (
        house.gate([red], later, base=head).because()
        == "tests: exit code 1; it fails on the base too, with 1"
    )
    assert len(house.kept) == 3


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (GitError("git checkout-index failed", hint="look"), "git checkout-index failed (look)"),
    ],
)
def test_trouble_of_the_machine_is_a_verdict_and_leaves_nothing_behind(
    house: Gatehouse, head: Sha, error: Exception, words: str
) -> None:
    evidence = house.gate([Troubled(error)], head)
    assert evidence.verdict is Verdict.COULD_NOT_RUN
    assert words in evidence.because()
    assert [result.verdict for result in house.kept] == [Verdict.COULD_NOT_RUN]
    assert not house.scratch.exists()


def test_a_fault_of_our_own_is_not_swallowed_but_the_scratch_is_gone(house: Gatehouse, head: Sha) -> None:
    with pytest.raises(ZeroDivisionError):
        house.gate([Troubled(ZeroDivisionError())], head)
    assert not house.scratch.exists()


def test_a_scratch_that_cannot_be_made_is_a_verdict(house: Gatehouse, head: Sha, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    house.scratch = tmp_path / "file" / "scratch"
    assert house.gate([check("true")], head).verdict is Verdict.COULD_NOT_RUN


def test_what_a_killed_gate_left_in_its_scratch_is_not_judged(house: Gatehouse, head: Sha) -> None:
    (house.scratch / "0" / "tree").mkdir(parents=True)
    (house.scratch / "0" / "tree" / "stale").write_text("")
    assert house.gate([check("test ! -e stale")], head).verdict is Verdict.PASSED


def test_a_base_that_is_not_there_is_nobodys_fault(house: Gatehouse, head: Sha) -> None:
    assert house.gate([check("exit 1")], head, base=Sha("1" * 40)).verdict is Verdict.COULD_NOT_RUN


def test_a_change_outside_its_scope_is_stopped_before_anything_runs(house: Gatehouse, head: Sha) -> None:
    files = ("calc.py", "docs/a.md", "podium.toml", "spec.md", *(f"x/{n}" for n in range(9)))
    terms = Terms(head, files, ("*.py",), ("spec.md",))
    scope = ScopeCheck(terms)
    evidence = house.gate([scope, check("true")], head)
    (result,) = evidence.results
    assert (result.check, result.verdict, result.command) == ("scope", Verdict.FAILED, "")
    assert all(f"{name}: " in result.output for name in files[1:])
    assert "docs/a.md" in result.because
    assert result.because.endswith("and 7 more")
    assert (
        house.gate([ScopeCheck(replace(terms, files=("calc.py",))), check("true")], head).verdict
        is Verdict.PASSED
    )


def test_a_change_brings_what_is_instant_first_then_its_commands_then_acceptance_then_strength() -> None:
    lint, tests = (
        CheckSettings(name="lint", run="a"),
        CheckSettings(name="tests", run="pytest", report="junit"),
    )
    settings = Settings(gate=GateSettings(check=(lint, tests)))
    terms = Terms(CHANGE.base, CHANGE.files, TASK.paths)
    alone = _names(settings, terms=terms)
    assert alone == [
        "intake", "scope", "tamper", "secrets", "lint", "tests", "tests of the base", "canary of tests", "new tests",
        "accept s/1 #1", "accept s/1 #2", "strength of tests",
    ]  # fmt: skip
    # What was asked of each change alone is not asked again of several; the target branch has nothing to compare with.
    assert set(alone) - set(_names(settings, terms=replace(terms, woven=True))) == {
        "new tests",
        "strength of tests",
    }
    assert _names(settings, terms=None) == ["lint", "tests", "accept s/1 #1", "accept s/1 #2"]


def test_a_change_of_the_rules_must_pass_under_both() -> None:
    old, new = (
        Settings(gate=GateSettings(check=(CheckSettings(name="tests", run=run),))) for run in ("a", "b")
    )
    terms = Terms(CHANGE.base, ("podium.toml",), approved=("podium.toml",))
    found = checks_for(old, terms=terms, tasks=[], proposed=new)
    assert [check.name for check in found][-3:] == ["new rules", "tests", "tests-new"]


def test_the_order_and_the_checks_name_a_gate() -> None:
    settings = Settings(gate=GateSettings(check=(CheckSettings(name="tests", run="a"),)))
    one, other = (checks_for(settings, terms=None, tasks=tasks) for tasks in ([TASK], []))
    assert len({gate_digest(one), gate_digest(other), gate_digest(one[::-1])}) == 3


def _names(settings: Settings, *, terms: Terms | None) -> list[str]:
    return [check.name for check in checks_for(settings, terms=terms, tasks=[TASK])]
