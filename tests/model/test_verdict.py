import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import Tree
from podium.model.verdict import Verdict, combine

verdicts = st.lists(st.sampled_from(Verdict))


@pytest.mark.parametrize(
    ("found", "whole"),
    [
        ([], Verdict.RAN_NOTHING),
        ([Verdict.PASSED], Verdict.PASSED),
        ([Verdict.PASSED, Verdict.RAN_NOTHING], Verdict.RAN_NOTHING),
        ([Verdict.RAN_NOTHING, Verdict.COULD_NOT_RUN], Verdict.COULD_NOT_RUN),
        ([Verdict.COULD_NOT_RUN, Verdict.FAILED, Verdict.PASSED], Verdict.FAILED),
    ],
)
def test_a_gate_is_as_good_as_its_worst_check(found: list[Verdict], whole: Verdict) -> None:
    assert combine(found) is whole


@given(verdicts)
def test_a_gate_passes_only_when_something_ran_and_all_of_it_passed(found: list[Verdict]) -> None:
    assert (combine(found) is Verdict.PASSED) == (bool(found) and set(found) == {Verdict.PASSED})


@given(verdicts)
def test_a_gate_fails_only_by_a_check_that_failed(found: list[Verdict]) -> None:
    assert (combine(found) is Verdict.FAILED) == (Verdict.FAILED in found)


@given(verdicts.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_of_checks_does_not_matter(pair: tuple[list[Verdict], list[Verdict]]) -> None:
    assert combine(pair[0]) is combine(pair[1])


@given(verdicts)
def test_evidence_cannot_claim_more_than_its_results(found: list[Verdict]) -> None:
    results = tuple(
        CheckResult(f"check {n}", "d", Tree("t"), verdict, "so it is") for n, verdict in enumerate(found)
    )
    evidence = Evidence("gate:x", "x", Tree("t"), "base", "gate", results, 1.0)
    assert evidence.verdict is combine(found)
    assert evidence.finding().verdict is evidence.verdict
