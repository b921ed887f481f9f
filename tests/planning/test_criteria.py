"""How far a spec is proven: none, linked, failing, passing or stale, and never more than the evidence says."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.model.evidence import Cases, CheckResult
from podium.model.ids import TaskId, Tree
from podium.model.spec import Requirement, Scenario, Spec
from podium.model.task import Acceptance, Kind, Means, Task
from podium.model.verdict import Verdict
from podium.planning.criteria import Criterion, Proofs, Standing, standing

ONE = TaskId("s/1")
CHECK = "accept s/1 #1"
HERE, ELSEWHERE = Tree("a" * 40), Tree("b" * 40)
SPEC = Spec("s", "s.md", "d", "Sum", "", (
    Requirement("Sum", "It MUST add.", (Scenario("two", ()), Scenario("none", ()))),
    Requirement("Help", "It MUST help."),
), ())  # fmt: skip


def task(*accept: Acceptance) -> Task:
    return Task(ONE, "s", "t", Kind.FIX, accept=accept)


def proving(*names: str, kind: Means = Means.COMMAND) -> Acceptance:
    return Acceptance("true", proves=names, kind=kind)


def result(
    verdict: Verdict = Verdict.PASSED, *, check: str = CHECK, tree: Tree = HERE, digest: str = "d", at: float = 0.0,
    cases: Cases | None = None,
) -> CheckResult:  # fmt: skip
    return CheckResult(check, digest, tree, verdict, "because", at=at, cases=cases)


def look(accept: list[Acceptance], *results: CheckResult) -> dict[str, Criterion]:
    digests = {f"accept s/1 #{index + 1}": "d" for index in range(len(accept))}
    found = standing(SPEC, [task(*accept)], Proofs(results, digests, {ONE: HERE}))
    assert tuple(criterion.name for criterion in found) == SPEC.criteria
    return {criterion.name: criterion for criterion in found}


def test_what_no_acceptance_proves_stands_at_nothing() -> None:
    assert {each.standing for each in look([Acceptance("true")]).values()} == {Standing.NONE}


def test_an_acceptance_that_has_not_run_only_links() -> None:
    found = look([proving("Help")])["Help"]
    assert found == Criterion("Help", Standing.LINKED, (CHECK,), "accept s/1 #1 has not run")


@pytest.mark.parametrize(
    ("verdict", "stands"),
    [
        (Verdict.PASSED, Standing.PASSING),
        (Verdict.FAILED, Standing.FAILING),
        (Verdict.COULD_NOT_RUN, Standing.LINKED),
        (Verdict.RAN_NOTHING, Standing.LINKED),
    ],
)
def test_a_verdict_on_the_tree_that_counts_decides(verdict: Verdict, stands: Standing) -> None:
    assert look([proving("Help")], result(verdict))["Help"].standing is stands


def test_evidence_of_another_tree_or_another_check_is_stale() -> None:
    assert look([proving("Help")], result(tree=ELSEWHERE))["Help"].standing is Standing.STALE
    changed = look([proving("Help")], result(digest="old"))["Help"]
    assert (changed.standing, "spec has changed" in changed.because) == (Standing.STALE, True)


def test_the_latest_evidence_that_counts_is_taken() -> None:
    results = (
        result(Verdict.FAILED, at=1), result(Verdict.PASSED, at=2), result(Verdict.FAILED, tree=ELSEWHERE, at=3),
    )  # fmt: skip
    assert look([proving("Help")], *results)["Help"].standing is Standing.PASSING


def test_of_several_checks_the_worst_decides() -> None:
    found = look([proving("Help"), proving("Help")], result(), result(Verdict.FAILED, check="accept s/1 #2"))
    assert found["Help"].standing is Standing.FAILING
    assert found["Help"].by == (CHECK, "accept s/1 #2")
    assert look([proving("Help"), proving("Help")], result())["Help"].standing is Standing.LINKED


def test_a_requirement_without_a_check_of_its_own_needs_every_scenario() -> None:
    half = look([proving("Sum / two")], result())
    assert half["Sum / two"].standing is Standing.PASSING
    assert (half["Sum"].standing, half["Sum"].because) == (Standing.NONE, "1 scenario of 2 not linked")
    assert look([proving("Sum / two", "Sum / none")], result())["Sum"].standing is Standing.PASSING


def test_a_failing_scenario_fails_its_requirement_whatever_else_passes() -> None:
    found = look(
        [proving("Sum"), proving("Sum / two")], result(), result(Verdict.FAILED, check="accept s/1 #2")
    )
    assert found["Sum"].standing is Standing.FAILING
    assert found["Sum"].because.startswith("two: ")
    assert found["Sum / none"].standing is Standing.NONE


def test_a_scenario_of_a_feature_stands_as_its_own_rows_do() -> None:
    both = [proving("Sum / two", "Sum / none", kind=Means.GHERKIN)]
    cases = Cases(passed=("Two", "none"), failed=("none #2",))
    found = look(both, result(Verdict.FAILED, cases=cases))
    assert found["Sum / two"].standing is Standing.PASSING
    assert found["Sum / none"].standing is Standing.FAILING
    assert found["Sum"].standing is Standing.FAILING


def test_rows_of_a_check_without_a_verdict_on_the_tree_prove_nothing() -> None:
    both = [proving("Sum / two", kind=Means.GHERKIN)]
    found = look(both, result(Verdict.COULD_NOT_RUN, cases=Cases(passed=("two",))))
    assert found["Sum / two"].standing is Standing.LINKED


_results = st.lists(
    st.builds(
        result, st.sampled_from(list(Verdict)), check=st.sampled_from([CHECK, "accept s/1 #2", "tests"]),
        tree=st.sampled_from([HERE, ELSEWHERE]), digest=st.sampled_from(["d", "old"]), at=st.floats(0, 9),
    ),
    max_size=6,
)  # fmt: skip
_accepts = st.lists(
    st.lists(st.sampled_from(SPEC.criteria), max_size=3).map(lambda names: proving(*names)), max_size=2
)


@given(_accepts, _results)
def test_nothing_passes_without_a_current_pass_of_each_of_its_checks(
    accept: list[Acceptance], results: list[CheckResult]
) -> None:
    passed = {each.check for each in results if each == replace(result(check=each.check), at=each.at)}
    for criterion in look(accept, *results).values():
        if criterion.standing is Standing.PASSING:
            assert criterion.by
            assert set(criterion.by) <= passed
